//! execlens tells whether a program will start in a container image, why not, and what mends it.
//!
//! `ARCHITECTURE.md` is the map; the modules stand here in reading order.

pub mod input;
pub mod recognise;
pub mod source;

pub mod fact;
pub mod needs;
pub mod platform;
pub mod text;
pub mod word;

pub mod dockerfile;
pub mod shell;

pub mod image;
pub mod tree;

pub mod binary;
pub mod project;
pub mod toolchain;

pub mod build;
pub mod loader;

pub mod launch;

pub mod diagnostic;
pub mod fix;
pub mod rules;

pub mod analysis;
pub mod judge;
pub mod options;
pub mod report;
pub mod verdict;

#[cfg(target_arch = "wasm32")]
pub mod wasm;

use std::sync::Arc;

use analysis::{Analysis, Recognised};
use input::Input;
use options::Options;
use recognise::Kind;
use verdict::Verdict;

/// Checks what was dropped; whatever it is, there is an answer.
#[must_use]
pub fn check(files: &[Input], options: &Options) -> report::Report {
    report::report(&examine(files), files, options.locale)
}

fn examine(files: &[Input]) -> Analysis {
    let inputs: Vec<_> = files.iter().map(recognise_input).collect();
    let starts_something =
        |input: &Recognised| input.kind.is_some_and(|kind| kind == Kind::Dockerfile || kind.is_program());
    let (verdict, summary) = if inputs.iter().any(starts_something) {
        (
            Verdict::Unknown,
            text! { en: "it cannot be told yet whether this starts", ja: "起動するかどうかはまだ判断できません" },
        )
    } else {
        (
            Verdict::NoProgram,
            text! { en: "nothing that was dropped starts a program", ja: "渡されたファイルの中に起動するものがありません" },
        )
    };
    Analysis {
        verdict,
        summary,
        inputs,
        diagnostics: Vec::new(),
        suppressed: Vec::new(),
        unknowns: Vec::new(),
        programs: Vec::new(),
        builds: Vec::new(),
        launch: None,
        messages: Vec::new(),
    }
}

fn recognise_input(file: &Input) -> Recognised {
    let kind = recognise::recognise(file, |_| false);
    let problem = match kind {
        None => Some(text! { en: "the file could not be read", ja: "ファイルを読めませんでした" }),
        Some(Kind::Archive) => Some(
            text! { en: "archives and image files are not read yet", ja: "アーカイブとイメージファイルはまだ読めません" },
        ),
        Some(_) => None,
    };
    Recognised { path: Arc::clone(&file.path), kind, problem }
}
