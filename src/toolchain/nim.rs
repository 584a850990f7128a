//! Nim: `nim c`, `nim cpp` and `nimble build`, to the programs they write.
//!
//! Nim compiles to C and links through the system's `cc`; OpenSSL and SQLite are opened at run time, not linked.

use super::arguments::{Arguments, below, place, program};
use super::native::{Program, because};
use super::{Invocation, Outcome, Place, Toolchain, Word};
use crate::needs::{Language, Linkage};

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Nim, recognise, run };

fn recognise(words: &[Word]) -> bool {
    matches!(program(words).as_str(), "nim" | "nimble")
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let Some(place) = written(invocation, &arguments) else { return Outcome::default() };
    let linkage = if arguments.mentions("passL:-static") || arguments.mentions("passL:\"-static") {
        Linkage::Static
    } else {
        Linkage::Dynamic
    };
    match Program::native(invocation, Language::Nim, linkage, because(invocation, linkage)) {
        Some(program) => program.at(Some(place), invocation),
        None => Outcome::default(),
    }
}

fn written(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Place> {
    let (subcommand, rest) = arguments.subcommand()?;
    match (program(invocation.words).as_str(), subcommand.as_str()) {
        ("nimble", "build" | "install") => below(invocation, "", None),
        ("nimble" | "nim", "c" | "cc" | "cpp" | "compile") => {
            if let Some(output) = arguments.value(&["-o", "--out"]) {
                return place(invocation, &output);
            }
            let source = rest.operands(&[]).last()?.known()?.into_owned();
            let name = source.strip_suffix(".nim").unwrap_or(&source).to_owned();
            // Nim writes beside the source, not into the working directory.
            place(invocation, &Word::new(name))
        }
        _ => None,
    }
}
