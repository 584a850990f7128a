//! Whether there is anything to build: a module around the working directory, and packages where the command looks.
//!
//! From Go 1.16 on `go` asks for a `go.mod` unless it is given files by name (Go 1.16 release notes, "Modules";
//! `modload.ModRoot` in src/cmd/go/internal/modload/init.go).

use super::flags::Flags;
use super::settings::setting;
use super::version::Version;
use crate::fact::{Fact, Need, Provenance, Settler, Step};
use crate::needs::Needs;
use crate::text;
use crate::text::Text;
use crate::toolchain::{Failure, FailureKind, Invocation, Outcome, Place, Product, Word};
use crate::tree::{Lookup, normalize};
use std::sync::Arc;

/// The first release that does not build outside a module by default.
const MODULES_ONLY: u32 = 16;

/// `go mod init`: the module file, whose text nobody has seen.
pub(super) fn initialise(invocation: &Invocation<'_>, directory: Option<&str>, words: &[Word]) -> Outcome {
    let begins = words.first().and_then(Word::known).is_some_and(|word| word == "init");
    let at = directory.map_or_else(|| invocation.directory.map(str::to_owned), |to| absolute(invocation, to));
    let Some(at) = at.filter(|_| begins) else { return Outcome::default() };
    let text = text! { en: "`go mod init` writes go.mod", ja: "`go mod init` は go.mod を書き込みます" };
    let need = Need { text, settled_by: vec![Settler::ProjectFolder], at: Some(invocation.at.clone()) };
    let place = Place::File(normalize(&at, "go.mod"));
    let product = Product { place, needs: Needs::Unknown(Arc::new(need)), mode: 0o644 };
    Outcome { products: vec![product], ..Outcome::default() }
}

fn absolute(invocation: &Invocation<'_>, directory: &str) -> Option<String> {
    if directory.starts_with('/') {
        Some(normalize("/", directory))
    } else {
        Some(normalize(invocation.directory?, directory))
    }
}

/// Why `go` finds nothing to build in a directory.
pub(super) fn nothing_to_build(
    invocation: &Invocation<'_>,
    command: &str,
    directory: &str,
    flags: &Flags,
    version: Option<&Fact<Version>>,
) -> Option<Failure> {
    let is_elsewhere =
        |package: &String| package.contains('@') || package.ends_with(".go") || super::settings::is_unknown(package);
    if flags.open.is_some() || flags.packages.iter().any(is_elsewhere) {
        return None;
    }
    let minor = version?.value.minor;
    // What follows the package of `go run` is the program's own.
    let count = if command == "run" { 1 } else { flags.packages.len() };
    let packages = &flags.packages[..count.min(flags.packages.len())];
    no_module(invocation, directory, minor).or_else(|| no_package(invocation, directory, packages))
}

fn no_module(invocation: &Invocation<'_>, directory: &str, minor: u32) -> Option<Failure> {
    let is_on = match setting(invocation, "GO111MODULE") {
        None => minor >= MODULES_ONLY,
        Some(set) => set.value()? == "on",
    };
    let names = ["GOFLAGS", "GOWORK"];
    if !is_on || invocation.environment.open.is_some() || names.iter().any(|name| setting(invocation, name).is_some()) {
        return None;
    }
    let mut at = directory;
    loop {
        let all_missing = ["go.mod", "go.work"].iter().all(|file| is_missing(invocation, &normalize(at, file)));
        if !all_missing {
            return None;
        }
        match at.rsplit_once('/') {
            Some((above, _)) if !above.is_empty() => at = above,
            _ if at == "/" => break,
            _ => at = "/",
        }
    }
    let claim = text! {
        en: "no go.mod is in `{directory}` or above it, and Go builds only modules",
        ja: "`{directory}` にもその上にも go.mod がありません。Go はモジュールのみをビルドします",
        directory: directory,
    };
    let message = "go: go.mod file not found in current directory or any parent directory; see 'go help modules'";
    Some(failure(invocation, FailureKind::NoModule, message.to_owned(), claim))
}

/// A package is a directory with Go files.
fn no_package(invocation: &Invocation<'_>, directory: &str, packages: &[String]) -> Option<Failure> {
    let here = [".".to_owned()];
    let packages = if packages.is_empty() { &here[..] } else { packages };
    let local = |package: &&String| package.starts_with('.') && !package.contains("...");
    packages.iter().filter(local).find_map(|package| {
        let path = normalize(directory, package);
        let tree = invocation.builder.tree;
        if is_missing(invocation, &path) {
            let claim = text! {
                en: "there is no directory `{path}` to build",
                ja: "ビルドするディレクトリ `{path}` がありません",
                path: &path,
            };
            return Some(failure(
                invocation,
                FailureKind::NothingToBuild,
                format!("stat {path}: directory not found"),
                claim,
            ));
        }
        let inside = format!("{}/", path.trim_end_matches('/'));
        let is_source =
            |file: &str| file.strip_prefix(&inside).is_some_and(|name| name.ends_with(".go") && !name.contains('/'));
        // A name that nobody has is missing where all names are known.
        let is_listed = is_missing(invocation, &format!("{inside}\u{2026}.go"));
        if !is_listed || tree.below(&path).any(|(file, _)| is_source(file)) {
            return None;
        }
        let claim = text! {
            en: "no Go files are in `{path}`",
            ja: "`{path}` に Go のファイルがありません",
            path: &path,
        };
        Some(failure(invocation, FailureKind::NothingToBuild, format!("no Go files in {path}"), claim))
    })
}

fn is_missing(invocation: &Invocation<'_>, path: &str) -> bool {
    matches!(invocation.builder.tree.lookup(path), Lookup::Missing { .. })
}

fn failure(invocation: &Invocation<'_>, kind: FailureKind, message: String, claim: Text) -> Failure {
    let step = text! { en: "`go` is called here", ja: "ここで `go` が呼び出されます" };
    let from = Provenance::derived(vec![Step { claim: step, from: Provenance::Read(invocation.at.clone()) }]);
    Failure { kind, message, claim, from, fixes: Vec::new() }
}
