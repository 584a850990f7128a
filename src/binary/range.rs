//! Bounded reads from a file.

use crate::input::{Input, ReadAt};

/// A file, read by ranges that never reach past its end and never ask for more than they are told.
pub(super) struct Range<'f> {
    content: &'f dyn ReadAt,
    pub(super) size: u64,
}

impl<'f> Range<'f> {
    pub(super) fn of(input: &'f Input) -> Self {
        Self::new(&*input.content)
    }

    pub(super) fn new(content: &'f dyn ReadAt) -> Self {
        Self { content, size: content.size() }
    }

    /// At most `length` bytes from `offset`; fewer at the end of the file, `None` when it cannot be read.
    pub(super) fn read(&self, offset: u64, length: usize) -> Option<Vec<u8>> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length.min(left)];
        if !bytes.is_empty() {
            self.content.read_at(offset, &mut bytes).ok()?;
        }
        Some(bytes)
    }

    /// Exactly `length` bytes from `offset`, when the file has them and they are no more than `limit`.
    pub(super) fn exact(&self, offset: u64, length: u64, limit: usize) -> Option<Vec<u8>> {
        let length = usize::try_from(length).ok().filter(|length| *length <= limit)?;
        let bytes = self.read(offset, length)?;
        (bytes.len() == length).then_some(bytes)
    }

    /// Looks through `offset..offset + length` in pieces, until `look` has seen enough.
    ///
    /// Each piece starts with the last [`OVERLAP`] bytes of the one before, so what is shorter is seen whole.
    pub(super) fn scan(&self, offset: u64, length: u64, mut look: impl FnMut(&[u8]) -> bool) {
        let end = offset.saturating_add(length).min(self.size);
        let mut at = offset;
        while at < end {
            let piece = usize::try_from(end - at).unwrap_or(usize::MAX).min(PIECE);
            let Some(bytes) = self.read(at, piece) else { return };
            if look(&bytes) || at + piece as u64 >= end {
                return;
            }
            at += piece as u64 - OVERLAP;
        }
    }
}

const PIECE: usize = 256 << 10;
/// The bytes that two pieces of a scan share.
pub(super) const OVERLAP: u64 = 256;

/// The first place of `needle` in `haystack`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(step) = haystack.get(from..)?.iter().position(|byte| *byte == first) {
        let at = from + step;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

pub(super) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    find(haystack, needle).is_some()
}

/// The text up to the next zero byte, when it is short and readable.
pub(super) fn c_string(bytes: &[u8], at: usize) -> Option<&str> {
    let rest = bytes.get(at..)?;
    let rest = &rest[..rest.len().min(MAXIMUM_NAME)];
    let end = rest.iter().position(|byte| *byte == 0)?;
    std::str::from_utf8(&rest[..end]).ok()
}

/// C++ names grow long; a path ends at 4096 (`PATH_MAX`).
const MAXIMUM_NAME: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stay_inside_the_file() {
        let bytes = b"abcdef".to_vec();
        let range = Range::new(&bytes);
        assert_eq!(range.read(4, 9).as_deref(), Some(&b"ef"[..]));
        assert_eq!(range.read(9, 9).as_deref(), Some(&b""[..]));
        assert_eq!(range.exact(4, 3, 9), None);
        assert_eq!(range.exact(0, u64::MAX, 9), None);
    }

    #[test]
    fn what_lies_across_two_pieces_is_found() {
        let mut bytes = vec![b'x'; PIECE + 10];
        bytes[PIECE - 3..PIECE + 3].copy_from_slice(b"needle");
        let mut found = false;
        Range::new(&bytes).scan(0, u64::MAX, |piece| {
            found |= contains(piece, b"needle");
            found
        });
        assert!(found);
    }
}
