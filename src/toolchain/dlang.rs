//! D: `dmd`, `ldc2`, `gdc` and `dub`, to the programs they write, linked through the system's `cc`.

use super::arguments::{Arguments, below, place, program};
use super::native::{Program, because};
use super::{Invocation, Outcome, Place, Toolchain, Word, libraries};
use crate::lists::is_one_of;
use crate::needs::{Language, Linkage};

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::D, recognise, run };

fn recognise(words: &[Word]) -> bool {
    is_one_of(&program(words), "dmd ldc2 ldmd2 gdc dub")
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let Some(place) = written(invocation, &arguments) else { return Outcome::default() };
    let linkage = if arguments.has(&["-static", "-L-static"]) { Linkage::Static } else { Linkage::Dynamic };
    let Some(mut program) = Program::native(invocation, Language::D, linkage, because(invocation, linkage)) else {
        return Outcome::default();
    };
    if linkage == Linkage::Dynamic {
        program.libraries = vec!["libgcc_s.so.1".into()];
        program.suggested = libraries::of_packages(invocation);
    }
    program.at(Some(place), invocation)
}

fn written(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Place> {
    match program(invocation.words).as_str() {
        "dub" => match arguments.subcommand() {
            Some((subcommand, _)) if subcommand == "build" => below(invocation, "", None),
            None => below(invocation, "", None),
            Some(_) => None,
        },
        _ if arguments.has(&["-c", "-o-", "-lib", "-shared"]) => None,
        _ => place(invocation, &arguments.value(&["-of", "--of", "-o"])?),
    }
}
