//! An image reference to what the image provides.

mod config;
pub mod packages;
pub mod variants;

mod bases;
mod catalog;
mod contents;
mod family;
mod libraries;
mod pattern;
mod reference;
mod resolve;
mod soname;
mod standing;
mod tags;
mod tools;
mod users;

pub use config::{Config, Healthcheck};
pub use reference::{same_reference, short_reference};
pub use resolve::resolve;
pub use variants::usual;

use crate::fact::{Fact, Knowledge, Provenance};
use crate::needs::Language;
use crate::platform::Platform;
use crate::tree::Tree;

/// What is known of an image: its files, its configuration, and what a build in it would find.
#[derive(Clone, Debug)]
pub struct Image {
    /// The reference as it was resolved: `golang:1.18`, with the tag completed.
    pub reference: String,
    pub platform: Platform,
    /// The record that describes it, or why there is none.
    pub record: Knowledge<()>,
    /// `alpine 3.19`, `debian 12`; `None` for scratch.
    pub distribution: Option<Fact<Distribution>>,
    pub libc: Knowledge<Option<Libc>>,
    pub tree: Tree,
    pub config: Config,
    /// Compilers and runtimes with their versions: Go 1.18.10.
    pub tools: Vec<Fact<Tool>>,
    /// Whether a C compiler (`gcc`, `cc` or `clang`) is in `PATH`.
    pub c_compiler: Knowledge<bool>,
    /// Packages that instructions of a Dockerfile installed by name, in order; empty for a catalog's image.
    pub packages: Vec<Fact<String>>,
    /// When the reference is a moving tag: what it meant over time, for a warning about drift.
    pub moves: Option<Fact<Vec<Move>>>,
}

/// A distribution as `/etc/os-release` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// `alpine`, `debian`, `ubuntu`, `rhel`, `distroless`, …
    pub id: String,
    /// `3.19`, `12`, `22.04`; empty for a rolling one.
    pub version: String,
    /// What people call it: `Alpine 3.19`, `Debian 12 (bookworm)`.
    pub name: String,
}

/// The C library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Libc {
    pub family: LibcFamily,
    /// `2.36`, `1.2.5`
    pub version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LibcFamily {
    Glibc,
    Musl,
    Uclibc,
    Bionic,
}

/// A compiler or runtime that an image brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    pub language: Language,
    /// As far as the tag tells: `1.18`, `1.18.10`; empty when only the presence is known.
    pub version: String,
    /// The target it builds for by default, where the language has one: `x86_64-unknown-linux-musl`.
    pub target: Option<String>,
}

/// What a moving tag meant from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The month, in ISO 8601: `2023-06`.
    pub since: String,
    /// The base it stood on: `debian:bookworm`.
    pub base: String,
}

impl Image {
    /// Whether its files were read from an archive, and not recorded in the catalog.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.record.known().is_some_and(|record| matches!(record.from, Provenance::InImage(_)))
    }

    /// `scratch`: no files, no configuration, and that for sure.
    #[must_use]
    pub fn scratch(platform: &Platform) -> Self {
        Self {
            reference: "scratch".into(),
            platform: platform.clone(),
            record: Knowledge::Known(Fact::new((), Provenance::Always)),
            distribution: None,
            libc: Knowledge::Known(Fact::new(None, Provenance::Always)),
            tree: Tree::empty(),
            config: Config::default(),
            tools: Vec::new(),
            c_compiler: Knowledge::Known(Fact::new(false, Provenance::Always)),
            packages: Vec::new(),
            moves: None,
        }
    }
}
