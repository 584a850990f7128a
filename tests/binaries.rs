//! Real programs: what is read from them, against what `readelf` and `go version -m` say.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::collections::BTreeSet;

use execlens::binary::{self, Binary};
use execlens::needs::{Foreign, Language, Linkage, Needs, Trait};
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
