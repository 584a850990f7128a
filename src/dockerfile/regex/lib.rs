//! What `dockerfile-parser` gets when it asks for `regex`.
//!
//! It uses two plain patterns, for which the whole engine with its Unicode tables would be 252 KB of the download, and a
//! small engine 8 KB; so there the two are written out, and a third would be an error.
//! Elsewhere, where the tests' own tools ask for `regex` too, it is `regex-lite`, which has the same interface.
//! The root's `[patch.crates-io]` puts this package in the other's place.

pub mod two;

#[cfg(target_arch = "wasm32")]
pub use two::{Captures, Error, Match, Regex};

#[cfg(not(target_arch = "wasm32"))]
pub use regex_lite::*;
