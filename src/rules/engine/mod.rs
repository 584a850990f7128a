//! The engine looks the program up, before it executes anything.

use super::Rule;

pub static RULES: &[&Rule] = &[];
