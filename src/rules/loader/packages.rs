//! Which package brings a library.

use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::image::packages;
use crate::launch::Launch;
use crate::rules::mend;
use crate::text;

/// Installs the package that has a library in the final stage.
pub(super) fn install(launch: &Launch<'_>, library: &str) -> Option<Fix> {
    install_all(launch, &[library])
}

/// Installs the packages that have libraries in the final stage; `None` where one of them has no known package.
pub(super) fn install_all(launch: &Launch<'_>, libraries: &[&str]) -> Option<Fix> {
    let distribution = &launch.image.distribution.as_ref()?.value;
    let mut names = Vec::new();
    for library in libraries {
        let name = packages::providing(distribution, library)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let (build, stage) = launch.build.zip(launch.stage)?;
    let edit = mend::install(build, build.stages.get(stage)?, &names.join(" "))?;
    let (package, library) = (names.join("`, `"), libraries.join("`, `"));
    Some(Fix {
        title: if let [library] = libraries {
            text! {
                en: "install `{package}`, which has `{library}`",
                ja: "`{library}` を含む `{package}` をインストールする",
                package: package,
                library: *library,
            }
        } else {
            text! {
                en: "install what has `{library}`: `{package}`",
                ja: "`{library}` を含む `{package}` をインストールする",
                library: library,
                package: package,
            }
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
