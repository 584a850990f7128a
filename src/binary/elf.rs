//! The frame of an ELF file: header, segments, sections, and where an address lies in the file.
//!
//! The kernel and the loaders read segments alone; sections are only used where they save a search or hold a comment.

use crate::lists::Collect;
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::{ELFDATA2LSB, ELFDATA2MSB, Header};
use goblin::elf::program_header::{PT_LOAD, ProgramHeader};
use goblin::elf::section_header::{SHT_NOBITS, SectionHeader};

use super::range::{Range, c_string};

pub(super) const MAGIC: &[u8] = b"\x7fELF";

/// An ELF file's tables.
pub(super) struct Elf<'f> {
    pub(super) file: &'f Range<'f>,
    pub(super) header: Header,
    pub(super) ctx: Ctx,
    pub(super) segments: Vec<ProgramHeader>,
    /// Sections with their names; empty when they were stripped or do not parse.
    pub(super) sections: Vec<(String, SectionHeader)>,
}

/// Why a file with ELF's magic number is no ELF file that the kernel takes.
pub(super) enum Broken {
    /// It ends before its own tables do.
    Truncated,
    /// A field has a value that no kernel knows.
    Invalid,
}

/// Sections are 64 bytes each; a program linked with one section per function still has fewer.
const MAXIMUM_SECTIONS: usize = 1 << 16;
const MAXIMUM_NAMES: usize = 4 << 20;

impl<'f> Elf<'f> {
    pub(super) fn parse(file: &'f Range<'f>, head: &[u8]) -> Result<Self, Broken> {
        let class = head.get(4).ok_or(Broken::Truncated)?;
        let container = match class {
            1 => Container::Little,
            2 => Container::Big,
            _ => return Err(Broken::Invalid),
        };
        let endian = match *head.get(5).ok_or(Broken::Truncated)? {
            ELFDATA2LSB => Endian::Little,
            ELFDATA2MSB => Endian::Big,
            _ => return Err(Broken::Invalid),
        };
        let ctx = Ctx::new(container, endian);
        let header = header(head, container).ok_or(Broken::Truncated)?;
        let segments = segments(file, &header, ctx)?;
        let sections = sections(file, &header, ctx).unwrap_or_default();
        Ok(Self { file, header, ctx, segments, sections })
    }

    pub(super) fn is_64(&self) -> bool {
        self.ctx.container == Container::Big
    }

    pub(super) fn little_endian(&self) -> bool {
        self.ctx.le == Endian::Little
    }

    /// The bytes of a word: an address or a size.
    pub(super) fn word_size(&self) -> usize {
        if self.is_64() { 8 } else { 4 }
    }

    pub(super) fn segment(&self, kind: u32) -> Option<&ProgramHeader> {
        self.segments.iter().find(|segment| segment.p_type == kind)
    }

    pub(super) fn section(&self, name: &str) -> Option<&SectionHeader> {
        self.sections.iter().find(|(section, _)| section == name).map(|(_, header)| header)
    }

    /// A section's bytes, when it has some and no more than `limit`.
    pub(super) fn section_bytes(&self, name: &str, limit: usize) -> Option<Vec<u8>> {
        let section = self.section(name).filter(|section| section.sh_type != SHT_NOBITS)?;
        self.file.exact(section.sh_offset, section.sh_size, limit)
    }

    /// Where a virtual address lies in the file, and how many bytes follow there.
    pub(super) fn offset(&self, address: u64) -> Option<(u64, u64)> {
        self.segments.iter().filter(|segment| segment.p_type == PT_LOAD).find_map(|segment| {
            let into = address.checked_sub(segment.p_vaddr).filter(|into| *into < segment.p_filesz)?;
            Some((segment.p_offset.checked_add(into)?, segment.p_filesz - into))
        })
    }

    /// At most `length` bytes from a virtual address.
    pub(super) fn at_address(&self, address: u64, length: usize) -> Option<Vec<u8>> {
        let (offset, left) = self.offset(address)?;
        self.file.read(offset, length.min(usize::try_from(left).unwrap_or(usize::MAX)))
    }

    pub(super) fn u16_at(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little_endian() { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    pub(super) fn u32_at(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little_endian() { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    /// An address or size of the file's own width.
    pub(super) fn word_at(&self, bytes: &[u8], at: usize) -> Option<u64> {
        if !self.is_64() {
            return self.u32_at(bytes, at).map(u64::from);
        }
        let bytes = bytes.get(at..at.checked_add(8)?)?.try_into().ok()?;
        Some(if self.little_endian() { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }

    /// Whether bytes that the segments promise lie beyond the end of the file.
    pub(super) fn is_truncated(&self) -> bool {
        self.segments
            .iter()
            .filter(|segment| segment.p_type == PT_LOAD)
            .any(|segment| segment.p_offset.saturating_add(segment.p_filesz) > self.file.size)
    }
}

fn header(head: &[u8], container: Container) -> Option<Header> {
    match container {
        Container::Little => goblin::elf32::header::Header::parse(head).ok().map(Into::into),
        Container::Big => goblin::elf64::header::Header::parse(head).ok().map(Into::into),
    }
}

/// The program headers, under the kernel's conditions (`load_elf_phdrs`, fs/binfmt_elf.c): entries of the right size,
/// at most 64 KiB of them.
fn segments(file: &Range<'_>, header: &Header, ctx: Ctx) -> Result<Vec<ProgramHeader>, Broken> {
    let size = ProgramHeader::size(ctx);
    let count = usize::from(header.e_phnum);
    if count == 0 {
        return Ok(Vec::new());
    }
    if usize::from(header.e_phentsize) != size || count * size > 1 << 16 {
        return Err(Broken::Invalid);
    }
    let bytes = file.exact(header.e_phoff, (count * size) as u64, 1 << 16).ok_or(Broken::Truncated)?;
    ProgramHeader::parse(&bytes, 0, count, ctx).map_err(|_| Broken::Truncated)
}

fn sections(file: &Range<'_>, header: &Header, ctx: Ctx) -> Option<Vec<(String, SectionHeader)>> {
    let size = SectionHeader::size(ctx);
    if header.e_shoff == 0 || usize::from(header.e_shentsize) != size {
        return None;
    }
    let first = file.exact(header.e_shoff, size as u64, size)?;
    let first = SectionHeader::parse_from(&first, 0, 1, ctx).ok()?.pop()?;
    // Large counts stand in the first section.
    let count = if header.e_shnum == 0 { usize::try_from(first.sh_size).ok()? } else { header.e_shnum.into() };
    let names = if header.e_shstrndx == u16::MAX { first.sh_link as usize } else { header.e_shstrndx.into() };
    let count = Some(count).filter(|count| (1..=MAXIMUM_SECTIONS).contains(count))?;
    let bytes = file.exact(header.e_shoff, (count * size) as u64, MAXIMUM_SECTIONS * size)?;
    let headers = SectionHeader::parse_from(&bytes, 0, count, ctx).ok()?;
    let names = headers.get(names)?;
    let names = file.exact(names.sh_offset, names.sh_size, MAXIMUM_NAMES)?;
    Some(
        headers
            .into_iter()
            .map(|header| (c_string(&names, header.sh_name).unwrap_or_default().into(), header))
            .collect_vec(),
    )
}
