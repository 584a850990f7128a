//! Crystal: `crystal build` and `shards build`, to the programs they write.
//!
//! The compiler links through the system's `cc`: libpcre, libevent, and libssl where the program speaks TLS.

use super::arguments::{Arguments, below, place, program};
use super::native::{Program, because};
use super::{Invocation, Outcome, Place, Toolchain, Word, libraries};
use crate::fact::{Fact, Provenance, Settler};
use crate::lists::Collect;
use crate::needs::{Language, Linkage};
use crate::text;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Crystal, recognise, run };

fn recognise(words: &[Word]) -> bool {
    matches!(program(words).as_str(), "crystal" | "shards")
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let Some(place) = written(invocation, &arguments) else { return Outcome::default() };
    let linkage = if arguments.has(&["--static"]) { Linkage::Static } else { Linkage::Dynamic };
    let Some(mut program) = Program::native(invocation, Language::Crystal, linkage, because(invocation, linkage))
    else {
        return Outcome::default();
    };
    if linkage == Linkage::Dynamic {
        program.libraries = vec!["libgcc_s.so.1".into()];
        let condition = text! {
            en: "the program links the libraries that Crystal's standard library uses (PCRE, libevent)",
            ja: "プログラムが Crystal の標準ライブラリが使うライブラリ（PCRE、libevent）をリンクする",
        };
        let from = Provenance::assumed(condition, vec![Settler::Program(String::new())]);
        let found =
            ["pcre2-8", "event-2.1", "gc"].iter().filter_map(|link| libraries::soname(invocation.builder.tree, link));
        program.suggested = found.map(|soname| Fact::new(soname, from.clone())).collect_vec();
    }
    program.at(Some(place), invocation)
}

fn written(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Place> {
    let (subcommand, rest) = arguments.subcommand()?;
    if program(invocation.words) == "shards" {
        return (subcommand == "build").then(|| below(invocation, "bin", None)).flatten();
    }
    // `crystal src/x.cr` without a subcommand runs the program.
    if subcommand != "build" && subcommand != "compile" {
        return None;
    }
    if let Some(output) = rest.value(&["-o", "--output"]) {
        return place(invocation, &output);
    }
    let operands = rest.operands(&["-D", "--define", "--threads", "--target", "--link-flags"]);
    let source = operands.first()?.known()?;
    let name = source.rsplit('/').next()?.strip_suffix(".cr")?.to_owned();
    place(invocation, &Word::new(name))
}
