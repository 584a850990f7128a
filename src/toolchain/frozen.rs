//! Python programs in one file: PyInstaller, Nuitka, and staticx, which makes a static program of another.
//!
//! PyInstaller takes the interpreter's library along as it lies in the image, and so asks for that image's libc, or a newer
//! one, when it unpacks itself (pyinstaller.org, "Making GNU/Linux Apps Forward-Compatible").

use super::arguments::{Arguments, absolute, program};
use super::native::{Program, because};
use super::{Invocation, Outcome, Place, Toolchain, Word};
use crate::fact::{Provenance, Step};
use crate::needs::{Language, Linkage};
use crate::text;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Python, recognise, run };

fn recognise(words: &[Word]) -> bool {
    tool(words).is_some()
}

/// The tool and the words from its name on: `python3 -m PyInstaller` is called like `pyinstaller`.
fn tool(words: &[Word]) -> Option<(&'static str, &[Word])> {
    let name = program(words);
    let (name, rest) = match name.strip_prefix("python") {
        Some(version) if version.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
            let at = words.iter().position(|word| word.pattern() == "-m")?;
            (words.get(at + 1)?.pattern().to_ascii_lowercase(), words.get(at + 1..)?)
        }
        _ => (name, words),
    };
    let tools = ["pyinstaller", "nuitka", "nuitka3", "staticx"];
    tools.into_iter().find(|tool| *tool == name).map(|tool| (tool, rest))
}

/// Options that take the next word.
const WITH_VALUE: &[&str] = &[
    "-n",
    "--name",
    "--distpath",
    "--workpath",
    "--specpath",
    "--add-data",
    "--add-binary",
    "-p",
    "--paths",
    "--hidden-import",
    "--hiddenimport",
    "--collect-all",
    "--collect-data",
    "--collect-submodules",
    "--collect-binaries",
    "--copy-metadata",
    "--additional-hooks-dir",
    "--runtime-hook",
    "--exclude-module",
    "--key",
    "--upx-dir",
    "--runtime-tmpdir",
    "--log-level",
    "--target-arch",
    "-i",
    "--icon",
    "-l",
    "--loader",
];

fn run(invocation: &Invocation<'_>) -> Outcome {
    let Some((tool, words)) = tool(invocation.words) else { return Outcome::default() };
    let arguments = Arguments::of(words);
    let operands = arguments.operands(WITH_VALUE);
    if tool == "staticx" {
        let place = operands.get(1).and_then(|word| absolute(invocation, word)).map(Place::File);
        let program =
            Program::native(invocation, Language::Python, Linkage::Static, because(invocation, Linkage::Static));
        return program.map(|program| program.at(place, invocation)).unwrap_or_default();
    }
    let claim = text! {
        en: "the program carries the Python of `{image}` along",
        ja: "プログラムには `{image}` の Python が含まれます",
        image: invocation.builder.image,
    };
    let because = vec![Step { claim, from: Provenance::Read(invocation.at.clone()) }];
    let Some(program) = Program::native(invocation, Language::Python, Linkage::Dynamic, because) else {
        return Outcome::default();
    };
    let script = operands.first().and_then(|word| word.known().map(|script| script.into_owned()));
    let place = match tool {
        "pyinstaller" => of_pyinstaller(invocation, &arguments, script.as_deref()),
        _ => of_nuitka(invocation, &arguments, script.as_deref()),
    };
    program.at(place, invocation)
}

/// `x` of `src/x.py`.
fn stem(script: &str) -> &str {
    let name = script.rsplit('/').next().unwrap_or(script);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// `dist/NAME`, or `dist/NAME/NAME` without `--onefile`.
fn of_pyinstaller(invocation: &Invocation<'_>, arguments: &Arguments<'_>, script: Option<&str>) -> Option<Place> {
    let directory = match arguments.value(&["--distpath"]) {
        Some(word) => absolute(invocation, &word)?,
        None => normalize(invocation.directory?, "dist"),
    };
    // What a description of its own makes stands in there.
    if script.is_none_or(|script| script.ends_with(".spec")) {
        return Some(Place::Below { directory, likely: None });
    }
    let name = match arguments.value(&["-n", "--name"]) {
        Some(word) => word.known()?.into_owned(),
        None => stem(script?).to_owned(),
    };
    let in_one_file = arguments.has(&["-F", "--onefile"]);
    Some(Place::File(if in_one_file { format!("{directory}/{name}") } else { format!("{directory}/{name}/{name}") }))
}

/// `main.bin`, in a folder of its own with `--standalone` alone.
fn of_nuitka(invocation: &Invocation<'_>, arguments: &Arguments<'_>, script: Option<&str>) -> Option<Place> {
    let script = script?;
    let directory = match arguments.value(&["--output-dir"]) {
        Some(word) => absolute(invocation, &word)?,
        None => invocation.directory?.to_owned(),
    };
    let directory = match arguments.has(&["--standalone"]) && !arguments.has(&["--onefile"]) {
        true => format!("{directory}/{}.dist", stem(script)),
        false => directory,
    };
    let name = match arguments.value(&["--output-filename", "-o"]) {
        Some(word) => word.known()?.into_owned(),
        None => format!("{}.bin", stem(script)),
    };
    Some(Place::File(normalize(&directory, &name)))
}
