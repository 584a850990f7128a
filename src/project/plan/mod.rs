//! What a runner of tasks executes: scripts in order, as its file says.

pub mod goreleaser;
pub mod just;
pub mod task;

use super::make::UNKNOWN_VARIABLE;
use crate::word::UNKNOWN;

/// Scripts, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub lines: Vec<Line>,
    /// A part of it could not be read.
    pub open: bool,
}

/// A script for a shell. What is not known of it stands as the variable that make's recipes have for that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub script: String,
    /// Where it begins in the file, when it stands there as it is.
    pub at: Option<usize>,
    /// Relative to the file's folder.
    pub directory: Option<String>,
    pub environment: Vec<(String, String)>,
}

/// Tasks call each other so deep.
const DEEPEST: usize = 8;

/// So many scripts are run.
const MOST_LINES: usize = 500;

/// A text with `{{…}}` replaced by what `known` says of the inside.
fn expanded(text: &str, known: &dyn Fn(&str) -> Option<String>) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        whole.push_str(before);
        let Some((inside, after)) = after.split_once("}}") else { break };
        match known(inside.trim()) {
            Some(value) => whole.push_str(&value.replace(UNKNOWN, &format!("${{{UNKNOWN_VARIABLE}}}"))),
            None => whole.push_str(&format!("${{{UNKNOWN_VARIABLE}}}")),
        }
        rest = after;
    }
    whole + rest
}
