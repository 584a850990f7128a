//! The headers of a tar file, without the contents between them.
//!
//! The format is POSIX.1-2001's `ustar` with its extended headers (`pax`), and GNU's and the old V7 format beside it
//! (GNU tar's manual, "Basic Tar Format"; libarchive's `tar(5)`).

use std::io;

use crate::input::ReadAt;

/// Headers and contents are padded to this.
pub(super) const BLOCK: u64 = 512;

/// Names and extended headers: attributes of a file may be some kilobytes, and nothing honest is longer.
const LONGEST_EXTENSION: u64 = 1 << 20;

/// One file, link or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// As written, which may be absolute or hold `..`.
    pub(super) path: String,
    pub(super) kind: Kind,
    /// Permission bits.
    pub(super) mode: u32,
    pub(super) user: u64,
    pub(super) group: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File {
        start: u64,
        size: u64,
    },
    /// A file with holes, whose content does not lie in one piece.
    Sparse,
    Directory,
    Symlink(String),
    /// Another name of an earlier member.
    Hardlink(String),
    /// A device or a pipe.
    Special,
}

/// Why reading stopped before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// The file ends within a member.
    Truncated,
    /// What should be a header is none.
    Broken,
    /// The packed data cannot be unpacked.
    Packing,
    /// It holds more than is read.
    TooMuch,
    /// The file cannot be read any more.
    Unreadable,
}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::InvalidData => Self::Packing,
            io::ErrorKind::FileTooLarge => Self::TooMuch,
            _ => Self::Unreadable,
        }
    }
}

/// Whether a file begins with a header; an archive without members is one too.
pub(super) fn is_tar(content: &dyn ReadAt) -> bool {
    let mut block = [0; BLOCK as usize];
    content.read_at(0, &mut block).is_ok() && (Header(&block).is_valid() || is_end(&block))
}

/// The members in order; after an error there are no more.
pub(super) struct Members<'a> {
    source: &'a dyn ReadAt,
    at: u64,
    ended: bool,
}

impl<'a> Members<'a> {
    pub(super) fn of(source: &'a dyn ReadAt) -> Self {
        Self { source, at: 0, ended: false }
    }

    /// Goes on to the next member; extensions that stand before it are taken in.
    fn read(&mut self) -> Result<Option<Member>, Damage> {
        let mut extensions = Extensions::default();
        let mut block = [0; BLOCK as usize];
        loop {
            match self.source.read_at(self.at, &mut block) {
                // An archive may end without its two empty blocks, but not within a member.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && self.at >= self.source.size() => {
                    let exact = self.at == self.source.size() && !extensions.any;
                    return if exact { Ok(None) } else { Err(Damage::Truncated) };
                }
                other => other?,
            }
            if is_end(&block) {
                return Ok(None);
            }
            let header = Header(&block);
            if !header.is_valid() {
                return Err(Damage::Broken);
            }
            let size = header.number(124..136).ok_or(Damage::Broken)?;
            let start = self.at + BLOCK;
            match header.kind() {
                b'x' | b'L' | b'K' => {
                    let text = self.extension(start, size)?;
                    extensions.add(header.kind(), &text);
                }
                // For all that follow: nothing that a start hangs on.
                b'g' => {}
                kind => return self.member(&header, kind, start, size, extensions).map(Some),
            }
            self.at = after(start, size)?;
        }
    }

    fn extension(&self, start: u64, size: u64) -> Result<Vec<u8>, Damage> {
        if size > LONGEST_EXTENSION {
            return Err(Damage::TooMuch);
        }
        if size > self.source.size().saturating_sub(start) {
            return Err(Damage::Truncated);
        }
        let mut text = vec![0; size as usize];
        self.source.read_at(start, &mut text)?;
        Ok(text)
    }

    fn member(
        &mut self,
        header: &Header<'_>,
        kind: u8,
        start: u64,
        size: u64,
        given: Extensions,
    ) -> Result<Member, Damage> {
        let path = given.path.unwrap_or_else(|| header.path());
        let target = given.target.unwrap_or_else(|| header.text(157..257));
        // What is no file has no content, whatever the size says (POSIX, "ustar Interchange Format").
        let holds_nothing = matches!(kind, b'1'..=b'6');
        let mut size = given.size.unwrap_or(size);
        let mut start = start;
        if holds_nothing {
            size = 0;
        }
        if kind == b'S' {
            start = self.sparse_map(header, start)?;
        }
        self.at = after(start, size)?;
        if start.checked_add(size).is_none_or(|end| end > self.source.size()) {
            return Err(Damage::Truncated);
        }
        let kind = match kind {
            b'1' => Kind::Hardlink(target),
            b'2' => Kind::Symlink(target),
            b'3' | b'4' | b'6' => Kind::Special,
            // V7 had no type for directories, and GNU has one for incremental archives.
            b'5' | b'D' => Kind::Directory,
            b'\0' if path.ends_with('/') => Kind::Directory,
            b'S' => Kind::Sparse,
            _ if given.sparse => Kind::Sparse,
            _ => Kind::File { start, size },
        };
        let number = |range| header.number(range).unwrap_or(0);
        let mode = (number(100..108) & 0o7777) as u32;
        let user = given.user.unwrap_or_else(|| number(108..116));
        let group = given.group.unwrap_or_else(|| number(116..124));
        Ok(Member { path, kind, mode, user, group })
    }

    /// GNU's map of holes goes on in blocks of its own, while the last byte of 21 entries says so.
    fn sparse_map(&self, header: &Header<'_>, start: u64) -> Result<u64, Damage> {
        let mut at = start;
        let mut goes_on = header.0[482];
        while goes_on != 0 {
            let mut block = [0; BLOCK as usize];
            self.source.read_at(at, &mut block)?;
            goes_on = block[504];
            at += BLOCK;
        }
        Ok(at)
    }
}

impl Iterator for Members<'_> {
    type Item = Result<Member, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Where the next header stands.
fn after(start: u64, size: u64) -> Result<u64, Damage> {
    size.checked_next_multiple_of(BLOCK).and_then(|padded| start.checked_add(padded)).ok_or(Damage::Broken)
}

fn is_end(block: &[u8]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// What stands before a header and takes the place of its fields.
#[derive(Default)]
struct Extensions {
    any: bool,
    path: Option<String>,
    target: Option<String>,
    size: Option<u64>,
    user: Option<u64>,
    group: Option<u64>,
    sparse: bool,
}

impl Extensions {
    fn add(&mut self, kind: u8, bytes: &[u8]) {
        self.any = true;
        match kind {
            b'L' => self.path = Some(until_zero(bytes)),
            b'K' => self.target = Some(until_zero(bytes)),
            _ => self.records(bytes),
        }
    }

    /// Records of `length key=value\n`, where the length counts itself.
    fn records(&mut self, mut bytes: &[u8]) {
        while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
            let length = std::str::from_utf8(&bytes[..space]).ok().and_then(|digits| digits.parse::<usize>().ok());
            let Some(length) = length.filter(|length| (space + 2..=bytes.len()).contains(length)) else { return };
            let record = String::from_utf8_lossy(&bytes[space + 1..length - 1]);
            if let Some((key, value)) = record.split_once('=') {
                self.record(key, value);
            }
            bytes = &bytes[length..];
        }
    }

    fn record(&mut self, key: &str, value: &str) {
        match key {
            // GNU's sparse files have a made-up name in `path`.
            "path" if !self.sparse => self.path = Some(value.to_owned()),
            "GNU.sparse.name" => {
                self.path = Some(value.to_owned());
                self.sparse = true;
            }
            "linkpath" => self.target = Some(value.to_owned()),
            "size" => self.size = value.parse().ok(),
            "uid" => self.user = value.parse().ok(),
            "gid" => self.group = value.parse().ok(),
            _ if key.starts_with("GNU.sparse.") => self.sparse = true,
            _ => {}
        }
    }
}

/// 512 bytes: name (100), mode, user, group (8 each), size, time (12), checksum (8), type (1), link (100), magic (8),
/// names of user and group (32), device (8 + 8), prefix (155).
struct Header<'b>(&'b [u8; BLOCK as usize]);

impl Header<'_> {
    /// The sum of all bytes, with blanks for the sum itself; some old programs took the bytes as signed.
    fn is_valid(&self) -> bool {
        let Some(written) = self.number(148..156) else { return false };
        let (mut sum, mut signed) = (0_u64, 0_i64);
        for (at, byte) in self.0.iter().enumerate() {
            let byte = if (148..156).contains(&at) { b' ' } else { *byte };
            sum += u64::from(byte);
            signed += i64::from(byte as i8);
        }
        written == sum || i64::try_from(written) == Ok(signed)
    }

    fn kind(&self) -> u8 {
        self.0[156]
    }

    fn text(&self, range: std::ops::Range<usize>) -> String {
        until_zero(&self.0[range])
    }

    /// Name and prefix; GNU's own format (`ustar  `) has other things in the prefix's place.
    fn path(&self) -> String {
        let name = self.text(0..100);
        let prefix = if &self.0[257..263] == b"ustar\0" { self.text(345..500) } else { String::new() };
        if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
    }

    /// Octal digits between blanks and zeros, or a binary number when the first bit is set (GNU); none is zero.
    fn number(&self, range: std::ops::Range<usize>) -> Option<u64> {
        let field = &self.0[range];
        if field[0] & 0x80 != 0 {
            // A negative number, or one beyond 64 bits, is none that is meant.
            let (first, rest) = (field[0] & 0x7f, &field[1..]);
            return rest.iter().try_fold(u64::from(first), |number, byte| {
                number.checked_mul(256).map(|number| number | u64::from(*byte))
            });
        }
        let digits = field.iter().skip_while(|byte| **byte == b' ').take_while(|byte| !matches!(**byte, b' ' | 0));
        digits.copied().try_fold(0_u64, |number, byte| match byte {
            b'0'..=b'7' => number.checked_mul(8)?.checked_add(u64::from(byte - b'0')),
            _ => None,
        })
    }
}

fn until_zero(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
