//! A Rust that can compile for `wasm32-unknown-unknown`: the one that is here, completed, or the distribution's.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::run::{apt_install, cargo, find, output, root, run_within, succeeds};

pub(crate) const TRIPLE: &str = "wasm32-unknown-unknown";

/// How to compile for wasm on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WasmTarget {
    /// The Rust that runs this program has the target's standard library.
    Here,
    /// Debian's Rust, which brings the standard library as sources to build along.
    Debian,
}

impl WasmTarget {
    /// Finds it, or installs what is missing.
    ///
    /// # Errors
    /// Where it can be neither found nor installed; the message says what to install.
    pub(crate) fn obtain() -> Result<Self> {
        if is_here() {
            return Ok(Self::Here);
        }
        if find("rustup").is_some() {
            eprintln!("Adding the target {TRIPLE} to this toolchain");
            // The package has some 20 MB; without a network it may never answer.
            let added = run_within(Duration::from_secs(180), Command::new("rustup").args(["target", "add", TRIPLE]));
            match added {
                Ok(()) if is_here() => return Ok(Self::Here),
                Ok(()) => {}
                Err(error) => eprintln!("{error:#}"),
            }
        }
        if debian_is_complete() {
            return Ok(Self::Debian);
        }
        eprintln!("Installing {}", PACKAGES.join(" "));
        if matches!(apt_install(&PACKAGES), Ok(true)) && debian_is_complete() {
            return Ok(Self::Debian);
        }
        bail!(
            "no Rust here can compile for {TRIPLE}; either of these brings one:\n  \
             rustup target add {TRIPLE}\n  \
             sudo apt-get install {}      (Debian 12 or later, Ubuntu)",
            PACKAGES.join(" ")
        )
    }

    /// `cargo build` for the target, with the profile's own flags still to come.
    pub(crate) fn cargo_build(self) -> Command {
        let mut command = match self {
            Self::Here => cargo(),
            Self::Debian => debian_cargo(),
        };
        if self == Self::Debian {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command.args(["build", "--lib", "--target", TRIPLE]).arg("--target-dir").arg(root().join(self.target_dir()));
        command
    }

    /// The same for the least download: with a standard library that is built along, for size.
    ///
    /// `None` where its sources are not to be had, or the compiler does not know how.
    pub(crate) fn small_cargo_build(self) -> Option<Command> {
        let mut rustc = match self {
            Self::Here => rustc(),
            Self::Debian => Command::new(RUSTC),
        };
        let knows_how = rustc.env("RUSTC_BOOTSTRAP", "1").args(SMALL.split(' ')).args(["--print", "cfg"]);
        if !succeeds(knows_how) || (self == Self::Here && !has_sources_here()) {
            return None;
        }
        let mut command = self.cargo_build();
        if self == Self::Here {
            command.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
        }
        command.arg("-Zbuild-std-features=optimize_for_size").env("RUSTFLAGS", SMALL);
        Some(command)
    }

    /// Two compilers with one folder would undo each other's work.
    pub(crate) fn target_dir(self) -> &'static str {
        match self {
            Self::Here => "target",
            Self::Debian => "target/debian",
        }
    }

    /// The compiler's version, which decides what comes out.
    pub(crate) fn version(self) -> Result<String> {
        match self {
            Self::Here => output(&mut rustc()),
            Self::Debian => output(Command::new(RUSTC).arg("--version")),
        }
    }
}

/// A bug ends in a trap without words, which nobody could see but on the console, and `{:?}` prints nothing; what people
/// read never comes from either.
const SMALL: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none";

/// Whether the sources of the standard library are beside the compiler here, where rustup may have to bring them.
fn has_sources_here() -> bool {
    let there = || {
        let folder = output(rustc().args(["--print", "sysroot"])).unwrap_or_default();
        Path::new(folder.trim()).join("lib/rustlib/src/rust/library/std/Cargo.toml").exists()
    };
    if there() || find("rustup").is_none() {
        return there();
    }
    eprintln!("Adding the sources of the standard library to this toolchain");
    let limit = Duration::from_secs(60);
    match run_within(limit, Command::new("rustup").args(["component", "add", "rust-src"])) {
        Ok(()) => there(),
        Err(error) => {
            eprintln!("{error:#}");
            false
        }
    }
}

fn is_here() -> bool {
    let libraries = output(rustc().args(["--print", "target-libdir", "--target", TRIPLE])).unwrap_or_default();
    let Ok(entries) = std::fs::read_dir(libraries.trim()) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// The compiler beside the cargo that runs this program.
fn rustc() -> Command {
    let mut command = Command::new("rustc");
    command.current_dir(root());
    command
}

/// The compiler, cargo, the standard library's sources and the linker for wasm.
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const LINKER: &str = "wasm-ld-19";

fn debian_is_complete() -> bool {
    Path::new(SOURCES).exists()
        && find(LINKER).is_some()
        && succeeds(Command::new(CARGO).arg("--version"))
        && succeeds(Command::new(RUSTC).arg("--version"))
}

fn debian_cargo() -> Command {
    let mut command = Command::new(CARGO);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = std::iter::once("/usr/bin".into()).chain(std::env::split_paths(&path));
    command.current_dir(root());
    command.env("PATH", std::env::join_paths(first).expect("it was split from a valid PATH"));
    // Building the standard library along is not a stable option yet; the distribution has one version of both.
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER);
    // What another Rust set for this program would lead this one to the other's files.
    for variable in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "CARGO", "RUSTC", "RUSTDOC", "LD_LIBRARY_PATH"] {
        command.env_remove(variable);
    }
    command
}
