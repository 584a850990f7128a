//! Places in text: byte offsets inside, lines and UTF-16 columns at the edge.

use crate::lists::Collect;
use std::sync::Arc;

/// A half-open range of byte offsets into one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        Self { start: clamp(start), end: clamp(end) }
    }

    /// The empty span before `offset`.
    #[must_use]
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    #[must_use]
    pub fn contains(self, offset: usize) -> bool {
        (self.start as usize..self.end as usize).contains(&offset)
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The piece of `text` that this span covers; empty when it does not fit.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Offsets are 32-bit, as in the report: a text of 4 GiB is refused long before.
fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A text taken out of the file, continuations and the comments between them removed, with the way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    pub text: String,
    /// (offset in `text`, offset in the file) where a piece starts that is contiguous in both, in order.
    pub pieces: Vec<(u32, u32)>,
}

impl Excerpt {
    /// Adds a piece that stands at `offset` in the file.
    pub fn push(&mut self, piece: &str, offset: usize) {
        let start = self.text.len();
        // A piece that goes on where the last one ends is no new one.
        let follows = self.pieces.last().is_some_and(|(text, file)| *file as usize + start - *text as usize == offset);
        // The first one counts even when it is empty: it says where the text begins.
        if !follows && (start == 0 || !piece.is_empty()) {
            self.pieces.push((clamp(start), clamp(offset)));
        }
        self.text.push_str(piece);
    }

    /// A text that stands in the file as it is, from `start` on.
    #[must_use]
    pub fn contiguous(text: impl Into<String>, start: usize) -> Self {
        Self { text: text.into(), pieces: vec![(0, clamp(start))] }
    }

    /// A range of this text, with its own way back; empty when it does not fit.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let Some(text) = self.text.get(start..end) else { return Self::default() };
        let first = (clamp(0), self.span(start, start).start);
        let inside = |at: &u32| (*at as usize) > start && (*at as usize) < end;
        let from = self.pieces.partition_point(|(at, _)| (*at as usize) <= start);
        let rest = self.pieces[from..].iter().take_while(|(at, _)| inside(at));
        let pieces = std::iter::once(first).chain(rest.map(|(at, file)| (at - clamp(start), *file))).collect_vec();
        Self { text: text.to_owned(), pieces }
    }

    /// Where a range of this text stands in the file.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let back = |offset: usize| {
            let at = self.pieces.partition_point(|(text, _)| *text as usize <= offset);
            let (text, file) = at.checked_sub(1).and_then(|n| self.pieces.get(n)).copied().unwrap_or_default();
            file as usize + offset.saturating_sub(text as usize)
        };
        let first = back(start);
        // The end belongs to the piece of the last byte, not to what follows a continuation.
        let last = if end > start { back(end - 1) + 1 } else { first };
        Span::new(first, last)
    }
}

/// A place in one of the dropped files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    pub path: Arc<str>,
    pub span: Span,
}

impl Location {
    #[must_use]
    pub fn new(path: &Arc<str>, span: Span) -> Self {
        Self { path: Arc::clone(path), span }
    }

    /// The file as a whole, for what has no lines (a program).
    #[must_use]
    pub fn file(path: &Arc<str>) -> Self {
        Self::new(path, Span::default())
    }
}

/// A position as the Language Server Protocol counts it: zero-based line, zero-based UTF-16 code unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Position {
    pub line: u32,
    pub character: u32,
}

/// Finds the line and UTF-16 column of a byte offset.
///
/// Lines end at `\n`, `\r\n` or a lone `\r`, as the Language Server Protocol has them.
pub struct LineIndex<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = (offset as usize).min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let start = self.starts[line];
        // An offset inside a character counts as that character's start.
        let character = self.text[start..]
            .char_indices()
            .take_while(|(at, c)| start + at + c.len_utf8() <= offset)
            .map(|(_, c)| c.len_utf16())
            .sum::<usize>();
        Position { line: clamp(line), character: clamp(character) }
    }

    /// The byte offset of a position; past the end of a line or of the text it is the next line's start or the end.
    #[must_use]
    pub fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.starts.get(line) else { return self.text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let mut left = position.character as usize;
        let mut chars = self.text[start..end].char_indices();
        let at = chars.find(|(_, c)| {
            let reached = left == 0;
            left = left.saturating_sub(c.len_utf16());
            reached
        });
        at.map_or(end, |(at, _)| start + at)
    }

    /// The one-based line number, as people and compilers count.
    #[must_use]
    pub fn line_number(&self, offset: u32) -> u32 {
        self.position(offset).line + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, offset: u32, line: u32, character: u32) {
        assert_eq!(LineIndex::new(text).position(offset), Position { line, character });
    }

    #[test]
    fn a_slice_of_an_excerpt_keeps_its_way_back() {
        // `ab \` and `cd` in two lines.
        let excerpt = Excerpt { text: "ab cd".into(), pieces: vec![(0, 10), (3, 20)] };
        let slice = excerpt.slice(1, 5);
        assert_eq!(slice.text, "b cd");
        assert_eq!((slice.span(0, 1), slice.span(2, 4)), (Span::new(11, 12), Span::new(20, 22)));
        assert_eq!(excerpt.slice(4, 9), Excerpt::default());
    }

    #[test]
    fn positions_count_utf16_and_every_line_end() {
        check("", 0, 0, 0);
        check("a\nb", 2, 1, 0);
        check("a\r\nb", 3, 1, 0);
        check("a\rb", 2, 1, 0);
        check("日本x", 6, 0, 2);
        check("😀x", 4, 0, 2);
        check("😀x", 2, 0, 0);
        check("a\n", 9, 1, 0);
    }

    #[test]
    fn a_position_leads_back_to_its_offset() {
        for text in ["", "a\nb", "a\r\nb\r\n", "a\rb", "日本x\n", "😀x\ny"] {
            let lines = LineIndex::new(text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                assert_eq!(lines.offset(lines.position(clamp(offset))), offset, "{text:?}");
            }
            assert_eq!(lines.offset(Position { line: 9, character: 9 }), text.len());
        }
    }
}
