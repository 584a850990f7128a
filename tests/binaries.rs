//! Real programs: what is read from them, against what `readelf` and `go version -m` say.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use execlens::binary::{self, Binary};
use execlens::input::{Input, ReadAt};
use execlens::loader;
use execlens::needs::{Foreign, Language, Linkage, Needs, Trait};
use execlens::platform::Platform;
use execlens::tree::{Content, Tree};
use fixtures::{Row, Table};

/// Reads one row's program and tells what differs.
fn differences(row: &Row<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |what: &str, expected: String, actual: String| {
        if expected != actual {
            found.push(format!("{}: {what}: expected {expected:?}, read {actual:?}", row.get("id")));
        }
    };
    let Binary { needs, library, .. } = binary::read(&fixtures::input(row.get("id")));
    let elf = match &needs {
        Needs::Elf(elf) => elf,
        Needs::Foreign(what) => {
            let expected = match (row.get("id"), row.get("linkage")) {
                ("fx-elf-truncated", _) => "TruncatedElf",
                ("fx-c-libpriv" | "fx-c-ext-fortified", _) => "SharedLibrary",
                (_, "object") => "ElfObject",
                (_, "Mach-O") => "MachO",
                (_, "other") => "Pe",
                _ => "a program",
            };
            check("kind", expected.into(), format!("{:?}", what.value));
            check("library", (what.value == Foreign::SharedLibrary).to_string(), library.is_some().to_string());
            return found;
        }
        other => return vec![format!("{}: {other:?}", row.get("id"))],
    };
    let packed = elf.traits.iter().any(|one| one.value == Trait::Packed);
    check("packed", row.get("id").contains("upx").to_string(), packed.to_string());
    if packed {
        return found;
    }
    let linkage = if elf.linkage.value == Linkage::Dynamic { "dynamic" } else { "static" };
    check("linkage", row.get("linkage").split('-').next().unwrap_or_default().into(), linkage.into());
    check("interpreter", row.get("interp").into(), elf.interpreter.value.clone().unwrap_or_default());
    let libraries: Vec<&str> = elf.libraries.iter().map(|library| library.value.as_str()).collect();
    check("libraries", row.get("needed").into(), libraries.join(","));
    check("run path", row.get("runpath").into(), elf.runpath.join(":"));
    let newest = |prefix: &str| {
        let numbers = |version: &str| version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>();
        let versions = elf.versions.iter().filter_map(|need| need.value.version.strip_prefix(prefix));
        let versions = versions.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        versions.max_by_key(|version| numbers(version)).map(|version| format!("{prefix}{version}")).unwrap_or_default()
    };
    check("glibc", row.get("max_glibc").into(), newest("GLIBC_"));
    check("libstdc++", row.get("max_glibcxx").into(), newest("GLIBCXX_"));
    let go = elf.made_by.as_ref().filter(|maker| maker.value.language == Language::Go);
    let version = go.map(|maker| format!("go{}", maker.value.version)).unwrap_or_default();
    check("Go", row.get("go_version").into(), version);
    let settings = go.map(|maker| maker.value.settings.as_slice()).unwrap_or_default();
    let settings: BTreeSet<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected = row.get("go_settings").split(';').filter(|word| !word.is_empty()).map(str::to_owned);
    check("Go settings", format!("{:?}", expected.collect::<BTreeSet<_>>()), format!("{settings:?}"));
    found
}

#[test]
fn programs_are_read_as_readelf_does() {
    let manifest = Table::read("manifest.tsv");
    let found: Vec<String> = manifest.rows().flat_map(|row| differences(&row)).collect();
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_packed_program_shows_what_is_inside() {
    for (packed, plain) in [("fx-upx-rust-dynamic", "fx-rust-gnu"), ("fx-upx-c-static", "fx-c-static-bookworm")] {
        let read = |id: &str| {
            let binary = binary::read(&fixtures::input(id));
            let elf = binary.elf().unwrap_or_else(|| panic!("{id}: {:?}", binary.needs)).clone();
            let values = |facts: &[execlens::fact::Fact<String>]| {
                facts.iter().map(|fact| fact.value.clone()).collect::<Vec<_>>()
            };
            (elf.interpreter.value.clone(), values(&elf.libraries), elf.versions.len(), elf.complete)
        };
        assert_eq!(read(packed), read(plain), "{packed}");
    }
}

/// A program with every occurrence of some bytes replaced by others of the same length.
fn changed(id: &str, from: &[u8], to: &[u8]) -> Binary {
    assert_eq!(from.len(), to.len());
    let mut bytes = fixtures::bytes(id).to_vec();
    let mut count = 0;
    for at in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[at..].starts_with(from) {
            bytes[at..at + from.len()].copy_from_slice(to);
            count += 1;
        }
    }
    assert!(count > 0, "{id} has them");
    binary::read(&Input::new("program", bytes))
}

fn fact(binary: &Binary, label: &str) -> Option<String> {
    binary.facts.iter().find(|fact| fact.label.in_english() == label).map(|fact| fact.value.in_english())
}

#[test]
fn a_panic_aborts_where_nothing_raises_exceptions() {
    const LABEL: &str = "on a panic";
    let read = |id: &str| binary::read(&fixtures::input(id));
    // It was made with `-C panic=abort`; with another import it looks like one that was not.
    assert_eq!(fact(&read("fx-rust-gnu"), LABEL).as_deref(), Some("aborts"));
    let unwinding = changed("fx-rust-gnu", b"\0_Unwind_GetRegionStart\0", b"\0_Unwind_RaiseException\0");
    assert_eq!(fact(&unwinding, LABEL).as_deref(), Some("unwinds the stack"));
    // Static and stripped, it does not show; no other language has it.
    assert_eq!(fact(&read("fx-rust-musl-staticpie"), LABEL), None);
    assert_eq!(fact(&read("fx-cxx-bookworm"), LABEL), None);
}

#[test]
fn modules_of_an_old_program_are_found_by_their_marks() {
    let plain = binary::read(&fixtures::input("fx-go-115-net"));
    let old = changed("fx-go-115-net", b"\xff Go buildinf:", b"\xff no such inf:");
    let maker = |binary: &Binary| binary.elf().and_then(|elf| elf.made_by.clone()).expect("Go made it").value;
    assert_eq!(maker(&old).language, Language::Go);
    assert_eq!(maker(&old).modules, maker(&plain).modules);
}

#[test]
fn what_a_runtime_carries_shows_at_its_end() {
    let node = "(function () {\n})(function (exports) {\n},\n{\"0/1\":[0,9]}\n,\n\"/snapshot/app/index.js\"\n,\n{}\n,\n{}\n,\n0\n);\n})";
    for (tail, language, carried) in [
        (node, Language::Node, "a Node.js program (pkg)"),
        ("x\n---- Bun! ----\n\0\0\0\0\0\0\0\0", Language::Bun, "a Bun program"),
        ("d3n0l4nd\0\0\0\0\0\0\0\0\0\0\0\0", Language::Deno, "a Deno program"),
        ("MEI\x0c\x0b\x0a\x0b\x0e\0\0\0", Language::Python, "a PyInstaller archive"),
    ] {
        let mut bytes = fixtures::bytes("fx-cxx-bookworm").to_vec();
        bytes.extend(tail.bytes());
        let binary = binary::read(&Input::new("program", bytes));
        assert_eq!(fact(&binary, "carries").as_deref(), Some(carried));
        assert_eq!(binary.elf().and_then(|elf| elf.made_by.as_ref()).map(|maker| maker.value.language), Some(language));
    }
    let none = binary::read(&fixtures::input("fx-cxx-bookworm"));
    assert_eq!(fact(&none, "carries"), None);
}

#[test]
fn marks_tell_a_language() {
    // The marks stand where the program has others of the same length.
    for (id, from, to, language) in [
        ("fx-cxx-bookworm", &b"\0libstdc++.so.6\0"[..], &b"\0libgfortran.so\0"[..], Language::Fortran),
        ("fx-cxx-bookworm", b"\0libstdc++.so.6\0", b"\0libgnat-120.so\0", Language::Ada),
        ("fx-c-hello-bookworm", b"\0.init_array\0", b"\0__minfo\0ray\0", Language::D),
        ("fx-c-hello-bookworm", b"\0.comment\0", b"\0.fpcdata\0", Language::Pascal),
        ("fx-rust-gnu", b"\0_Unwind_GetRegionStart\0", b"\0node_module_register\0t\0", Language::Deno),
        ("fx-cxx-bookworm", b"\0__gxx_personality_v0\0", b"\0node_module_register\0", Language::Node),
    ] {
        let made_by = changed(id, from, to).elf().and_then(|elf| elf.made_by.clone());
        assert_eq!(made_by.map(|maker| maker.value.language), Some(language), "{id} with {to:?}");
    }
}

/// musl as Debian builds it has no `DT_SONAME` and an entry point: that `libc.so` is a library shows by its name alone,
/// which in an archive is not the name of what was dropped.
#[test]
fn a_library_in_an_archive_is_told_by_its_own_name() {
    let mut bytes = fixtures::bytes("fx-c-staticpie-bookworm").to_vec();
    // `DT_FLAGS_1` with `DF_1_PIE` marks a program.
    let flags = 0x6fff_fffb_u64.to_le_bytes();
    let at = bytes.windows(8).position(|word| word == flags).expect("it has flags");
    bytes[at + 8..at + 16].fill(0);
    let image = Input::new("image.tar", bytes);
    assert!(matches!(binary::content(&image, "libc.so"), Content::Library(_)));
    assert!(matches!(binary::content(&image, "app"), Content::Program(_)));
}

/// Counts what is read of a file whose first bytes are real and whose rest is a hole.
struct Sparse {
    start: Arc<Vec<u8>>,
    size: u64,
    read: Arc<AtomicU64>,
}

impl ReadAt for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for (at, byte) in buffer.iter_mut().enumerate() {
            let at = usize::try_from(offset).unwrap().saturating_add(at);
            *byte = self.start.get(at).copied().unwrap_or_default();
        }
        Ok(())
    }
}

/// The program, followed by half a gigabyte, and the number of bytes that reading it took.
fn bytes_read_of_a_large_file(id: &str) -> u64 {
    let read = Arc::new(AtomicU64::new(0));
    let content = Sparse { start: fixtures::bytes(id), size: 500 << 20, read: Arc::clone(&read) };
    let binary = binary::read(&Input { path: "/app".into(), mode: None, content: Arc::new(content) });
    assert!(matches!(binary.needs, Needs::Elf(_)), "{id}: {:?}", binary.needs);
    read.load(Ordering::Relaxed)
}

#[test]
fn a_large_program_costs_what_its_tables_cost() {
    for id in ["fx-rust-gnu", "fx-cxx-bookworm", "fx-c-static-bookworm", "fx-c-hello-bookworm"] {
        let read = bytes_read_of_a_large_file(id);
        assert!(read < 400 << 10, "{id}: {read} bytes");
    }
    // The names of a Go program's functions are looked through, 60 KB of them here.
    let read = bytes_read_of_a_large_file("fx-go-121-net-bullseye");
    assert!(read < 600 << 10, "{read} bytes");
}

/// A sequence of numbers that is the same in every run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).unwrap()
    }
}

/// A program's first bytes, one of them perhaps changed.
struct Damaged {
    bytes: Arc<Vec<u8>>,
    length: usize,
    /// A place and the bits that are turned over there.
    flip: Option<(usize, u8)>,
}

impl ReadAt for Damaged {
    fn size(&self) -> u64 {
        self.length as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let piece = self.bytes[..self.length].get(start..start.saturating_add(buffer.len()));
        buffer.copy_from_slice(piece.ok_or(io::ErrorKind::UnexpectedEof)?);
        if let Some((at, bits)) = self.flip
            && let Some(byte) = at.checked_sub(start).and_then(|at| buffer.get_mut(at))
        {
            *byte ^= bits;
        }
        Ok(())
    }
}

/// Everything that an answer is made of.
fn answer(id: &str, content: Damaged) {
    let binary = binary::read(&Input { path: format!("/{id}").into(), mode: None, content: Arc::new(content) });
    if let Needs::Elf(program) = &binary.needs {
        // A program that names anything finds nothing in an empty tree, and the answer says so.
        let _ = loader::load(program, "/app", &Tree::empty(), &Platform::default(), &|_| None);
    }
    for fact in &binary.facts {
        let _ = (fact.label.in_english(), fact.value.in_english());
    }
}

#[test]
fn every_prefix_of_a_program_has_an_answer() {
    for row in Table::read("manifest.tsv").rows() {
        let bytes = fixtures::bytes(row.get("id"));
        // Every length through the headers, and then some everywhere.
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let lengths = (0..300).chain((0..20).map(|_| numbers.next(bytes.len())));
        for length in lengths.filter(|length| *length <= bytes.len()) {
            answer(row.get("id"), Damaged { bytes: Arc::clone(&bytes), length, flip: None });
        }
    }
}

#[test]
fn every_flipped_bit_has_an_answer() {
    for row in Table::read("manifest.tsv").rows() {
        let bytes = fixtures::bytes(row.get("id"));
        let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
        // Most of what decides lies at both ends; a large program takes longer to read again.
        let ends = bytes.len().min(4096);
        for round in 0..if bytes.len() > 1 << 18 { 24 } else { 200 } {
            let at = match round % 3 {
                0 => numbers.next(ends),
                1 => bytes.len() - 1 - numbers.next(ends),
                _ => numbers.next(bytes.len()),
            };
            let flip = Some((at, 1 << numbers.next(8)));
            answer(row.get("id"), Damaged { bytes: Arc::clone(&bytes), length: bytes.len(), flip });
        }
    }
}
