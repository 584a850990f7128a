//! The kernel executes the program, or refuses it.

use super::Rule;

pub static RULES: &[&Rule] = &[];
