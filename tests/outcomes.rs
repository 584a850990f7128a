//! Real programs, executed in real roots, against what the loader model says becomes of them.

#[path = "support/fixtures.rs"]
mod fixtures;
#[path = "support/roots.rs"]
mod roots;

use std::collections::BTreeMap;
use std::sync::Arc;

use execlens::binary::{self, Binary};
use execlens::fact::Provenance;
use execlens::image::{self, packages};
use execlens::loader::{self, Failure, Loading};
use execlens::needs::{Foreign, Needs};
use execlens::platform::Platform;
use execlens::source::Location;
use execlens::tree::{Content, Entry, Node, Tree};
use fixtures::Table;
use roots::Roots;

/// What the model says, in the words of the table as far as they tell causes apart.
fn verdict(binary: &Binary, tree: &Tree, platform: &Platform) -> String {
    let program = match &binary.needs {
        Needs::Elf(program) => program,
        Needs::Foreign(what) => return format!("foreign {:?}", what.value),
        other => return format!("{other:?}"),
    };
    match loader::load(program, "/app", tree, platform, &|_| None) {
        Loading::Starts(_) => "starts".into(),
        Loading::Unknown(need) => format!("unknown: {:?}", need.text),
        Loading::Fails(failure) => match *failure {
            Failure::WrongMachine => "wrong machine".into(),
            Failure::MissingInterpreter { .. } | Failure::UnusableInterpreter { .. } => "interpreter".into(),
            Failure::ForeignSystem { .. } | Failure::DiesAtOnce | Failure::PackedRelocations { .. } => "dies".into(),
            Failure::PackedUnderCompat { .. } => "packed".into(),
            Failure::MissingLibrary(missing) => format!("library {}", missing.library),
            Failure::MissingVersions(missing) => {
                let versions: Vec<&str> = missing.iter().map(|one| one.need.value.version.as_str()).collect();
                format!("versions {}", versions.join(" "))
            }
            Failure::MissingSymbols(missing) => format!("symbols {}", missing.symbols.join(" ")),
        },
    }
}

/// Whether the model's words mean what happened.
fn agrees(verdict: &str, outcome: &str) -> bool {
    let between = |start: &str, end: &str| outcome.split_once(start).and_then(|(_, rest)| rest.split(end).next());
    let (kind, rest) = verdict.split_once(' ').unwrap_or((verdict, ""));
    if outcome == "started" || outcome.starts_with("runtime error") {
        return verdict == "starts";
    }
    if outcome == "execve ENOENT" {
        // The kernel looks for the loader before it maps the rest of a truncated program.
        return verdict == "interpreter" || rest == "TruncatedElf";
    }
    if outcome == "execve ENOEXEC" {
        return verdict == "wrong machine" || kind == "foreign" && rest != "TruncatedElf";
    }
    if outcome.starts_with("killed before start") {
        return verdict == "dies" || rest == "TruncatedElf";
    }
    if outcome.contains(".qemu: Could not open") || outcome == "other: exit:127" {
        return verdict == "interpreter";
    }
    if outcome.contains("Not a valid dynamic program") {
        return verdict == "packed";
    }
    let named = |word: Option<&str>| word.is_some_and(|word| rest.split(' ').any(|one| one == word));
    if let Some(version) = between("version `", "'") {
        return kind == "versions" && named(Some(version));
    }
    if outcome.contains("symbol not found") {
        return kind == "symbols" && named(between("relocating /app: ", ":"));
    }
    if outcome.contains("Error loading shared library") {
        return kind == "library" && named(between("shared library ", ":"));
    }
    outcome.contains("error while loading") && kind == "library" && named(between("libraries: ", ":"))
}

/// The private library that `fx-c-runpath` was run with.
fn with_private_library(tree: &Tree) -> Tree {
    let library = binary::read(&fixtures::input("fx-c-libpriv")).library.unwrap();
    let node = Node::File(Content::Library(Arc::new(library)));
    let mut tree = tree.clone();
    tree.put("/lib-priv/libpriv.so.1", Entry { node, mode: Some(0o755), owner: None, from: Provenance::Always });
    tree
}

#[test]
fn every_measured_outcome_is_predicted() {
    let roots = Roots::read();
    let table = Table::read("outcomes.tsv");
    let mut trees: BTreeMap<&str, Tree> = BTreeMap::new();
    let mut programs: BTreeMap<&str, Binary> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in table.rows() {
        let (id, root, outcome) = (row.get("id"), row.get("root"), row.get("outcome"));
        let tree = trees.entry(root).or_insert_with(|| roots.tree(root));
        let binary = programs.entry(id).or_insert_with(|| binary::read(&fixtures::input(id)));
        let private = (id == "fx-c-runpath").then(|| with_private_library(tree));
        let verdict = verdict(binary, private.as_ref().unwrap_or(tree), &roots::platform(root));
        count += 1;
        if !agrees(&verdict, outcome) {
            wrong.push(format!("{id} in {root}: {outcome}; the model says {verdict}"));
        }
    }
    assert!(count > 1900, "only {count} rows");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_truncated_program_is_told_from_an_object() {
    let kind = |id: &str| match binary::read(&fixtures::input(id)).needs {
        Needs::Foreign(what) => what.value,
        other => panic!("{id}: {other:?}"),
    };
    assert_eq!(kind("fx-elf-truncated"), Foreign::TruncatedElf);
    assert_eq!(kind("fx-elf-object"), Foreign::ElfObject);
}

/// The catalog's image that each root file system was taken from, with the packages that were installed there.
const IMAGES: [(&str, &str, &str); 28] = [
    ("arm64-distroless-base-12", "gcr.io/distroless/base-debian12", ""),
    ("arm64-distroless-cc-12", "gcr.io/distroless/cc-debian12", ""),
    ("arm64-distroless-static-12", "gcr.io/distroless/static-debian12", ""),
    ("arm64-real-alpine-3.20", "alpine:3.20", ""),
    ("debian-bookworm", "debian:12", ""),
    ("debian-bookworm+musl", "debian:12", "musl"),
    ("debian-bullseye", "debian:11", ""),
    ("debian-sid", "debian:sid", ""),
    ("debian-trixie", "debian:13", ""),
    ("distroless-base-11", "gcr.io/distroless/base-debian11", ""),
    ("distroless-base-12", "gcr.io/distroless/base-debian12", ""),
    ("distroless-base-13", "gcr.io/distroless/base-debian13", ""),
    ("distroless-cc-12", "gcr.io/distroless/cc-debian12", ""),
    ("distroless-cc-13", "gcr.io/distroless/cc-debian13", ""),
    ("distroless-static-12", "gcr.io/distroless/static-debian12", ""),
    ("real-alpine-3.10", "alpine:3.10", ""),
    ("real-alpine-3.12", "alpine:3.12", ""),
    ("real-alpine-3.14", "alpine:3.14", ""),
    ("real-alpine-3.16", "alpine:3.16", ""),
    ("real-alpine-3.16+gcompat", "alpine:3.16", "gcompat"),
    ("real-alpine-3.18", "alpine:3.18", ""),
    ("real-alpine-3.19", "alpine:3.19", ""),
    ("real-alpine-3.20", "alpine:3.20", ""),
    ("real-alpine-3.20+gcompat", "alpine:3.20", "gcompat"),
    ("real-busybox-glibc", "busybox:glibc", ""),
    ("real-busybox-musl", "busybox:musl", ""),
    ("real-busybox-uclibc", "busybox:uclibc", ""),
    ("scratch", "scratch", ""),
];

/// The catalog must say what happened in the image, or that it does not know; never anything else.
#[test]
fn the_catalogs_images_behave_as_the_real_ones() {
    let table = Table::read("outcomes.tsv");
    let images: BTreeMap<&str, Tree> =
        IMAGES.map(|(root, reference, package)| (root, catalog_tree(root, reference, package))).into();
    let mut programs: BTreeMap<&str, Binary> = BTreeMap::new();
    let (mut count, mut unknown, mut wrong) = (0, Vec::new(), Vec::new());
    for row in table.rows() {
        let (id, root, outcome) = (row.get("id"), row.get("root"), row.get("outcome"));
        let Some(tree) = images.get(root) else { continue };
        let binary = programs.entry(id).or_insert_with(|| binary::read(&fixtures::input(id)));
        let private = (id == "fx-c-runpath").then(|| with_private_library(tree));
        let verdict = verdict(binary, private.as_ref().unwrap_or(tree), &roots::platform(root));
        count += 1;
        if verdict.starts_with("unknown") {
            unknown.push(format!("{id} in {root}: {outcome}; {verdict}"));
        } else if !agrees(&verdict, outcome) {
            wrong.push(format!("{id} in {root}: {outcome}; the catalog says {verdict}"));
        }
    }
    assert!(count > 1200, "only {count} rows");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unknown.is_empty(), "{} of {count} unknown:\n{}", unknown.len(), unknown.join("\n"));
}

fn catalog_tree(root: &str, reference: &str, package: &str) -> Tree {
    let mut image = image::resolve(reference, &roots::platform(root));
    if !package.is_empty() {
        let manager =
            packages::manager(&image.distribution.as_ref().expect("a distribution").value).expect("a manager");
        let words = ["--no-install-recommends".to_owned(), package.to_owned()];
        packages::install(&mut image, manager, &words, &Location::file(&Arc::from("Dockerfile")));
    }
    image.tree
}
