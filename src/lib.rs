//! execlens tells whether a program will start in a container image, why not, and what mends it.
//!
//! `ARCHITECTURE.md` is the map; the modules stand here in reading order.

pub mod input;
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

pub mod project;
pub mod toolchain;

pub mod build;
pub mod launch;

pub mod diagnostic;
pub mod fix;
pub mod rules;
