//! Scripts, as the kernel reads them (`fs/binfmt_script.c`).

use std::sync::Arc;

use crate::fact::Fact;
use crate::needs::{ScriptNeeds, Shebang};
use crate::source::{Location, Span};

/// How many bytes of a script the kernel looks at (`BINPRM_BUF_SIZE`, include/uapi/linux/binfmts.h; 128 before
/// Linux 5.1).
const KERNEL_BUFFER: usize = 256;

/// An entrypoint script has a few hundred lines; what a longer text starts is not followed.
pub(super) const MAXIMUM_TEXT: usize = 256 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A script whose bytes are at hand.
#[must_use]
pub fn script(bytes: &[u8], at: &Location) -> ScriptNeeds {
    read(bytes, at)
}

/// Whether a file that is nothing else is taken for a script: `#!` stands first, or would if the text did.
pub(super) fn looks_like_one(head: &[u8]) -> bool {
    head.starts_with(b"#!") || preceded(head).is_some()
}

pub(super) fn read(bytes: &[u8], at: &Location) -> ScriptNeeds {
    let shebang = shebang(bytes);
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()).min(KERNEL_BUFFER);
    // The text may stand inside another file, as a here-document does.
    let start = at.span.start as usize;
    let at = Location::new(&at.path, Span::new(start, start + if shebang.is_some() { line } else { 0 }));
    ScriptNeeds {
        shebang: Fact::read(shebang, at),
        preceded_by: preceded(bytes).map(|before| String::from_utf8_lossy(before).into_owned()),
        text: std::str::from_utf8(bytes).ok().map(Arc::from),
    }
}

/// What stands before a `#!` that is not at the start: a byte order mark, blanks, empty lines.
fn preceded(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let blanks = rest.iter().take(KERNEL_BUFFER).take_while(|byte| byte.is_ascii_whitespace()).count();
    let before = bytes.len() - rest.len() + blanks;
    (before > 0 && bytes[before..].starts_with(b"#!")).then(|| &bytes[..before])
}

/// The first line as `load_script` splits it; `None` where it answers `ENOEXEC`.
///
/// A line that does not end within the buffer still counts when the interpreter's path does, since a longer argument
/// is only cut off.
fn shebang(bytes: &[u8]) -> Option<Shebang> {
    if !bytes.starts_with(b"#!") {
        return None;
    }
    // The kernel's buffer is padded with zeros when the file is shorter.
    let mut buffer = [0; KERNEL_BUFFER];
    let length = bytes.len().min(KERNEL_BUFFER);
    buffer[..length].copy_from_slice(&bytes[..length]);

    // `strnchr` stops at a zero byte.
    let written = buffer.iter().position(|byte| *byte == 0).unwrap_or(KERNEL_BUFFER);
    let end = match buffer[..written].iter().position(|byte| *byte == b'\n') {
        Some(end) => end,
        None => {
            let last = KERNEL_BUFFER - 1;
            let name = (2..=last).find(|at| !is_blank(buffer[*at]))?;
            (name..=last).find(|at| ends_word(buffer[*at]))?;
            last
        }
    };
    let line = &buffer[2..end.max(2)];
    let line = &line[..line.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1)];
    let line = &line[line.iter().position(|byte| !is_blank(*byte))?..];
    let (name, rest) = line.split_at(line.iter().position(|byte| ends_word(*byte)).unwrap_or(line.len()));
    if name.is_empty() {
        return None;
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // After the separator, and only when that is no zero byte, blanks are skipped and the rest is one argument.
    let argument = rest.first().filter(|byte| **byte != 0).and_then(|_| {
        let start = rest.iter().position(|byte| !is_blank(*byte))?;
        let argument = &rest[start..];
        Some(text(&argument[..argument.iter().position(|byte| *byte == 0).unwrap_or(argument.len())]))
    });
    Some(Shebang { interpreter: text(name), argument: argument.filter(|argument| !argument.is_empty()) })
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn ends_word(byte: u8) -> bool {
    is_blank(byte) || byte == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<(&str, Option<&str>)>) {
        let found = shebang(bytes);
        let found = found.as_ref().map(|line| (line.interpreter.as_str(), line.argument.as_deref()));
        assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn first_lines_are_split_as_the_kernel_does() {
        check(b"#!/bin/sh\necho", Some(("/bin/sh", None)));
        check(b"#!/bin/sh\r\necho", Some(("/bin/sh\r", None)));
        check(b"#!/bin/sh -e\r\n", Some(("/bin/sh", Some("-e\r"))));
        check(b"#! /bin/sh\t-e  -u \n", Some(("/bin/sh", Some("-e  -u"))));
        check(b"#!\t/usr/bin/env -S a b\n", Some(("/usr/bin/env", Some("-S a b"))));
        check(b"#!/bin/sh", Some(("/bin/sh", None)));
        check(b"#!bin/sh\n", Some(("bin/sh", None)));
        check(b"#!/bin/sh\recho hi\r", Some(("/bin/sh\recho", Some("hi\r"))));
        check(b"#!\n/bin/sh\n", None);
        check(b"#!   \n", None);
        check(b"#!", None);
        check(b"echo\n", None);
        check(b"", None);
        check(b"\xef\xbb\xbf#!/bin/sh\n", None);
    }

    #[test]
    fn long_lines_count_while_the_path_is_whole() {
        let path = |length: usize| format!("/{}", "x".repeat(length - 1));
        for (length, counts) in [(100, true), (253, true), (254, false), (300, false)] {
            let text = format!("#!{} {}", path(length), "y".repeat(300));
            check(
                text.as_bytes(),
                counts.then_some((
                    path(length).as_str(),
                    shebang(text.as_bytes()).and_then(|line| line.argument).as_deref(),
                )),
            );
        }
        // A line feed within the buffer ends a path of any length that fits.
        for (length, counts) in [(253, true), (254, false)] {
            let text = format!("#!{}\n", path(length));
            check(text.as_bytes(), counts.then_some((path(length).as_str(), None)));
        }
    }

    #[test]
    fn what_stands_before_is_told() {
        let at = Location::file(&Arc::from("x"));
        for (text, before) in [
            ("\u{feff}#!/bin/sh\n", Some("\u{feff}")),
            ("\n #!/bin/sh\n", Some("\n ")),
            ("#!/bin/sh\n", None),
            (" x", None),
        ] {
            assert_eq!(read(text.as_bytes(), &at).preceded_by.as_deref(), before, "{text:?}");
        }
    }
}
