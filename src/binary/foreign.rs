//! Files that are no ELF and no script, by their first bytes.

use super::range::Range;
use crate::needs::Foreign;

/// What a file is that Linux does not execute.
pub(super) fn recognise(range: &Range<'_>, head: &[u8]) -> Foreign {
    let word = |at: usize| head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    match head {
        [] => Foreign::Empty,
        // `\xca\xfe\xba\xbe` begins both a universal Mach-O and a Java class: the next word counts a few architectures
        // there, and is a class file version (45 and up) here.
        [0xca, 0xfe, 0xba, 0xbe, ..] if word(4).is_some_and(|count| count >= 45) => Foreign::JavaClass,
        [0xca, 0xfe, 0xba, 0xbe | 0xbf, ..]
        | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]
        | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => Foreign::MachO,
        [b'M', b'Z', ..] => Foreign::Pe,
        [b'P', b'K', 3 | 5 | 7, 4 | 6 | 8, ..] => archive(range, head),
        [0, b'a', b's', b'm', ..] => Foreign::WebAssembly,
        [0x1f, 0x8b, ..] => Foreign::Gzip,
        _ if head.starts_with(b"!<arch>\n") || head.starts_with(b"!<thin>\n") => Foreign::StaticArchive,
        _ if head.get(257..262) == Some(b"ustar") => Foreign::Tar,
        _ if is_text(head) => Foreign::Text,
        _ => Foreign::Data,
    }
}

/// A ZIP that holds a manifest among its first entries is a Java archive (`META-INF/` comes first by custom of `jar`).
fn archive(range: &Range<'_>, head: &[u8]) -> Foreign {
    let start = range.read(0, 64 << 10);
    let start = start.as_deref().unwrap_or(head);
    if super::range::contains(start, b"META-INF/") { Foreign::JavaArchive } else { Foreign::Zip }
}

/// Text has no zero bytes and no other control characters than those of layout, in whatever encoding.
fn is_text(head: &[u8]) -> bool {
    let layout = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b) || *byte >= b' ' && *byte != 0x7f;
    let utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    utf16 || head.iter().all(layout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (bytes, expected) in [
            (b"".to_vec(), Foreign::Empty),
            (b"\xcf\xfa\xed\xfe\x07\0\0\x01".to_vec(), Foreign::MachO),
            (b"\xca\xfe\xba\xbe\0\0\0\x02".to_vec(), Foreign::MachO),
            (b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec(), Foreign::JavaClass),
            (b"MZ\x90".to_vec(), Foreign::Pe),
            (b"PK\x03\x04....META-INF/MANIFEST.MF".to_vec(), Foreign::JavaArchive),
            (b"PK\x03\x04....".to_vec(), Foreign::Zip),
            (b"\0asm\x01\0\0\0".to_vec(), Foreign::WebAssembly),
            (b"!<arch>\nx".to_vec(), Foreign::StaticArchive),
            (tar, Foreign::Tar),
            (b"\x1f\x8b\x08".to_vec(), Foreign::Gzip),
            ("echo 日本語\n".into(), Foreign::Text),
            (b"\x01\x02\x03".to_vec(), Foreign::Data),
        ] {
            assert_eq!(recognise(&Range::new(&bytes), &bytes), expected, "{bytes:?}");
        }
    }
}
