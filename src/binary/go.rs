//! What a Go program records of its build, in every format since Go 1.12.
//!
//! - Go 1.18 and later: `.go.buildinfo` holds two strings behind a 32-byte header (`debug/buildinfo`).
//! - Go 1.13 to 1.17: the header holds two pointers to Go strings.
//! - Go 1.12: no such section; the strings are the variables `runtime.buildVersion` and `runtime/debug.modinfo`
//!   (cmd/go/internal/modload/build.go). Of a program without symbols the modules are found by the marks around them.

use goblin::elf::program_header::{PF_W, PF_X, PT_LOAD};
use goblin::elf::sym::Sym;

use super::elf::Elf;
use super::range::{OVERLAP, c_string, contains, find};
use crate::needs::{Language, Maker};

/// The header's first bytes; it is aligned to 16.
const MAGIC: &[u8] = b"\xff Go buildinf:";
/// A program with a thousand dependencies records 100 KB.
const MAXIMUM_STRING: u64 = 4 << 20;
/// How far the data segment is searched when the sections are gone, as Go itself did it until 1.23.
const MAXIMUM_SEARCH: u64 = 64 << 10;
const MAXIMUM_SYMBOLS: usize = 16 << 20;
/// Names of functions: 2 MB in a large program.
const MAXIMUM_NAMES: u64 = 16 << 20;

/// Who made the program, when it is Go's; `noted` when a note says so.
pub(super) fn maker(elf: &Elf<'_>, noted: bool) -> Option<Maker> {
    let (version, modules) = match build_info(elf) {
        Some(strings) => strings,
        None if noted || table(elf).is_some() => {
            let (version, modules) = from_symbols(elf).unwrap_or_default();
            let marked = || marked_modules(elf).unwrap_or_default();
            (version, if modules.is_empty() { marked() } else { modules })
        }
        None => return None,
    };
    let mut maker = Maker {
        language: Language::Go,
        version: version.strip_prefix("go").unwrap_or(&version).to_owned(),
        settings: Vec::new(),
        modules: Vec::new(),
    };
    read_modules(&modules, &mut maker);
    Some(maker)
}

fn build_info(elf: &Elf<'_>) -> Option<(String, String)> {
    let (offset, length) = match elf.section(".go.buildinfo") {
        Some(section) => (section.sh_offset, section.sh_size.max(64)),
        None => {
            let data = elf.segments.iter().find(|s| s.p_type == PT_LOAD && s.p_flags & (PF_X | PF_W) == PF_W)?;
            (data.p_offset, data.p_filesz.min(MAXIMUM_SEARCH))
        }
    };
    let mut at = None;
    let mut from = offset;
    // Pieces overlap, so the place is looked for again from the file, once a piece has it.
    elf.file.scan(offset, length, |bytes| {
        if let Some(found) = find(bytes, MAGIC) {
            at = Some(from + found as u64);
        }
        from += bytes.len() as u64 - OVERLAP.min(bytes.len() as u64);
        at.is_some()
    });
    let at = at?;
    let header = elf.file.exact(at, 32, 32)?;
    let (size, flags) = (header[14], header[15]);
    if flags & 2 != 0 {
        let (version, next) = inline(elf, at + 32)?;
        let (modules, _) = inline(elf, next).unwrap_or_default();
        return Some((version, modules));
    }
    let wide = size == 8;
    let big = flags & 1 != 0;
    let first = pointer(&header, 16, wide, big)?;
    let second = pointer(&header, 16 + usize::from(size), wide, big)?;
    Some((go_string(elf, first, wide, big)?, go_string(elf, second, wide, big).unwrap_or_default()))
}

/// A length as an unsigned varint, then that many bytes.
fn inline(elf: &Elf<'_>, at: u64) -> Option<(String, u64)> {
    let head = elf.file.read(at, 10)?;
    let mut length = 0_u64;
    for (index, byte) in head.iter().enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * index).min(63);
        if byte & 0x80 == 0 {
            let start = at + index as u64 + 1;
            let bytes = elf.file.exact(start, length.min(MAXIMUM_STRING), MAXIMUM_STRING as usize)?;
            return Some((String::from_utf8_lossy(&bytes).into_owned(), start.checked_add(length)?));
        }
    }
    None
}

fn pointer(bytes: &[u8], at: usize, wide: bool, big: bool) -> Option<u64> {
    let bytes = bytes.get(at..at + if wide { 8 } else { 4 })?;
    let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    Some(if big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) })
}

/// A Go string in memory: the address of its bytes, and their number.
fn go_string(elf: &Elf<'_>, address: u64, wide: bool, big: bool) -> Option<String> {
    let size = if wide { 8 } else { 4 };
    let header = elf.at_address(address, 2 * size)?;
    let (data, length) = (pointer(&header, 0, wide, big)?, pointer(&header, size, wide, big)?);
    let length = usize::try_from(length.min(MAXIMUM_STRING)).ok()?;
    Some(String::from_utf8_lossy(&elf.at_address(data, length)?).into_owned())
}

/// The same strings by the names of their variables, for what is older than the section (and was not stripped).
fn from_symbols(elf: &Elf<'_>) -> Option<(String, String)> {
    let names = elf.section_bytes(".strtab", MAXIMUM_SYMBOLS)?;
    let table = elf.section_bytes(".symtab", MAXIMUM_SYMBOLS)?;
    let size = if elf.is_64() { 24 } else { 16 };
    let mut found = (None, None);
    for symbol in Sym::parse(&table, 0, table.len() / size, elf.ctx).ok()? {
        let place = match c_string(&names, symbol.st_name) {
            Some("runtime.buildVersion") => &mut found.0,
            Some("runtime.modinfo" | "runtime/debug.modinfo") => &mut found.1,
            _ => continue,
        };
        *place = go_string(elf, symbol.st_value, elf.is_64(), !elf.little_endian());
    }
    Some((found.0?, found.1.unwrap_or_default()))
}

/// What stands before and after the list of modules (`infoStart` and `infoEnd`, cmd/go/internal/modload/build.go).
const MODULES_START: [u8; 16] =
    [0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02, 0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6];
const MODULES_END: [u8; 16] =
    [0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72, 0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2];

/// The list of modules among a program's constants, its marks included.
fn marked_modules(elf: &Elf<'_>) -> Option<String> {
    const MAXIMUM: u64 = 64 << 20;
    let constants = elf.section(".rodata")?;
    let mut at = None;
    let mut from = constants.sh_offset;
    elf.file.scan(constants.sh_offset, constants.sh_size.min(MAXIMUM), |bytes| {
        at = find(bytes, &MODULES_START).map(|found| from + found as u64);
        from += bytes.len() as u64 - OVERLAP.min(bytes.len() as u64);
        at.is_some()
    });
    let bytes = elf.file.read(at?, MAXIMUM_STRING as usize)?;
    let end = find(&bytes, &MODULES_END)? + MODULES_END.len();
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

/// Lines of tab-separated fields between two marks of 16 bytes (`runtime/debug.ReadBuildInfo`).
fn read_modules(text: &str, maker: &mut Maker) {
    let text = text.get(16..text.len().saturating_sub(16)).unwrap_or_default();
    for line in text.lines() {
        let mut fields = line.split('\t');
        match fields.next() {
            Some("mod" | "dep") => {
                let mut field = || fields.next().unwrap_or_default().to_owned();
                maker.modules.push((field(), field()));
            }
            // A replacement stands below the module that it replaces.
            Some("=>") => {
                let mut field = || fields.next().unwrap_or_default().to_owned();
                let (path, version) = (field(), field());
                if let Some(last) = maker.modules.last_mut() {
                    last.1 = format!("{} => {path} {version}", last.1).trim_end().to_owned();
                }
            }
            Some("build") => {
                if let Some((name, value)) = fields.next().and_then(setting) {
                    maker.settings.push((name, value));
                }
            }
            _ => {}
        }
    }
}

/// `-tags=netgo`, `CGO_CFLAGS="-O2 -g"`: a value with blanks is quoted as a Go string.
fn setting(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let plain = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let value = plain.map_or_else(|| value.to_owned(), |value| value.replace("\\\"", "\"").replace("\\\\", "\\"));
    Some((name.trim_matches('"').to_owned(), value))
}

/// What the names of its functions say of a Go program, stripped or not: the runtime needs them for stack traces.
#[derive(Default)]
pub(super) struct Functions {
    /// `runtime/cgo` is linked.
    pub(super) cgo: bool,
    /// The C resolver is called (`net`), the C user database (`os/user`).
    pub(super) c_resolver: bool,
    pub(super) c_users: bool,
    pub(super) system_certificates: bool,
    pub(super) embedded_certificates: bool,
    pub(super) load_location: bool,
    pub(super) embedded_time_zones: bool,
    /// go-sqlite3's driver, without the C code that does its work.
    pub(super) sqlite: bool,
    pub(super) sqlite_c: bool,
}

pub(super) fn functions(elf: &Elf<'_>) -> Option<Functions> {
    let (offset, length) = table(elf)?;
    let (offset, length) = names(elf, offset, length);
    let mut seen = Functions::default();
    elf.file.scan(offset, length.min(MAXIMUM_NAMES), |bytes| {
        let has = |name: &str| contains(bytes, name.as_bytes());
        seen.cgo |= has("crosscall2\0") || has("runtime/cgo._") || has("runtime/cgo.set_crosscall2");
        seen.c_resolver |= has("net._C2func_getaddrinfo") || has("net._C2func_getnameinfo");
        seen.c_users |= has("os/user._Cfunc_") || has("os/user._C2func_");
        seen.system_certificates |= has("crypto/x509.loadSystemRoots") || has("crypto/x509.initSystemRoots");
        seen.embedded_certificates |= EMBEDDED_ROOTS.iter().any(|name| has(name));
        seen.load_location |= has("time.LoadLocation\0");
        seen.embedded_time_zones |= has("time/tzdata.");
        seen.sqlite |= has("mattn/go-sqlite3.(*SQLiteDriver)");
        seen.sqlite_c |= has("mattn/go-sqlite3._Cfunc_") || has("mattn/go-sqlite3._C2func_");
        false
    });
    Some(seen)
}

/// Packages that bring a certificate bundle along.
const EMBEDDED_ROOTS: [&str; 3] =
    ["golang.org/x/crypto/x509roots/fallback.", "github.com/breml/rootcerts/", "github.com/gwatts/rootcerts."];

/// The table of functions and lines: offset and length.
fn table(elf: &Elf<'_>) -> Option<(u64, u64)> {
    let section = elf.section(".gopclntab").or_else(|| elf.section(".data.rel.ro.gopclntab"))?;
    Some((section.sh_offset, section.sh_size))
}

/// Where the names lie in the table: a part of its own since Go 1.16, scattered before.
fn names(elf: &Elf<'_>, offset: u64, length: u64) -> (u64, u64) {
    let word = elf.word_size();
    let Some(header) = elf.file.read(offset, 8 + 8 * word) else { return (offset, length) };
    // After magic number and sizes: functions, files, from 1.18 the text's start, then the parts' offsets.
    let first = match elf.u32_at(&header, 0) {
        Some(0xffff_fffa) => 2,
        Some(0xffff_fff0 | 0xffff_fff1) => 3,
        _ => return (offset, length),
    };
    let part = |index: usize| elf.word_at(&header, 8 + index * word);
    match (part(first), part(first + 1)) {
        (Some(start), Some(end)) if start < end && end <= length => (offset + start, end - start),
        _ => (offset, length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_lines_are_read() {
        let text = "0123456789abcdefpath\tx\nmod\tx\t(devel)\t\ndep\ta\tv1\th1:=\n=>\tb\tv2\th1:=\nbuild\t-tags=netgo\n\
                    build\tCGO_CFLAGS=\"-O2 -g\"\n0123456789abcdef";
        let mut maker = Maker { language: Language::Go, version: String::new(), settings: vec![], modules: vec![] };
        read_modules(text, &mut maker);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(maker.modules, [pair("x", "(devel)"), pair("a", "v1 => b v2")]);
        assert_eq!(maker.settings, [pair("-tags", "netgo"), pair("CGO_CFLAGS", "-O2 -g")]);
        read_modules("short", &mut maker);
    }

    #[test]
    fn pointers_have_either_byte_order() {
        assert_eq!(pointer(&[1, 2, 3, 4], 0, false, true), Some(0x0102_0304));
        assert_eq!(pointer(&[1, 2, 3, 4], 0, false, false), Some(0x0403_0201));
        assert_eq!(pointer(&[1, 2, 3, 4], 1, false, false), None);
    }

    /// A program with nothing but a writable segment at 0x1000, which begins where the headers end.
    fn program(wide: bool, big: bool, data: &[u8]) -> Vec<u8> {
        let start = if wide { 64 + 56 } else { 52 + 32 };
        let mut bytes = b"\x7fELF".to_vec();
        bytes.extend([1 + u8::from(wide), 1 + u8::from(big), 1]);
        bytes.resize(16, 0);
        let mut number = |value: u64, size: usize| {
            let all = value.to_be_bytes();
            let number = &all[8 - size..];
            if big { bytes.extend(number) } else { bytes.extend(number.iter().rev()) }
        };
        let word = if wide { 8 } else { 4 };
        // Type, machine, version, entry; offsets of segments and sections; flags, sizes and counts.
        for (value, size) in [(2, 2), (22, 2), (1, 4), (0, word), (start as u64 - if wide { 56 } else { 32 }, word)] {
            number(value, size);
        }
        for (value, size) in
            [(0, word), (0, 4), (0, 2), (if wide { 56 } else { 32 }, 2), (1, 2), (0, 2), (0, 2), (0, 2)]
        {
            number(value, size);
        }
        let (offset, length) = (start as u64, data.len() as u64);
        let fields = match wide {
            true => vec![(1, 4), (6, 4), (offset, 8), (0x1000, 8), (0, 8), (length, 8), (length, 8), (16, 8)],
            false => vec![(1, 4), (offset, 4), (0x1000, 4), (0, 4), (length, 4), (length, 4), (6, 4), (16, 4)],
        };
        for (value, size) in fields {
            number(value, size);
        }
        bytes.extend(data);
        bytes
    }

    /// Header, the two strings' headers, then their bytes, as `debug/buildinfo` reads them.
    fn with_pointers(wide: bool, big: bool) -> Vec<u8> {
        let (version, modules) = ("go1.16.5", format!("{0}mod\tx\tv1\n{0}", "0123456789abcdef"));
        let word: usize = if wide { 8 } else { 4 };
        let mut data = MAGIC.to_vec();
        data.extend([word as u8, u8::from(big)]);
        let mut put = |value: usize| {
            let all = (value as u64).to_be_bytes();
            let number = &all[8 - word..];
            if big { data.extend(number) } else { data.extend(number.iter().rev()) }
        };
        let strings = 16 + 2 * word;
        let bytes = strings + 4 * word;
        put(0x1000 + strings);
        put(0x1000 + strings + 2 * word);
        put(0x1000 + bytes);
        put(version.len());
        put(0x1000 + bytes + version.len());
        put(modules.len());
        data.extend(version.bytes().chain(modules.bytes()));
        data
    }

    #[test]
    fn build_information_has_either_width_and_byte_order() {
        for (wide, big) in [(true, false), (true, true), (false, false), (false, true)] {
            let bytes = program(wide, big, &with_pointers(wide, big));
            let range = super::super::range::Range::new(&bytes);
            let Ok(elf) = Elf::parse(&range, &bytes) else { panic!("it is an ELF file") };
            let maker = maker(&elf, false).expect("it is Go's");
            assert_eq!(maker.version, "1.16.5", "{wide} {big}");
            assert_eq!(maker.modules, [("x".to_owned(), "v1".to_owned())], "{wide} {big}");
        }
    }
}
