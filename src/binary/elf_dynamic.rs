//! The dynamic section and what it leads to: needed libraries, versions, symbols.
//!
//! Everything is found as a loader finds it, through addresses; a program whose section headers were stripped reads
//! the same.

use crate::lists::{self, Collect};

use goblin::elf::dynamic::{
    DF_1_NOW, DF_1_PIE, DF_BIND_NOW, DT_BIND_NOW, DT_FLAGS, DT_FLAGS_1, DT_GNU_HASH, DT_HASH, DT_NEEDED, DT_RPATH,
    DT_RUNPATH, DT_SONAME, DT_STRSZ, DT_STRTAB, DT_SYMTAB, DT_VERDEF, DT_VERNEED, DT_VERSYM,
};
use goblin::elf::program_header::PT_DYNAMIC;
use goblin::elf::sym::{STB_GLOBAL, STB_WEAK, STV_DEFAULT, STV_PROTECTED, Sym};

use super::elf::Elf;
use super::range::c_string;
use crate::needs::{Import, VersionNeed};

/// What a loader reads of a program or library.
#[derive(Default)]
pub(super) struct Dynamic {
    pub(super) needed: Vec<String>,
    pub(super) soname: Option<String>,
    pub(super) rpath: Vec<String>,
    pub(super) runpath: Vec<String>,
    pub(super) versions: Vec<VersionNeed>,
    pub(super) defined_versions: Vec<String>,
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<String>,
    pub(super) packed_relocations: bool,
    /// `DF_1_PIE`: a position-independent program rather than a library (binutils 2.26 and later, lld).
    pub(super) is_pie: bool,
    pub(super) binds_now: bool,
    /// Whether every symbol was read; not so when the tables are broken or too large.
    pub(super) symbols_read: bool,
}

/// `DT_RELR` (generic ABI), which goblin does not name.
const DT_RELR: u64 = 36;
/// `STB_GNU_UNIQUE`, C++'s inline variables.
const STB_GNU_UNIQUE: u8 = 10;

/// Limits far above what the largest programs have (Chromium: 1 MB of names).
const MAXIMUM_DYNAMIC: usize = 1 << 16;
const MAXIMUM_STRINGS: usize = 16 << 20;
const MAXIMUM_SYMBOLS: usize = 1 << 18;
/// glibc, with the most versions of all, has 2 KB of them.
const MAXIMUM_VERSIONS: usize = 32 << 10;
/// A chain holds the symbols of one hash bucket: a few.
const MAXIMUM_CHAIN: usize = 4 << 10;

/// Reads the dynamic section; `None` when there is none.
pub(super) fn read(elf: &Elf<'_>) -> Option<Dynamic> {
    let segment = elf.segment(PT_DYNAMIC)?;
    let length = usize::try_from(segment.p_filesz).unwrap_or(usize::MAX).min(MAXIMUM_DYNAMIC);
    let bytes = elf.file.read(segment.p_offset, length)?;
    let word = elf.word_size();
    let entries: Vec<(u64, u64)> = bytes
        .chunks_exact(2 * word)
        .filter_map(|entry| Some((elf.word_at(entry, 0)?, elf.word_at(entry, word)?)))
        .take_while(|(tag, _)| *tag != 0)
        .collect_vec();
    let get = |wanted: u64| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);

    let size = get(DT_STRSZ).and_then(|size| usize::try_from(size).ok()).unwrap_or(0).min(MAXIMUM_STRINGS);
    let strings = get(DT_STRTAB).and_then(|address| elf.at_address(address, size)).unwrap_or_default();
    let string = |offset: u64| usize::try_from(offset).ok().and_then(|at| c_string(&strings, at)).map(str::to_owned);
    let paths = |tag: u64| -> Vec<String> {
        let text = get(tag).and_then(string).unwrap_or_default();
        text.split(':').filter(|path| !path.is_empty()).map(str::to_owned).collect_vec()
    };

    let needs = get(DT_VERNEED).and_then(|at| elf.at_address(at, MAXIMUM_VERSIONS)).unwrap_or_default();
    let definitions = get(DT_VERDEF).and_then(|at| elf.at_address(at, MAXIMUM_VERSIONS)).unwrap_or_default();
    let mut needs = version_needs(elf, &needs, &strings);
    let flags_1 = get(DT_FLAGS_1).unwrap_or(0);
    let mut dynamic = Dynamic {
        needed: entries.iter().filter(|(tag, _)| *tag == DT_NEEDED).filter_map(|(_, at)| string(*at)).collect_vec(),
        soname: get(DT_SONAME).and_then(string),
        rpath: paths(DT_RPATH),
        runpath: paths(DT_RUNPATH),
        versions: needs.iter().map(|(_, need)| need.clone()).collect_vec(),
        defined_versions: version_definitions(elf, &definitions, &strings),
        packed_relocations: get(DT_RELR).is_some(),
        is_pie: flags_1 & DF_1_PIE != 0,
        binds_now: get(DT_BIND_NOW).is_some()
            || get(DT_FLAGS).is_some_and(|flags| flags & DF_BIND_NOW != 0)
            || flags_1 & DF_1_NOW != 0,
        ..Dynamic::default()
    };
    lists::sort_by_key(&mut needs, |(index, _)| *index);
    let hash = (get(DT_HASH), get(DT_GNU_HASH));
    if let Some(symtab) = get(DT_SYMTAB) {
        dynamic.symbols_read = symbols(elf, symtab, hash, get(DT_VERSYM), &strings, &needs, &mut dynamic).is_some();
    }
    Some(dynamic)
}

/// `Elfxx_Verneed`: one record per library, each with a chain of versions; the index is what `.gnu.version` refers to.
fn version_needs(elf: &Elf<'_>, bytes: &[u8], strings: &[u8]) -> Vec<(u16, VersionNeed)> {
    let mut found = Vec::new();
    let mut at = 0;
    // Both chains only ever go forward, so they end.
    while let (Some(count), Some(file), Some(aux), Some(next)) =
        (elf.u16_at(bytes, at + 2), elf.u32_at(bytes, at + 4), elf.u32_at(bytes, at + 8), elf.u32_at(bytes, at + 12))
    {
        let library = c_string(strings, file as usize).unwrap_or_default();
        let mut entry = at.saturating_add(aux as usize);
        for _ in 0..count {
            let (Some(flags), Some(index), Some(name), Some(step)) = (
                elf.u16_at(bytes, entry.saturating_add(4)),
                elf.u16_at(bytes, entry.saturating_add(6)),
                elf.u32_at(bytes, entry.saturating_add(8)),
                elf.u32_at(bytes, entry.saturating_add(12)),
            ) else {
                break;
            };
            if let Some(version) = c_string(strings, name as usize) {
                let need = VersionNeed { library: library.into(), version: version.into(), weak: flags & 2 != 0 };
                found.push((index & 0x7fff, need));
            }
            if step == 0 || found.len() > MAXIMUM_SYMBOLS {
                break;
            }
            entry = entry.saturating_add(step as usize);
        }
        if next == 0 || found.len() > MAXIMUM_SYMBOLS {
            break;
        }
        at = at.saturating_add(next as usize);
    }
    found
}

/// `Elfxx_Verdef`: the first name of each record is the version; the base record (flag 1) names the file itself.
fn version_definitions(elf: &Elf<'_>, bytes: &[u8], strings: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let (Some(flags), Some(aux), Some(next)) =
        (elf.u16_at(bytes, at + 2), elf.u32_at(bytes, at + 12), elf.u32_at(bytes, at + 16))
    {
        let name = elf.u32_at(bytes, at.saturating_add(aux as usize));
        if let (0, Some(name)) = (flags & 1, name.and_then(|name| c_string(strings, name as usize))) {
            found.push(name.to_owned());
        }
        if next == 0 || found.len() > MAXIMUM_SYMBOLS {
            break;
        }
        at = at.saturating_add(next as usize);
    }
    found
}

/// Of several with one index the last one counts.
fn by_index(needs: &[(u16, VersionNeed)], index: u16) -> Option<&VersionNeed> {
    let end = needs.partition_point(|(other, _)| *other <= index);
    needs[..end].last().filter(|(other, _)| *other == index).map(|(_, need)| need)
}

/// Sorts the dynamic symbols into imports and exports.
fn symbols(
    elf: &Elf<'_>,
    symtab: u64,
    (hash, gnu_hash): (Option<u64>, Option<u64>),
    versym: Option<u64>,
    strings: &[u8],
    needs: &[(u16, VersionNeed)],
    into: &mut Dynamic,
) -> Option<()> {
    let count = symbol_count(elf, symtab, hash, gnu_hash)?.min(MAXIMUM_SYMBOLS);
    let size = goblin::elf::sym::sym32::SIZEOF_SYM;
    let size = if elf.is_64() { goblin::elf::sym::sym64::SIZEOF_SYM } else { size };
    let table = elf.at_address(symtab, count * size)?;
    let versions = versym.and_then(|address| elf.at_address(address, count * 2)).unwrap_or_default();
    for (index, symbol) in Sym::parse(&table, 0, table.len() / size, elf.ctx).ok()?.iter().enumerate().skip(1) {
        let binding = symbol.st_bind();
        let visible = matches!(symbol.st_visibility(), STV_DEFAULT | STV_PROTECTED);
        if !matches!(binding, STB_GLOBAL | STB_WEAK | STB_GNU_UNIQUE) || !visible {
            continue;
        }
        let Some(name) = c_string(strings, symbol.st_name).filter(|name| !name.is_empty()) else { continue };
        if symbol.st_shndx != 0 {
            into.exports.push(name.to_owned());
            continue;
        }
        let need = elf.u16_at(&versions, index * 2).and_then(|version| by_index(needs, version & 0x7fff));
        into.imports.push(Import {
            name: name.to_owned(),
            version: need.map(|need| need.version.clone()),
            library: need.map(|need| need.library.clone()),
            weak: binding == STB_WEAK,
        });
    }
    Some(())
}

/// The dynamic symbol table has no length of its own: it follows from the section, or from the hash tables.
fn symbol_count(elf: &Elf<'_>, symtab: u64, hash: Option<u64>, gnu_hash: Option<u64>) -> Option<usize> {
    let section = elf.section(".dynsym").filter(|section| section.sh_addr == symtab && section.sh_entsize != 0);
    if let Some(section) = section {
        return usize::try_from(section.sh_size / section.sh_entsize).ok();
    }
    // The classic table: bucket count, then chain count, which is the number of symbols (64-bit words on s390x).
    if let Some(hash) = hash {
        let wide = elf.header.e_machine == goblin::elf::header::EM_S390 && elf.is_64();
        let head = elf.at_address(hash, 16)?;
        let count = if wide { elf.word_at(&head, 8)? } else { u64::from(elf.u32_at(&head, 4)?) };
        return usize::try_from(count).ok();
    }
    gnu_symbol_count(elf, gnu_hash?)
}

/// GNU's table ends each chain with a word whose lowest bit is set; the last chain of the highest bucket ends the
/// symbols.
fn gnu_symbol_count(elf: &Elf<'_>, address: u64) -> Option<usize> {
    let head = elf.at_address(address, 16)?;
    let (buckets, first, bloom) = (elf.u32_at(&head, 0)?, elf.u32_at(&head, 4)?, elf.u32_at(&head, 8)?);
    let start = address.checked_add(16)?.checked_add(u64::from(bloom) * elf.word_size() as u64)?;
    let table = elf.at_address(start, (buckets as usize).min(MAXIMUM_SYMBOLS) * 4)?;
    let last = table.chunks_exact(4).filter_map(|bucket| elf.u32_at(bucket, 0)).max().unwrap_or(0);
    if last < first {
        return Some(first as usize);
    }
    let chains = start.checked_add(u64::from(buckets) * 4)?;
    let chain = chains.checked_add(u64::from(last - first) * 4)?;
    let chain = elf.at_address(chain, MAXIMUM_CHAIN)?;
    let length = chain.chunks_exact(4).position(|word| elf.u32_at(word, 0).is_some_and(|word| word & 1 == 1))?;
    Some(last as usize + length + 1)
}
