//! What a dropped file is: by its content first, by its name second.

use crate::input::Input;
use crate::lists::Collect;

/// What a file was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Dockerfile,
    Dockerignore,
    Elf,
    /// A program or an object for another system: Mach-O, PE.
    Foreign,
    /// A text that begins with `#!`, or nearly so.
    Script,
    GoMod,
    GoSource,
    CargoManifest,
    Makefile,
    PackageJson,
    /// A tar file or what packs one: gzip, xz, bzip2, zstd, zip.
    Archive,
    /// An archive that holds images or a root file system.
    Image,
    /// What a terminal printed.
    Message,
    Text,
    Empty,
    Other,
}

/// As much of a file as is looked at: a Dockerfile's first instruction and a terminal's output are well within it.
const HEAD: usize = 64 << 10;

/// The terminal prints a screen or two before somebody copies it.
const LONGEST_MESSAGE: u64 = 16 << 10;

impl Kind {
    /// As it is published: `go-mod`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dockerfile => "dockerfile",
            Self::Dockerignore => "dockerignore",
            Self::Elf => "elf",
            Self::Foreign => "foreign",
            Self::Script => "script",
            Self::GoMod => "go-mod",
            Self::GoSource => "go-source",
            Self::CargoManifest => "cargo-manifest",
            Self::Makefile => "makefile",
            Self::PackageJson => "package-json",
            Self::Archive => "archive",
            Self::Image => "image",
            Self::Message => "message",
            Self::Text => "text",
            Self::Empty => "empty",
            Self::Other => "other",
        }
    }

    /// Whether its content is text.
    #[must_use]
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Elf | Self::Foreign | Self::Archive | Self::Image | Self::Empty | Self::Other)
    }

    /// Whether it is something that one would start.
    #[must_use]
    pub fn is_program(self) -> bool {
        matches!(self, Self::Elf | Self::Foreign | Self::Script)
    }
}

/// Recognises one file; `None` when it cannot be read.
///
/// `is_message` tells what a terminal prints; it is asked only about short texts that are nothing else.
#[must_use]
pub fn recognise(input: &Input, is_message: impl Fn(&str) -> bool) -> Option<Kind> {
    let head = input.head(HEAD).ok()?;
    if head.is_empty() {
        return Some(Kind::Empty);
    }
    if let Some(kind) = by_magic(&head) {
        return Some(kind);
    }
    let name = input.name();
    if head.contains(&0) {
        // UTF-16, as some Windows editors and shells write it: no builder reads that, and its reader says so.
        let is_utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
        return Some(if is_utf16 && is_dockerfile_name(name) { Kind::Dockerfile } else { Kind::Other });
    }
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}');
    if let Some(kind) = by_exact_name(name) {
        return Some(kind);
    }
    if text.trim_start().starts_with("#!") {
        return Some(Kind::Script);
    }
    if begins_with_from(text) || is_dockerfile_name(name) {
        return Some(Kind::Dockerfile);
    }
    if name.ends_with(".go") {
        return Some(Kind::GoSource);
    }
    let lone = !input.path.contains('/') && input.content.size() <= LONGEST_MESSAGE;
    Some(if lone && is_message(text) { Kind::Message } else { Kind::Text })
}

fn by_magic(head: &[u8]) -> Option<Kind> {
    const MACH_O: [[u8; 4]; 5] = [
        [0xfe, 0xed, 0xfa, 0xce],
        [0xfe, 0xed, 0xfa, 0xcf],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xcf, 0xfa, 0xed, 0xfe],
        // Also a Java class file, which starts nowhere either.
        [0xca, 0xfe, 0xba, 0xbe],
    ];
    const ARCHIVES: [&[u8]; 5] = [&[0x1f, 0x8b], b"PK\x03\x04", &[0x28, 0xb5, 0x2f, 0xfd], b"\xfd7zXZ\0", b"BZh"];
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    Some(match head {
        _ if at(0, b"\x7fELF") => Kind::Elf,
        _ if MACH_O.iter().any(|magic| at(0, magic)) => Kind::Foreign,
        // `MZ` alone begins texts too; a program has binary zeros soon after.
        _ if at(0, b"MZ") && head.iter().take(64).any(|byte| *byte == 0) => Kind::Foreign,
        _ if ARCHIVES.iter().any(|magic| at(0, magic)) => Kind::Archive,
        // POSIX tar, at a fixed place in the first header.
        _ if at(257, b"ustar") => Kind::Archive,
        _ => return None,
    })
}

fn by_exact_name(name: &str) -> Option<Kind> {
    Some(match name {
        "go.mod" => Kind::GoMod,
        "Cargo.toml" => Kind::CargoManifest,
        "package.json" => Kind::PackageJson,
        "Makefile" | "makefile" | "GNUmakefile" => Kind::Makefile,
        _ if name.ends_with(".dockerignore") => Kind::Dockerignore,
        _ => return None,
    })
}

fn is_dockerfile_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["dockerfile", "containerfile"]
        .iter()
        .any(|word| lower == *word || lower.starts_with(&format!("{word}.")) || lower.ends_with(&format!(".{word}")))
}

/// Whether the first instruction is FROM, or ARG with a FROM after it.
fn begins_with_from(text: &str) -> bool {
    let mut words = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    words.find(|line| !is(line, "ARG")).is_some_and(|line| is(line, "FROM") && !reads_like_code(line))
}

fn is(line: &str, keyword: &str) -> bool {
    let word = line.split_ascii_whitespace().next().unwrap_or_default();
    word.eq_ignore_ascii_case(keyword) && line.len() > word.len()
}

/// `from x import y` is Python, and a sentence may begin with the word.
fn reads_like_code(line: &str) -> bool {
    let words: Vec<_> = line.split_ascii_whitespace().filter(|word| !word.starts_with("--")).collect_vec();
    match words.as_slice() {
        [_, _] => false,
        [_, _, word, _] => !word.eq_ignore_ascii_case("as"),
        [_, _, comment, ..] => !comment.starts_with('#'),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recognised_by_content_then_by_name() {
        let tar = {
            let mut bytes = vec![0; 512];
            bytes[257..262].copy_from_slice(b"ustar");
            bytes
        };
        let cases: &[(&str, &[u8], Kind)] = &[
            ("Dockerfile", b"", Kind::Empty),
            ("pasted", b"# c\n\nfrom alpine\n", Kind::Dockerfile),
            ("pasted.txt", b"ARG V=1\nFROM --platform=x golang:$V AS b\n", Kind::Dockerfile),
            ("x", b"\xef\xbb\xbfFROM a\r\n", Kind::Dockerfile),
            ("api.Dockerfile", b"RUN x", Kind::Dockerfile),
            ("Dockerfile.dev", b"INCLUDE x\n", Kind::Dockerfile),
            ("m.py", b"from os import path\n", Kind::Text),
            ("note", b"From here on we go\n", Kind::Text),
            ("Dockerfile", b"\x7fELF\x02", Kind::Elf),
            ("app.exe", b"MZ\x90\x00", Kind::Foreign),
            ("run", b"#!/bin/sh\n", Kind::Script),
            ("run", b"\xef\xbb\xbf#!/bin/sh\n", Kind::Script),
            ("a/go.mod", b"module x\n", Kind::GoMod),
            ("Dockerfile.dockerignore", b"x\n", Kind::Dockerignore),
            ("image.tar", &tar, Kind::Archive),
            ("err", b"exec /x: nope", Kind::Message),
            ("p/err", b"exec /x: nope", Kind::Text),
            ("blob", b"a\0b", Kind::Other),
            ("Dockerfile", b"\xff\xfeF\0R\0", Kind::Dockerfile),
            ("blob", b"\xff\xfeF\0R\0", Kind::Other),
        ];
        for (path, content, kind) in cases {
            let found = recognise(&Input::new(path, *content), |text| text.starts_with("exec "));
            assert_eq!(found, Some(*kind), "{path}");
        }
    }
}
