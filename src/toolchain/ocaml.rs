//! OCaml: `dune build` and `ocamlfind ocamlopt`, to the programs they write, linked through the system's `cc`.

use super::arguments::{Arguments, below, place, program};
use super::native::{Program, because};
use super::{Invocation, Outcome, Place, Toolchain, Word, libraries};
use crate::needs::{Language, Linkage};

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::OCaml, recognise, run };

fn recognise(words: &[Word]) -> bool {
    matches!(program(words).as_str(), "dune" | "ocamlopt" | "ocamlfind")
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let Some(place) = written(invocation, &arguments) else { return Outcome::default() };
    let linkage = if arguments.mentions("-static") { Linkage::Static } else { Linkage::Dynamic };
    let Some(mut program) = Program::native(invocation, Language::OCaml, linkage, because(invocation, linkage)) else {
        return Outcome::default();
    };
    if linkage == Linkage::Dynamic {
        program.suggested = libraries::of_packages(invocation);
    }
    program.at(Some(place), invocation)
}

fn written(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Place> {
    match program(invocation.words).as_str() {
        "dune" => match arguments.subcommand()?.0.as_str() {
            "build" => below(invocation, "_build", None),
            "install" => below(invocation, "/usr/local/bin", None),
            _ => None,
        },
        _ if arguments.has(&["-c", "-a", "-shared"]) => None,
        _ => place(invocation, &arguments.value(&["-o"])?),
    }
}
