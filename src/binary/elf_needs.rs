//! An ELF file's needs, put together from its tables, its notes and what built it.

use crate::lists::Collect;
use std::sync::Arc;

use goblin::elf::header::{EM_AARCH64, ET_CORE, ET_DYN, ET_EXEC, ET_REL};
use goblin::elf::program_header::{PF_X, PT_GNU_RELRO, PT_GNU_STACK, PT_INTERP, PT_LOAD, PT_TLS};

use super::elf::{Broken, Elf};
use super::elf_dynamic::{self, Dynamic};
use super::elf_notes::{self, Notes};
use super::range::Range;
use super::{Binary, maker, upx};
use crate::fact::{Fact, Provenance};
use crate::input::Input;
use crate::needs::{ElfNeeds, Foreign, Linkage, Machine, Needs, Remark, Trait};
use crate::source::Location;
use crate::text;
use crate::tree::Library;

/// `PATH_MAX`: the kernel takes no longer interpreter.
const MAXIMUM_INTERPRETER: u64 = 4096;

pub(super) fn read(range: &Range<'_>, head: &[u8], at: &Location, input: &Input, name: &str, depth: u8) -> Binary {
    let foreign = |what: Foreign| Binary::plain(Needs::Foreign(Fact::read(what, at.clone())));
    let elf = match Elf::parse(range, head) {
        Ok(elf) => elf,
        Err(Broken::Truncated) => return foreign(Foreign::TruncatedElf),
        Err(Broken::Invalid) => return foreign(Foreign::Data),
    };
    match elf.header.e_type {
        ET_EXEC | ET_DYN if elf.is_truncated() => return foreign(Foreign::TruncatedElf),
        // Without anything to load the kernel answers ENOEXEC, or the program has no first instruction.
        ET_EXEC | ET_DYN if elf.segment(PT_LOAD).is_none() => return foreign(Foreign::Data),
        ET_EXEC | ET_DYN => {}
        ET_REL | ET_CORE => return foreign(Foreign::ElfObject),
        _ => return foreign(Foreign::Data),
    }
    // A packed program is the packer's stub, and then the program inside, whose needs are the ones that count.
    if let Some(packed) = upx::recognise(&elf) {
        return unpacked(packed, &elf, at, input, name, depth);
    }
    let Some(interpreter) = interpreter(&elf) else { return foreign(Foreign::Data) };
    let dynamic = elf_dynamic::read(&elf);
    let notes = elf_notes::read(&elf);
    let is_library = is_library(&elf, interpreter.is_some(), dynamic.as_ref(), name);
    let mut found = needs(&elf, interpreter, dynamic.unwrap_or_default(), &notes, at);
    if is_library {
        let soname = found.soname.clone().unwrap_or_else(|| name.to_owned());
        let library = library(&elf, &mut found, soname, at);
        let starts = found.needs.interpreter.value.is_some() || is_loader(&library.soname);
        let needs = if starts {
            Needs::Elf(Box::new(found.needs))
        } else {
            Needs::Foreign(Fact::read(Foreign::SharedLibrary, at.clone()))
        };
        return Binary { needs, library: Some(library), facts: Vec::new(), problem: None };
    }
    let facts = hardening(&elf, &found, &notes);
    let exports = std::mem::take(&mut found.exports);
    let mut binary = Binary {
        needs: Needs::Elf(Box::new(found.needs)),
        facts,
        ..Binary::plain(Needs::Foreign(Fact::read(Foreign::Empty, at.clone())))
    };
    maker::complete(&elf, &notes, &exports, &mut binary, at);
    binary
}

/// The needs and what else the dynamic section told.
struct Found {
    needs: ElfNeeds,
    soname: Option<String>,
    exports: Vec<String>,
    defined_versions: Vec<String>,
    binds_now: bool,
    symbols_read: bool,
}

fn needs(elf: &Elf<'_>, interpreter: Option<String>, dynamic: Dynamic, notes: &Notes, at: &Location) -> Found {
    let from = Provenance::Read(at.clone());
    let fact = |value: String| Fact::new(value, from.clone());
    let linkage = if interpreter.is_some() { Linkage::Dynamic } else { Linkage::Static };
    let symbols_read = dynamic.symbols_read || dynamic.needed.is_empty();
    let needs = ElfNeeds {
        machine: Fact::new(machine(elf), from.clone()),
        interpreter: Fact::new(interpreter, from.clone()),
        libraries: dynamic.needed.into_iter().map(fact).collect_vec(),
        complete: true,
        rpath: dynamic.rpath,
        runpath: dynamic.runpath,
        versions: dynamic.versions.into_iter().map(|need| Fact::new(need, from.clone())).collect_vec(),
        symbols: symbols_read.then(|| Fact::new(dynamic.imports, from.clone())),
        packed_relocations: dynamic.packed_relocations,
        linkage: Fact::new(linkage, from.clone()),
        foreign_system: foreign_system(elf, notes).map(|system| fact(system.to_owned())),
        minimum_kernel: notes.minimum_kernel.map(|kernel| Fact::new(kernel, from.clone())),
        cpu_level: notes.cpu_level.map(|level| Fact::new(level, from.clone())),
        made_by: None,
        traits: Vec::new(),
        remedies: Vec::new(),
    };
    Found {
        needs,
        soname: dynamic.soname,
        exports: dynamic.exports,
        defined_versions: dynamic.defined_versions,
        binds_now: dynamic.binds_now,
        symbols_read: dynamic.symbols_read,
    }
}

fn machine(elf: &Elf<'_>) -> Machine {
    let bits = if elf.is_64() { 64 } else { 32 };
    let machine = Machine::new(elf.header.e_machine, bits, elf.little_endian());
    Machine { arm_version: elf_notes::arm_version(elf), ..machine }
}

/// The loader that the program names; the outer `None` is a segment that the kernel refuses (`load_elf_binary`: the
/// string must be short and end in a zero byte).
fn interpreter(elf: &Elf<'_>) -> Option<Option<String>> {
    let Some(segment) = elf.segment(PT_INTERP) else { return Some(None) };
    if !(2..=MAXIMUM_INTERPRETER).contains(&segment.p_filesz) {
        return None;
    }
    let bytes = elf.file.exact(segment.p_offset, segment.p_filesz, MAXIMUM_INTERPRETER as usize)?;
    let end = bytes.iter().position(|byte| *byte == 0).filter(|_| bytes.last() == Some(&0))?;
    Some(Some(String::from_utf8_lossy(&bytes[..end]).into_owned()))
}

/// A shared object without a loader is a static position-independent program or a library.
fn is_library(elf: &Elf<'_>, has_interpreter: bool, dynamic: Option<&Dynamic>, name: &str) -> bool {
    let Some(dynamic) = dynamic.filter(|_| elf.header.e_type == ET_DYN) else { return false };
    if has_interpreter {
        // glibc's libc.so.6 starts and prints its version; so do a few others.
        return dynamic.soname.is_some();
    }
    let named_so = name.ends_with(".so") || name.contains(".so.");
    // Without a loader nobody brings what it needs; and a library has no entry, or a name.
    let is_part = !dynamic.needed.is_empty() || dynamic.soname.is_some() && !is_loader(name);
    is_part || named_so && is_loader(name) || !dynamic.is_pie && (elf.header.e_entry == 0 || named_so)
}

/// Loaders are shared objects that can be started by hand.
fn is_loader(name: &str) -> bool {
    name.starts_with("ld-")
        || name.starts_with("ld.so")
        || name.starts_with("ld64.so")
        || name.starts_with("libc.musl-")
}

fn library(elf: &Elf<'_>, found: &mut Found, soname: String, at: &Location) -> Library {
    let from = Provenance::Read(at.clone());
    let exports = std::mem::take(&mut found.exports);
    let release = release(elf, &soname, found, &exports);
    Library {
        soname,
        versions: Fact::new(std::mem::take(&mut found.defined_versions), from.clone()).into(),
        symbols: Fact::new(exports, from).into(),
        needs: Some(Arc::new(Needs::Elf(Box::new(found.needs.clone())))),
        release,
    }
}

/// What a C library or a loader is: glibc names its versions, musl carries its banner, gcompat the library it loads.
fn release(elf: &Elf<'_>, soname: &str, found: &Found, exports: &[String]) -> Option<String> {
    let numbers = |version: &String| {
        let mut parts = version.strip_prefix("GLIBC_")?.split('.');
        Some((parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?))
    };
    let is_libc = exports.iter().any(|name| name == "__libc_start_main");
    if !is_loader(soname) && !is_libc {
        return None;
    }
    if let Some((major, minor)) = found.defined_versions.iter().filter_map(numbers).max() {
        return Some(format!("glibc {major}.{minor}"));
    }
    let mut release = None;
    elf.file.scan(0, elf.file.size.min(4 << 20), |bytes| {
        if super::range::contains(bytes, b"musl libc (") {
            release = Some("musl".to_owned());
        } else if super::range::contains(bytes, b"libgcompat.so") {
            release = Some("gcompat".to_owned());
        }
        release.is_some()
    });
    let musl = release.as_deref() == Some("musl");
    if let Some(version) = musl.then(|| musl_version(elf)).flatten() {
        release = Some(format!("musl {version}"));
    }
    release
}

/// musl keeps its version as a string of its own (`__libc_version`): `1.2.5`.
fn musl_version(elf: &Elf<'_>) -> Option<String> {
    let mut found = None;
    elf.file.scan(0, elf.file.size.min(4 << 20), |bytes| {
        found = bytes.split(|byte| *byte == 0).find_map(|word| {
            let word = std::str::from_utf8(word).ok().filter(|word| word.len() < 12)?;
            let mut parts = word.split('.');
            let release =
                parts.next()? == "1" && parts.next()?.parse::<u8>().is_ok() && parts.next()?.parse::<u8>().is_ok();
            (release && parts.next().is_none()).then(|| word.to_owned())
        });
        found.is_some()
    });
    found
}

/// `EI_OSABI` (generic ABI, figure 4-6) and the notes of the BSDs.
fn foreign_system(elf: &Elf<'_>, notes: &Notes) -> Option<&'static str> {
    let by_abi = match elf.header.e_ident[7] {
        1 => Some("HP-UX"),
        2 => Some("NetBSD"),
        6 => Some("Solaris"),
        7 => Some("AIX"),
        9 => Some("FreeBSD"),
        12 => Some("OpenBSD"),
        _ => None,
    };
    by_abi.or(notes.system)
}

fn unpacked(packed: upx::Packed, elf: &Elf<'_>, at: &Location, input: &Input, name: &str, depth: u8) -> Binary {
    let from = Provenance::Read(at.clone());
    let label = text! { en: "packed by", ja: "圧縮ツール" };
    let packer = Remark { label, value: text! { en: "UPX", ja: "UPX" } };
    // A packed program inside a packed program is no program of this world.
    let inside = packed
        .program
        .filter(|_| depth == 0)
        .map(|program| super::read_range(&Range::new(&program), input, name, depth + 1));
    let mut binary = match inside {
        Some(binary) if matches!(binary.needs, Needs::Elf(_)) => binary,
        _ => {
            let found = needs(elf, None, Dynamic::default(), &Notes::default(), at);
            let needs = Needs::Elf(Box::new(ElfNeeds { complete: false, symbols: None, ..found.needs }));
            let problem = text! {
                en: "`{path}` is packed by UPX in a way that cannot be looked into, so what it needs is not known",
                ja: "`{path}` は UPX で圧縮されており、中身を読み取れないため、必要なものがわかりません",
                path: &input.path,
            };
            Binary { needs, library: None, facts: Vec::new(), problem: Some(problem) }
        }
    };
    if let Needs::Elf(needs) = &mut binary.needs {
        needs.traits.push(Fact::new(Trait::Packed, from));
    }
    binary.library = None;
    binary.facts.insert(0, packer);
    binary
}

/// How the program is hardened; information only.
fn hardening(elf: &Elf<'_>, found: &Found, notes: &Notes) -> Vec<Remark> {
    let yes = || text! { en: "yes", ja: "あり" };
    let no = || text! { en: "no", ja: "なし" };
    let pick = |holds: bool| if holds { yes() } else { no() };
    let mut facts = vec![
        Remark {
            label: text! { en: "position-independent (PIE)", ja: "位置独立実行形式 (PIE)" },
            value: pick(elf.header.e_type == ET_DYN),
        },
        Remark {
            label: text! { en: "read-only relocations (RELRO)", ja: "再配置領域の読み取り専用化 (RELRO)" },
            value: match (elf.segment(PT_GNU_RELRO).is_some(), found.binds_now) {
                (true, true) => text! { en: "full", ja: "完全" },
                (true, false) => text! { en: "partial", ja: "部分的" },
                (false, _) => no(),
            },
        },
        Remark {
            label: text! { en: "non-executable stack (NX)", ja: "実行不可スタック (NX)" },
            // Without the header the old x86 default holds: executable. On 64-bit ARM it never was.
            value: pick(match elf.segment(PT_GNU_STACK) {
                Some(stack) => stack.p_flags & PF_X == 0,
                None => elf.header.e_machine == EM_AARCH64,
            }),
        },
    ];
    let symbols = found.needs.symbols.as_ref().filter(|_| found.symbols_read);
    if let Some(symbols) = symbols {
        let imports = |name: &str| symbols.value.iter().any(|import| import.name == name);
        facts.push(Remark {
            label: text! { en: "stack protector", ja: "スタック保護" },
            value: pick(imports("__stack_chk_fail")),
        });
        let fortified =
            symbols.value.iter().filter(|import| import.name.starts_with("__") && import.name.ends_with("_chk"));
        facts.push(Remark {
            label: text! { en: "fortified calls (FORTIFY_SOURCE)", ja: "強化された呼び出し (FORTIFY_SOURCE)" },
            value: pick(fortified.count() > 0),
        });
    }
    if let Some(id) = &notes.build_id {
        let value = text! { en: "{id}", ja: "{id}", id: id };
        facts.push(Remark { label: text! { en: "build ID", ja: "ビルド ID" }, value });
    }
    facts
}

/// The size of thread-local storage, which a program without a C runtime lays out itself.
pub(super) fn thread_local_size(elf: &Elf<'_>) -> u64 {
    elf.segment(PT_TLS).map_or(0, |segment| segment.p_memsz)
}
