//! A Go project: which packages a build takes in, and what they use.
//!
//! The question that matters is whether a program uses cgo, and through what: `net`, `os/user`, `plugin` or C code.
//! The answer is read from the module's own sources, as far as they were dropped; a well-known module answers for
//! itself ([`modules`]), and any other is left open.

mod constraint;
mod graph;
mod hints;
mod layout;
pub mod manifest;
mod modules;
mod source;
mod std;

pub use constraint::Target;
pub use graph::uses;
pub use layout::{Layout, Root, Roots};
pub use modules::{CModule, WithoutCgo, is_major_version};

use ::std::sync::Arc;

use crate::fact::{Condition, Step};

/// What a program takes in, as far as it decides how it is linked and what it asks for later.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Uses {
    pub net: Use,
    pub user: Use,
    pub plugin: Use,
    /// Own or foreign C code.
    pub c: Use,
    /// The libraries that C code names in `#cgo` lines (`-lsqlite3` is `sqlite3`), each with where.
    pub libraries: Vec<(String, Step)>,
    /// A package that cannot work without cgo, and what becomes of the build then.
    pub needs_cgo: Option<(WithoutCgo, Step)>,
    /// A package whose every file is left out by build constraints, and its directory.
    pub no_files: Option<(String, Step)>,
    /// A module that brings a glibc archive, whatever the builder's libc.
    pub glibc_archive: Option<Step>,
    /// Speaks TLS as a client, and so verifies certificates.
    pub tls_client: Use,
    pub embeds_certificates: Option<Step>,
    pub time_zones: Use,
    pub embeds_time_zones: Option<Step>,
}

/// Whether something is used.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Use {
    /// For this reason.
    Yes(Step),
    /// Under a condition that a dropped file suggests.
    Maybe(Arc<Condition>),
    /// Nothing tells.
    #[default]
    Unknown,
    /// Certainly not: every package of the build was read.
    No,
}

impl Use {
    #[must_use]
    pub fn yes(&self) -> Option<&Step> {
        match self {
            Self::Yes(step) => Some(step),
            _ => None,
        }
    }

    /// Keeps the stronger answer: a reason, then a condition, then the lack of one.
    pub(crate) fn raise(&mut self, other: Self) {
        let rank = |used: &Self| match used {
            Self::Yes(_) => 3,
            Self::Maybe(_) => 2,
            Self::Unknown => 1,
            Self::No => 0,
        };
        if rank(&other) > rank(self) {
            *self = other;
        }
    }
}
