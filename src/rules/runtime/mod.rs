//! The program runs, and soon asks for something that the image does not have.

use super::Rule;

pub static RULES: &[&Rule] = &[];
