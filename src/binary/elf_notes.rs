//! Notes and processor attributes: the system a program is for, the oldest kernel, the processor level.

use goblin::elf::header::{EM_386, EM_ARM, EM_X86_64};
use goblin::elf::program_header::PT_NOTE;

use super::elf::Elf;

/// What the notes say.
#[derive(Default)]
pub(super) struct Notes {
    /// `NT_GNU_ABI_TAG`: the oldest kernel.
    pub(super) minimum_kernel: Option<(u32, u32, u32)>,
    /// A system other than Linux.
    pub(super) system: Option<&'static str>,
    /// The highest x86-64 level that is needed (`GNU_PROPERTY_X86_ISA_1_NEEDED`).
    pub(super) cpu_level: Option<u8>,
    /// Go's build identifier (`.note.go.buildid`).
    pub(super) go: bool,
    pub(super) android: bool,
    /// A Node.js single executable application: its program lies in a note (postject).
    pub(super) node_program: bool,
    pub(super) build_id: Option<String>,
}

const MAXIMUM_NOTES: usize = 64 << 10;

pub(super) fn read(elf: &Elf<'_>) -> Notes {
    let mut notes = Notes::default();
    for segment in elf.segments.iter().filter(|segment| segment.p_type == PT_NOTE) {
        let align = if segment.p_align == 8 { 8 } else { 4 };
        let length = usize::try_from(segment.p_filesz).unwrap_or(usize::MAX).min(MAXIMUM_NOTES);
        if let Some(bytes) = elf.file.read(segment.p_offset, length) {
            walk(elf, &bytes, align, &mut notes);
        }
    }
    notes
}

/// A note is: length of its name, length of its content, kind, then name and content, each padded to the alignment.
fn walk(elf: &Elf<'_>, bytes: &[u8], align: usize, notes: &mut Notes) {
    let mut at = 0;
    while let (Some(name), Some(length), Some(kind)) =
        (elf.u32_at(bytes, at), elf.u32_at(bytes, at + 4), elf.u32_at(bytes, at + 8))
    {
        let padded = |length: u32| (length as usize).checked_next_multiple_of(align);
        let Some(content) = padded(name).and_then(|name| (at + 12).checked_add(name)) else { return };
        // With 8-byte alignment the 4-byte name still starts at 12, and the content at 16.
        let content = if align == 8 { at + (12 + name as usize).next_multiple_of(8) } else { content };
        let Some(end) = content.checked_add(length as usize) else { return };
        let (Some(label), Some(rest)) = (bytes.get(at + 12..), bytes.get(content..)) else { return };
        // Of a note that carries a whole program only the beginning is here, and it is the last.
        let body = &rest[..(end - content).min(rest.len())];
        one(elf, &label[..(name as usize).min(label.len())], kind, body, notes);
        match padded(length).and_then(|length| content.checked_add(length)) {
            Some(next) => at = next,
            None => return,
        }
    }
}

fn one(elf: &Elf<'_>, name: &[u8], kind: u32, body: &[u8], notes: &mut Notes) {
    let name = name.strip_suffix(b"\0").unwrap_or(name);
    match (name, kind) {
        (b"GNU", 1) => {
            let word = |index: usize| elf.u32_at(body, index * 4).unwrap_or(0);
            match word(0) {
                0 => notes.minimum_kernel = Some((word(1), word(2), word(3))),
                1 => notes.system = Some("GNU Hurd"),
                2 => notes.system = Some("Solaris"),
                3 => notes.system = Some("FreeBSD"),
                4 => notes.system = Some("NetBSD"),
                _ => {}
            }
        }
        (b"GNU", 3) => notes.build_id = Some(body.iter().map(|byte| format!("{byte:02x}")).collect()),
        (b"GNU", 5) => notes.cpu_level = x86_level(elf, body),
        (b"FreeBSD", 1) => notes.system = Some("FreeBSD"),
        (b"NetBSD", 1) => notes.system = Some("NetBSD"),
        (b"OpenBSD", 1) => notes.system = Some("OpenBSD"),
        (b"DragonFly", 1) => notes.system = Some("DragonFly BSD"),
        (b"Android", 1) => notes.android = true,
        (b"Go", 4) => notes.go = true,
        (b"NODE_SEA_BLOB", _) => notes.node_program = true,
        _ => {}
    }
}

/// Properties are: kind, length, content padded to the word size (x86-64 psABI, "Program Property").
fn x86_level(elf: &Elf<'_>, body: &[u8]) -> Option<u8> {
    const ISA_1_NEEDED: u32 = 0xc000_8002;
    if !matches!(elf.header.e_machine, EM_X86_64 | EM_386) {
        return None;
    }
    let mut at = 0;
    loop {
        let (kind, length) = (elf.u32_at(body, at)?, elf.u32_at(body, at + 4)?);
        if kind == ISA_1_NEEDED {
            // One bit per level: baseline, v2, v3, v4.
            let bits = elf.u32_at(body, at + 8)? & 0xf;
            return (bits != 0).then(|| (32 - bits.leading_zeros()) as u8);
        }
        at = (at + 8).checked_add((length as usize).checked_next_multiple_of(elf.word_size())?)?;
    }
}

/// 5, 6 or 7 for a 32-bit ARM program, 0 when nothing tells.
pub(super) fn arm_version(elf: &Elf<'_>) -> u8 {
    const HARD_FLOAT: u32 = 0x400;
    const SOFT_FLOAT: u32 = 0x200;
    if elf.header.e_machine != EM_ARM {
        return 0;
    }
    let attributes = elf.section_bytes(".ARM.attributes", MAXIMUM_NOTES);
    let recorded = attributes.and_then(|bytes| architecture_attribute(&bytes));
    match recorded {
        // Tag_CPU_arch (Addenda to the ARM ABI): up to 5 are v4 and v5, 6 to 9 and 11 are v6, 10 and above v7 and later.
        Some(0..=5) => 5,
        Some(6..=9 | 11) => 6,
        Some(_) => 7,
        None if elf.header.e_flags & HARD_FLOAT != 0 => 7,
        None if elf.header.e_flags & SOFT_FLOAT != 0 => 5,
        None => 0,
    }
}

/// `A`, then a section per vendor: length, "aeabi", then tag 1 (the whole file), its length, and pairs of tag and value
/// as ULEB128, where the tags 4, 5, 32, 65 and 67 have strings.
fn architecture_attribute(bytes: &[u8]) -> Option<u64> {
    const CPU_ARCHITECTURE: u64 = 6;
    let vendor = b"aeabi\0";
    let start = super::range::find(bytes, vendor)? + vendor.len();
    let mut at = start + 5;
    loop {
        let tag = uleb(bytes, &mut at)?;
        if matches!(tag, 4 | 5 | 32 | 65 | 67) {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
            continue;
        }
        let value = uleb(bytes, &mut at)?;
        if tag == CPU_ARCHITECTURE {
            return Some(value);
        }
    }
}

fn uleb(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
