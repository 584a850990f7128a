//! execlens tells whether a program will start in a container image, why not, and what mends it.
//!
//! `ARCHITECTURE.md` is the map; the modules stand here in reading order.

mod json;
mod lists;

pub mod input;
pub mod recognise;
pub mod source;

pub mod fact;
pub mod needs;
pub mod platform;
pub mod text;
pub mod word;

pub mod dockerfile;
pub mod shell;

pub mod image;
pub mod tree;

pub mod archive;
pub mod binary;
pub mod project;
pub mod toolchain;

pub mod build;
pub mod loader;

pub mod launch;

pub mod diagnostic;
pub mod fix;
pub mod rules;

pub mod message;
pub mod options;

pub mod analysis;
pub mod examine;
pub mod judge;
pub mod report;
pub mod verdict;

#[cfg(target_arch = "wasm32")]
pub mod wasm;

use input::Input;
use options::Options;
use report::Report;

pub use report::{Format, format};

/// Checks what was dropped; whatever it is, there is an answer.
///
/// Each file is recognised; each Dockerfile is run in our head, and the rules are asked about the build and about every
/// program that the image would start; each program that was dropped is judged in the usual images.
/// Then each fix is tried, and those that do not mend are left out.
#[must_use]
pub fn check(files: &[Input], options: &Options) -> Report {
    report::report(&examine::examine(files, options), files, options.locale)
}
