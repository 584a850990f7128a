//! Dart: `dart compile exe` and `dart build`, to programs that carry Dart's runtime.
//!
//! The runtime is published for glibc alone (dart-lang/sdk, "Supported platforms"); the SDK's image brings the files
//! that it needs in `/runtime`, to be copied into `scratch`.

use super::arguments::{Arguments, place, program};
use super::native::Program;
use super::{Invocation, Outcome, Toolchain, Word};
use crate::fact::{Provenance, Step};
use crate::image::LibcFamily;
use crate::needs::{Language, Linkage};
use crate::text;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Dart, recognise, run };

fn recognise(words: &[Word]) -> bool {
    matches!(program(words).as_str(), "dart" | "dart2native")
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let rest = match program(invocation.words).as_str() {
        "dart2native" => Some(arguments),
        _ => arguments
            .subcommand()
            .filter(|(subcommand, _)| subcommand == "compile")
            .and_then(|(_, rest)| rest.subcommand())
            .filter(|(form, _)| form == "exe")
            .map(|(_, rest)| rest),
    };
    let Some(rest) = rest else { return Outcome::default() };
    let output = rest.value(&["-o", "--output"]).or_else(|| {
        let source = rest.operands(&["-D", "--define", "--packages"]).first()?.known()?.into_owned();
        Some(Word::new(format!("{}.exe", source.strip_suffix(".dart").unwrap_or(&source))))
    });
    let claim = text! {
        en: "a compiled Dart program carries Dart's own runtime, which asks for glibc",
        ja: "コンパイルされた Dart プログラムには glibc を必要とする Dart ランタイムが含まれます",
    };
    let because = vec![Step { claim, from: Provenance::recorded("Dart", "dart-lang/sdk, supported platforms", "") }];
    let Some(program) = Program::native(invocation, Language::Dart, Linkage::Dynamic, because) else {
        return Outcome::default();
    };
    let mut program = program.prebuilt(LibcFamily::Glibc, invocation);
    program.libraries = ["libdl.so.2", "libpthread.so.0", "libm.so.6"].map(str::to_owned).into();
    program.at(output.and_then(|output| place(invocation, &output)), invocation)
}
