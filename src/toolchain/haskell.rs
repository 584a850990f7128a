//! Haskell: `ghc`, `stack` and `cabal`, to the programs they write.
//!
//! GHC links Haskell's own libraries statically and the system's dynamically: libc, libm and libgmp.

use super::arguments::{Arguments, below, home, place, program};
use super::native::{Program, because};
use super::{Invocation, Outcome, Place, Toolchain, Word, libraries};
use crate::image::LibcFamily;
use crate::lists::is_one_of;
use crate::needs::{Language, Linkage};

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Haskell, recognise, run };

fn recognise(words: &[Word]) -> bool {
    matches!(program(words).as_str(), "ghc" | "stack" | "cabal")
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let Some(place) = written(invocation, &arguments) else { return Outcome::default() };
    let statically = ["-optl-static", "-optl=-static", "--enable-executable-static", "-optl-pthread -optl-static"]
        .iter()
        .any(|flag| arguments.mentions(flag));
    let linkage = if statically { Linkage::Static } else { Linkage::Dynamic };
    let Some(mut program) = Program::native(invocation, Language::Haskell, linkage, because(invocation, linkage))
    else {
        return Outcome::default();
    };
    if !statically {
        let libc = program.libc.value().cloned().flatten();
        if libc.is_some_and(|libc| libc.family == LibcFamily::Glibc) {
            program.libraries = vec!["libm.so.6".into()];
        }
        program.libraries.push("libgmp.so.10".into());
        program.suggested = libraries::of_packages(invocation);
    }
    program.at(Some(place), invocation)
}

fn written(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Place> {
    let name = program(invocation.words);
    if name == "ghc" {
        let sources = arguments.operands(&["-o", "-outputdir", "-i", "-package"]);
        return match arguments.value(&["-o"]) {
            Some(output) => place(invocation, &output),
            None => {
                let source = sources.first()?.known()?;
                place(invocation, &Word::new(source.strip_suffix(".hs")?))
            }
        };
    }
    let (subcommand, rest) = arguments.subcommand()?;
    let local = rest.value(&["--local-bin-path", "--installdir"]);
    let copies = matches!(subcommand.as_str(), "install") || rest.has(&["--copy-bins"]) || local.is_some();
    match (name.as_str(), local) {
        _ if !is_one_of(&subcommand, "build install v2-build new-build v2-install") => None,
        (_, Some(directory)) => below(invocation, &directory.known()?, None),
        ("stack", None) if copies => below(invocation, &format!("{}/.local/bin", home(invocation)), None),
        ("cabal", None) if copies => below(invocation, &format!("{}/.cabal/bin", home(invocation)), None),
        ("stack", None) => below(invocation, ".stack-work", None),
        _ => below(invocation, "dist-newstyle", None),
    }
}
