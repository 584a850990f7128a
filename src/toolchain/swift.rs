//! Swift: `swift build`, to the programs it writes.
//!
//! What decides: whether Swift's own libraries are linked statically (`--static-swift-stdlib`), and libc too
//! (`-static-executable`, or the musl SDK).

use super::arguments::{Arguments, absolute, below, program};
use super::native::Program;
use super::{Invocation, Outcome, Place, Toolchain, Word, libraries};
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::needs::{Language, Linkage, Trait};
use crate::text;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Swift, recognise, run };

fn recognise(words: &[Word]) -> bool {
    program(words) == "swift"
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let builds = arguments.subcommand().is_some_and(|(subcommand, _)| subcommand == "build");
    // `--show-bin-path` prints a path and builds nothing.
    if !builds || arguments.has(&["--show-bin-path", "--build-tests"]) {
        return Outcome::default();
    }
    let musl = arguments.mentions("swift-linux-musl");
    let whole = musl || arguments.has(&["-static-executable"]);
    let own = whole || arguments.has(&["--static-swift-stdlib", "-static-stdlib"]);
    let linkage = if whole { Linkage::Static } else { Linkage::Dynamic };
    let here = || Provenance::Read(invocation.at.clone());
    let claim = match (whole, own) {
        (true, _) => {
            text! { en: "the command asks for a static program", ja: "コマンドは静的プログラムを指定しています" }
        }
        (_, true) => text! {
            en: "only Swift's own libraries are linked statically",
            ja: "静的にリンクされるのは Swift 自身のライブラリだけです",
        },
        _ => text! { en: "Swift's libraries are shared", ja: "Swift のライブラリは共有ライブラリです" },
    };
    let because = vec![Step { claim, from: here() }];
    let Some(mut program) = Program::native(invocation, Language::Swift, linkage, because) else {
        return Outcome::default();
    };
    if musl {
        let libc = Libc { family: LibcFamily::Musl, version: String::new() };
        program.libc = Fact::new(Some(libc), here()).into();
    }
    if !whole {
        program.libraries = vec!["libstdc++.so.6".into(), "libgcc_s.so.1".into()];
        program.suggested = libraries::of_packages(invocation);
    }
    if !own {
        program.libraries.insert(0, "libswiftCore.so".into());
    }
    program.traits.push(Fact::new(Trait::UsesTimeZones, dates()));
    let place = place(invocation, &arguments);
    program.at(place, invocation)
}

/// `swift build --show-bin-path`: where the programs of a configuration lie.
pub(super) fn prints(invocation: &Invocation<'_>) -> Option<String> {
    let arguments = Arguments::of(invocation.words);
    if !recognise(invocation.words) || !arguments.has(&["--show-bin-path"]) {
        return None;
    }
    let configuration = arguments.value(&["-c", "--configuration"])?.known()?.into_owned();
    Some(normalize(&scratch(invocation, &arguments)?, &configuration))
}

/// Foundation stops the process when it formats a date and finds no zone data (swift-corelibs-foundation,
/// `CFTimeZone.c`).
fn dates() -> Provenance {
    let condition = text! {
        en: "the program formats dates with Foundation",
        ja: "プログラムが Foundation で日付を書式化する",
    };
    Provenance::assumed(condition, vec![Settler::ProjectFolder])
}

/// `.build/release/NAME`, below the package's folder.
fn place(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Place> {
    let product = arguments.value(&["--product"]).and_then(|word| word.known().map(|name| name.into_owned()));
    // The configuration's folder is a link to one of the target's own, so the whole of `.build` may hold the program.
    below(invocation, &scratch(invocation, arguments)?, product)
}

fn scratch(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<String> {
    if let Some(word) = arguments.value(&["--scratch-path", "--build-path"]) {
        return absolute(invocation, &word);
    }
    let package = match arguments.value(&["--package-path"]) {
        Some(word) => absolute(invocation, &word)?,
        None => invocation.directory?.to_owned(),
    };
    Some(normalize(&package, ".build"))
}
