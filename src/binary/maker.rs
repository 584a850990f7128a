//! Who built a program, and what that says of its fate.
//!
//! Each language leaves marks: a section, a symbol, a needed library, a word in `.comment`, a trailer at the end.
//! Only marks that cost little to look for are used.

use crate::lists::{Collect, Set};

use super::carried::{self, Carried};
use super::elf::Elf;
use super::elf_notes::Notes;
use super::range::contains;
use super::{Binary, auditable, elf_needs, go};
use crate::fact::{Fact, Provenance};
use crate::needs::{ElfNeeds, Language, Linkage, Maker, Needs, Remark, Trait};
use crate::source::Location;
use crate::text;

const MAXIMUM_COMMENT: usize = 64 << 10;

/// Adds the maker and the traits to what was read.
pub(super) fn complete(elf: &Elf<'_>, notes: &Notes, exports: &[String], binary: &mut Binary, at: &Location) {
    let Needs::Elf(needs) = &mut binary.needs else { return };
    let from = Provenance::Read(at.clone());
    let comment = elf.section_bytes(".comment", MAXIMUM_COMMENT).unwrap_or_default();
    let comment = String::from_utf8_lossy(&comment);
    let carried = carried::of(elf, notes);
    let maker = go::maker(elf, notes.go).or_else(|| by_marks(elf, carried, needs, exports, &comment));
    let is_go = maker.as_ref().is_some_and(|maker| maker.language == Language::Go);
    let mut traits = Vec::new();
    if is_go {
        // Some systems leave no mark in the file's header, but the build's settings name them.
        let system = maker.as_ref().and_then(|maker| maker.settings.iter().find(|(name, _)| name == "GOOS"));
        if let Some((_, system)) = system.filter(|(_, system)| !matches!(system.as_str(), "linux" | "android")) {
            needs.foreign_system.get_or_insert_with(|| Fact::new(system.clone(), from.clone()));
        }
        if let Some(maker) = &maker {
            processor(maker, needs, &from);
        }
        let functions = go::functions(elf);
        if let Some(functions) = &functions {
            go_traits(functions, needs, maker.as_ref(), &mut traits);
            go_facts(functions, &mut binary.facts);
        }
        if dies_at_once(elf, needs, functions.as_ref()) {
            needs.linkage = Fact::new(Linkage::StaticBroken, from.clone());
        }
    }
    if needs.linkage.value != Linkage::Dynamic && uses_name_service(elf, needs) {
        traits.push(Trait::StaticNameService);
    }
    if maker.as_ref().is_some_and(|maker| maker.language == Language::Rust) {
        binary.facts.extend(panics(elf, needs));
    }
    needs.traits.extend(traits.into_iter().map(|one| Fact::new(one, from.clone())));
    needs.made_by = maker.map(|maker| Fact::new(maker, from));
    binary.facts.extend(carried.map(Carried::remark));
    let stripped = elf.section(".symtab").is_none();
    let value = if stripped {
        text! { en: "yes", ja: "はい" }
    } else {
        text! { en: "no", ja: "いいえ" }
    };
    binary.facts.push(Remark { label: text! { en: "stripped of symbols", ja: "シンボル除去済み" }, value });
}

/// The level that the build was made for; a program for a newer processor checks for it at its start.
fn processor(maker: &Maker, needs: &mut ElfNeeds, from: &Provenance) {
    let setting = |name: &str| maker.settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let number = |text: &str| text.trim_start_matches('v').split([',', '.']).next().and_then(|text| text.parse().ok());
    if let Some(level) = setting("GOAMD64").and_then(number).filter(|level| *level > 1) {
        needs.cpu_level = Some(Fact::new(level, from.clone()));
    }
    if let Some(version) = setting("GOARM").and_then(number) {
        needs.machine.value.arm_version = version;
    }
}

fn go_traits(functions: &go::Functions, needs: &ElfNeeds, maker: Option<&Maker>, traits: &mut Vec<Trait>) {
    if functions.embedded_certificates {
        traits.push(Trait::EmbedsCertificates);
    } else if functions.system_certificates {
        traits.push(Trait::UsesSystemCertificates);
    }
    if functions.embedded_time_zones {
        traits.push(Trait::EmbedsTimeZones);
    } else if functions.load_location {
        traits.push(Trait::UsesTimeZones);
    }
    let without_cgo =
        maker.is_some_and(|maker| maker.settings.iter().any(|(name, value)| name == "CGO_ENABLED" && value == "0"));
    if functions.sqlite && !functions.sqlite_c && (without_cgo || needs.interpreter.value.is_none() && !functions.cgo) {
        traits.push(Trait::CgoStub);
    }
}

/// Which of the packages that use C when cgo is on are linked in.
fn go_facts(functions: &go::Functions, facts: &mut Vec<Remark>) {
    let users: Vec<&str> = [
        (functions.cgo, "runtime/cgo"),
        (functions.c_resolver, "net"),
        (functions.c_users, "os/user"),
        (functions.sqlite_c, "github.com/mattn/go-sqlite3"),
    ]
    .into_iter()
    .filter_map(|(linked, name)| linked.then_some(name))
    .collect_vec();
    let value = match users.is_empty() {
        true => text! { en: "none", ja: "なし" },
        false => text! { en: "{users}", ja: "{users}", users: users.join(", ") },
    };
    facts.push(Remark { label: text! { en: "packages that call C", ja: "C を呼び出すパッケージ" }, value });
}

/// A Go program that the C toolchain linked statically, without `runtime/cgo`.
///
/// Its start code then takes over thread-local storage as if no C library were there, while the linker has placed Go's
/// own variable behind glibc's; the runtime notices and stops with `INT3` (`runtime·rt0_go`, asm_amd64.s: "store
/// through it, to make sure it works"). With musl there is nothing else in that storage, and the program runs.
fn dies_at_once(elf: &Elf<'_>, needs: &ElfNeeds, functions: Option<&go::Functions>) -> bool {
    let alone = elf.word_size() as u64;
    needs.interpreter.value.is_none()
        && matches!(needs.machine.value.architecture(), Some("amd64" | "386"))
        && elf_needs::thread_local_size(elf) > alone
        && functions.is_some_and(|functions| !functions.cgo)
}

/// Statically linked glibc that asks name services: it carries the pattern of the modules' names (nss/nss_module.c).
fn uses_name_service(elf: &Elf<'_>, needs: &ElfNeeds) -> bool {
    const PATTERN: &[u8] = b"libnss_";
    const MAXIMUM: u64 = 32 << 20;
    // Every program that starts with glibc's own start files has its note on the oldest kernel.
    if needs.minimum_kernel.is_none() {
        return false;
    }
    let Some(section) = elf.section(".rodata") else { return false };
    let mut found = false;
    elf.file.scan(section.sh_offset, section.sh_size.min(MAXIMUM), |bytes| {
        found |= contains(bytes, PATTERN);
        found
    });
    found
}

/// A language, and a mark that only its programs have.
enum Mark {
    Section(&'static str),
    Library(&'static str),
    Symbol(&'static str),
    Comment(&'static str),
    /// A symbol and a word in the comments, where neither says it alone.
    Both(&'static str, &'static str),
}

/// The more specific first: a GraalVM image is C by its comment, a Rust program too.
const MARKS: &[(Language, Mark)] = &[
    (Language::GraalNative, Mark::Section(".svm_heap")),
    (Language::GraalNative, Mark::Symbol("graal_create_isolate")),
    (Language::DotNet, Mark::Section("__managedcode")),
    (Language::DotNet, Mark::Symbol("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT")),
    (Language::Bun, Mark::Section(".bun")),
    (Language::Swift, Mark::Section("swift5_types")),
    (Language::Swift, Mark::Section("swift5_typeref")),
    (Language::Swift, Mark::Library("libswiftCore.so")),
    (Language::Haskell, Mark::Comment("GHC ")),
    (Language::Haskell, Mark::Library("libHS")),
    (Language::Crystal, Mark::Symbol("__crystal_main")),
    (Language::Crystal, Mark::Symbol("__crystal_raise")),
    (Language::Dart, Mark::Symbol("_kDartVmSnapshotData")),
    (Language::Dart, Mark::Symbol("Dart_Initialize")),
    (Language::Nim, Mark::Symbol("NimMain")),
    (Language::OCaml, Mark::Symbol("caml_startup")),
    (Language::OCaml, Mark::Symbol("caml_main")),
    (Language::D, Mark::Library("libphobos2.so")),
    (Language::D, Mark::Library("libdruntime-ldc")),
    (Language::D, Mark::Section("minfo")),
    (Language::D, Mark::Section("__minfo")),
    (Language::D, Mark::Symbol("_d_run_main")),
    (Language::Ada, Mark::Library("libgnat-")),
    (Language::Ada, Mark::Symbol("__gnat_runtime_initialize")),
    (Language::Fortran, Mark::Library("libgfortran.so")),
    (Language::Fortran, Mark::Symbol("_gfortran_set_args")),
    (Language::Pascal, Mark::Section(".fpcdata")),
    (Language::Node, Mark::Symbol("_ZN4node5StartEiPPc")),
    // Deno offers Node's interface to add-ons; the program around it is Rust.
    (Language::Deno, Mark::Both("node_module_register", "rustc version ")),
    (Language::Node, Mark::Symbol("node_module_register")),
    (Language::Rust, Mark::Comment("rustc version ")),
    (Language::Rust, Mark::Symbol("rust_eh_personality")),
    (Language::Rust, Mark::Section(".dep-v0")),
    (Language::Zig, Mark::Comment("zig ")),
    (Language::Cxx, Mark::Library("libstdc++.so")),
    (Language::Cxx, Mark::Library("libc++.so")),
    (Language::Cxx, Mark::Symbol("__gxx_personality_v0")),
    (Language::C, Mark::Comment("GCC: (")),
    (Language::C, Mark::Comment("clang version ")),
];

fn by_marks(
    elf: &Elf<'_>,
    carried: Option<Carried>,
    needs: &ElfNeeds,
    exports: &[String],
    comment: &str,
) -> Option<Maker> {
    let language = carried.map(Carried::language).or_else(|| {
        let symbols = symbol_marks(elf, needs, exports);
        let marked = |mark: &Mark| match mark {
            Mark::Section(name) => elf.section(name).is_some(),
            Mark::Library(name) => needs.libraries.iter().any(|library| library.value.starts_with(name)),
            Mark::Symbol(name) => symbols.contains_key(name),
            Mark::Comment(word) => comment.contains(word),
            Mark::Both(name, word) => symbols.contains_key(name) && comment.contains(word),
        };
        MARKS.iter().find(|(_, mark)| marked(mark)).map(|(language, _)| *language)
    })?;
    let version = match language {
        Language::Rust => after(comment, "rustc version "),
        Language::Haskell => after(comment, "GHC "),
        Language::C | Language::Cxx => compiler(comment),
        _ => String::new(),
    };
    let modules = if language == Language::Rust { auditable::dependencies(elf) } else { Vec::new() };
    Some(Maker { language, version, settings: Vec::new(), modules })
}

/// The marks among a program's symbols: those that it imports and exports, and the others unless it was stripped.
fn symbol_marks(elf: &Elf<'_>, needs: &ElfNeeds, exports: &[String]) -> Set {
    const MAXIMUM: u64 = 4 << 20;
    let wanted: Vec<&'static str> = MARKS
        .iter()
        .filter_map(|(_, mark)| match mark {
            Mark::Symbol(name) | Mark::Both(name, _) => Some(*name),
            _ => None,
        })
        .collect_vec();
    let imports = needs.symbols.iter().flat_map(|symbols| &symbols.value).map(|import| import.name.as_str());
    let dynamic: Set = imports.chain(exports.iter().map(String::as_str)).collect_set();
    let mut found: Set = wanted.iter().copied().filter(|name| dynamic.contains_key(name)).collect_set();
    if let Some(names) = elf.section(".strtab") {
        elf.file.scan(names.sh_offset, names.sh_size.min(MAXIMUM), |bytes| {
            let there = wanted.iter().filter(|name| contains(bytes, format!("\0{name}\0").as_bytes()));
            there.for_each(|name| _ = found.add(name));
            false
        });
    }
    found
}

fn after(comment: &str, word: &str) -> String {
    let rest = comment.split_once(word).map_or("", |(_, rest)| rest);
    rest.split([' ', '\0', '(']).next().unwrap_or_default().to_owned()
}

/// `GCC 12.2.0`, `clang 18.1.6`: the newest that took part, since the start files bring their own comment.
///
/// GCC writes its packager in parentheses, its version, and then perhaps a date and the packager once more:
/// `GCC: (GNU) 8.5.0 20210514 (Red Hat 8.5.0-28)`.
fn compiler(comment: &str) -> String {
    let mut entries = comment.split('\0').filter_map(|entry| match entry.strip_prefix("GCC: (") {
        Some(rest) => rest.split_once(") ").and_then(|(_, rest)| rest.split(' ').next()).map(|v| format!("GCC {v}")),
        None => entry
            .split_once("clang version ")
            .map(|(_, rest)| format!("clang {}", rest.split(' ').next().unwrap_or_default())),
    });
    entries.next_back().unwrap_or_default()
}

/// What becomes of a panic, where it shows: only the unwinding runtime raises exceptions (library/panic_unwind/src/gcc.rs);
/// the backtraces of both walk the stack.
fn panics(elf: &Elf<'_>, needs: &ElfNeeds) -> Option<Remark> {
    const MAXIMUM: u64 = 32 << 20;
    let imports =
        |name: &str| needs.symbols.iter().flat_map(|symbols| &symbols.value).any(|import| import.name == name);
    let unwinds = if imports("_Unwind_RaiseException") {
        true
    } else if imports("_Unwind_Backtrace") {
        false
    } else {
        // Linked statically, both may have the function; then the names of Rust's own tell, where they are left.
        let names = elf.section(".strtab")?;
        let (mut unwinding, mut raising, mut standard) = (false, false, false);
        elf.file.scan(names.sh_offset, names.sh_size.min(MAXIMUM), |bytes| {
            unwinding |= contains(bytes, b"12panic_unwind");
            raising |= contains(bytes, b"\0_Unwind_RaiseException\0");
            standard |= contains(bytes, b"rust_start_panic");
            false
        });
        match (unwinding, standard && !raising) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => return None,
        }
    };
    let value = match unwinds {
        true => text! { en: "unwinds the stack", ja: "スタックを巻き戻す（unwind）" },
        false => text! { en: "aborts", ja: "即座に終了する（abort）" },
    };
    Some(Remark { label: text! { en: "on a panic", ja: "パニック時の動作" }, value })
}

#[cfg(test)]
mod tests {
    use super::compiler;

    #[test]
    fn the_version_stands_behind_the_packager() {
        for (comment, version) in [
            ("GCC: (Debian 12.2.0-14+deb12u1) 12.2.0\0", "GCC 12.2.0"),
            ("GCC: (GNU) 8.5.0 20210514 (Red Hat 8.5.0-28)\0", "GCC 8.5.0"),
            ("GCC: (GNU) 3.4.6 [FreeBSD] 20060305\0", "GCC 3.4.6"),
            ("GCC: (Alpine 13.2.1_git20240309) 13.2.1 20240309\0", "GCC 13.2.1"),
            (
                "GCC: (GNU) 4.2.4 (Ubuntu 4.2.4-1ubuntu1)\0GCC: (GNU) 14.2.1 20250110 (Red Hat 14.2.1-11)\0",
                "GCC 14.2.1",
            ),
            ("Ubuntu clang version 22.1.8 (++20260714014902+ca7933e47d3a-1)\0", "clang 22.1.8"),
            ("GCC: (", ""),
            ("", ""),
        ] {
            assert_eq!(compiler(comment), version, "{comment:?}");
        }
    }
}
