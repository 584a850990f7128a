//! Changes that mend: edits of the dropped files, with what they cost.

use crate::lists;
use std::sync::Arc;

use crate::source::Span;
use crate::text::Text;

/// One change that a person may choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, as an order: "turn cgo off for this build".
    pub title: Text,
    /// What it costs, as a sentence.
    pub tradeoff: Text,
    /// To apply together; empty when the change is not in a dropped file.
    pub edits: Vec<Edit>,
}

/// Replaces a range of a dropped file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    pub path: Arc<str>,
    pub span: Span,
    pub new_text: String,
}

/// Another way to make a program, offered by the toolchain that makes it.
///
/// A rule that fails takes those that aim at what it misses; it needs to know nothing of the toolchain.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    pub aim: Aim,
    pub fix: Fix,
}

/// What a [`Remedy`] changes about the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// No loader and no libraries: it starts on any image of its platform.
    Static,
    /// Linked for the musl loader.
    Musl,
    /// Linked for the glibc loader.
    Glibc,
    /// Built for the image's platform.
    TargetPlatform,
    /// A static link that does not die, or one whose name service works.
    SoundStatic,
    /// The C compiler or the cgo setting that the build lacks.
    Compiler,
    /// Carries the certificates or the time zones with it.
    Embed,
}

/// Applies edits to one text; those that overlap an earlier one are left out.
#[must_use]
pub fn apply(text: &str, edits: &[&Edit]) -> String {
    let mut sorted = edits.to_vec();
    lists::sort_by_key(&mut sorted, |edit| edit.span);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in sorted {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if let Some(between) = text.get(at..start).filter(|_| end >= start && end <= text.len()) {
            out.push_str(between);
            out.push_str(&edit.new_text);
            at = end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_applied_by_place_and_overlaps_left_out() {
        let edit = |start, end, new: &str| Edit { path: "f".into(), span: Span::new(start, end), new_text: new.into() };
        let edits = [edit(4, 5, "X"), edit(0, 1, "B"), edit(0, 0, "A"), edit(4, 6, "!"), edit(9, 10, "?")];
        assert_eq!(apply("012345", &edits.iter().collect::<Vec<_>>()), "AB123X5");
    }
}
