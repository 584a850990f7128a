//! The loader brings the program's libraries and symbols together.

use super::Rule;

pub static RULES: &[&Rule] = &[];
