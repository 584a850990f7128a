//! Bytes to text, without losing what the bytes were.
//!
//! BuildKit works on bytes. It shows each byte that is no UTF-8 as one U+FFFD, and in two places (flags and the kind of
//! a HEALTHCHECK) it takes every byte for a character of its own; so the broken bytes are remembered.

/// The byte order mark of UTF-8, which BuildKit takes off the first line.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What stands for a byte that is no UTF-8.
pub(super) const REPLACEMENT: &str = "\u{fffd}";

/// Text, and the bytes that it could not hold.
pub(super) struct Source {
    pub text: String,
    /// The file began with a byte order mark of UTF-8.
    pub marked: bool,
    /// Offset in `text` of each U+FFFD that stands for a broken byte, with that byte; in order.
    pub broken: Vec<(u32, u8)>,
}

impl Source {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let marked = bytes.starts_with(MARK);
        let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
        let mut source = Self { text: String::with_capacity(bytes.len()), marked, broken: Vec::new() };
        for chunk in bytes.utf8_chunks() {
            source.text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                source.broken.push((u32::try_from(source.text.len()).unwrap_or(u32::MAX), *byte));
                source.text.push_str(REPLACEMENT);
            }
        }
        source
    }

    /// How many bytes of the file a range of the text was.
    pub(super) fn bytes(&self, start: usize, end: usize) -> usize {
        let before = |offset: usize| self.broken.partition_point(|(at, _)| (*at as usize) < offset);
        (end - start) - (REPLACEMENT.len() - 1) * (before(end) - before(start))
    }

    /// The broken byte that the U+FFFD at `offset` stands for.
    pub(super) fn broken_at(&self, offset: usize) -> Option<u8> {
        let at = self.broken.binary_search_by(|(at, _)| (*at as usize).cmp(&offset)).ok()?;
        self.broken.get(at).map(|(_, byte)| *byte)
    }

    /// Whether a range of the text holds broken bytes.
    pub(super) fn is_broken(&self, start: usize, end: usize) -> bool {
        self.bytes(start, end) != end - start
    }
}

/// Whether the file is UTF-16 with a byte order mark, as some Windows editors save text.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_broken_byte_is_one_replacement() {
        let source = Source::new(b"\xef\xbb\xbfa\xff\xe3\x81x");
        assert_eq!(source.text, "a\u{fffd}\u{fffd}\u{fffd}x");
        assert_eq!(source.broken, [(1, 0xff), (4, 0xe3), (7, 0x81)]);
        assert_eq!(source.bytes(0, source.text.len()), 5);
        assert_eq!(source.broken_at(4), Some(0xe3));
        assert_eq!(source.broken_at(5), None);
        assert!(source.marked && source.is_broken(0, 4) && !source.is_broken(0, 1));
    }
}
