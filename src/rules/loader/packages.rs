//! Which package brings a library.

use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::image::packages;
use crate::launch::Launch;
use crate::rules::mend;
use crate::text;

/// Installs the package that has a library in the final stage.
pub(super) fn install(launch: &Launch<'_>, library: &str) -> Option<Fix> {
    let package = packages::providing(&launch.image.distribution.as_ref()?.value, library)?;
    let (build, stage) = launch.build.zip(launch.stage)?;
    let edit = mend::install(build, build.stages.get(stage)?, package)?;
    Some(Fix {
        title: text! {
            en: "install `{package}`, which has `{library}`",
            ja: "`{library}` を含む `{package}` をインストールする",
            package: package,
            library: library,
        },
        tradeoff: text! { en: "the image grows by its size", ja: "その分イメージが大きくなります" },
        edits: vec![edit],
    })
}

/// "`/app` needs `libssl.so.3`", as a step.
pub(super) fn needs(program: &str, library: &str, from: &Provenance) -> Step {
    let claim = text! {
        en: "`{program}` needs `{library}`",
        ja: "`{program}` は `{library}` を必要とします",
        program: program,
        library: library,
    };
    Step { claim, from: from.clone() }
}
