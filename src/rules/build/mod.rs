//! The image is built: what stops the build, or makes it build something else.

use super::Rule;

pub static RULES: &[&Rule] = &[];
