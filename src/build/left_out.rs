//! Programs that an installation does not bring: what is said of them, by the build and by rules.

use crate::build::Build;
use crate::dockerfile::Dockerfile;
use crate::fact::{Provenance, Step};
use crate::fix::{Edit, Fix};
use crate::needs::Absence;
use crate::source::Span;
use crate::text;
use crate::text::Text;

/// What is wrong.
#[must_use]
pub fn message(program: &str, why: Absence) -> Text {
    match why {
        Absence::ForDevelopment => text! {
            en: "`{program}` is not installed: it is one of the `devDependencies`, which are left out",
            ja: "`{program}` はインストールされていません（`devDependencies` のもので、インストールから除外されています）",
            program: program,
        },
        Absence::NotListed => text! {
            en: "`{program}` is not installed: the packages that are do not name it",
            ja: "`{program}` はインストールされていません（インストールするパッケージに挙げられていません）",
            program: program,
        },
    }
}

/// Installs it.
#[must_use]
pub fn mend(build: &Build, program: &str, why: Absence, because: &[Step]) -> Option<Fix> {
    match why {
        Absence::ForDevelopment => install(&build.dockerfile, because),
        Absence::NotListed => list(build, program, because),
    }
}

/// Names a program's package where the packages are named: in the file, or in the command.
fn list(build: &Build, program: &str, because: &[Step]) -> Option<Fix> {
    let at = because.iter().find_map(|step| match &step.from {
        Provenance::Read(at) => Some(at),
        _ => None,
    })?;
    let (place, new_text) = if at.path == build.dockerfile.path {
        (at.span.end, format!(" {program}"))
    } else {
        let text = build.project.text(&at.path).filter(|_| at.path.ends_with(".txt"))?;
        let front = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        (u32::try_from(text.len()).ok()?, format!("{front}{program}\n"))
    };
    Some(Fix {
        title: text! { en: "install `{program}`", ja: "`{program}` をインストールする", program: program },
        tradeoff: text! { en: "without a version, the newest is taken", ja: "バージョンを書かないと最新のものになります" },
        edits: vec![Edit { path: at.path.clone(), span: Span { start: place, end: place }, new_text }],
    })
}

/// Installs it after all.
#[must_use]
pub fn install(dockerfile: &Dockerfile, because: &[Step]) -> Option<Fix> {
    let at = because.iter().find_map(|step| step.from.location().filter(|at| at.path == dockerfile.path))?;
    let command = at.span.of(&dockerfile.text);
    const FLAGS: [&str; 9] = [
        " --omit=dev",
        " --omit dev",
        " --only=production",
        " --only production",
        " --only=prod",
        " --production=true",
        " --production",
        " --prod",
        " -P",
    ];
    let flag = FLAGS.iter().find_map(|flag| Some((command.find(flag)?, flag.len(), "")));
    let start = at.span.start as usize;
    let (offset, length, new) = match flag {
        Some(found) => found,
        // `NODE_ENV` asks for it.
        None if command.starts_with("npm ") => (command.len(), 0, " --include=dev"),
        None => (command.len(), 0, " --prod=false"),
    };
    let span = Span::new(start + offset, start + offset + length);
    Some(Fix {
        title: text! { en: "install `devDependencies` as well", ja: "`devDependencies` もインストールする" },
        tradeoff: text! {
            en: "the image grows by them; moving the one package to `dependencies` costs less",
            ja: "その分イメージが大きくなります（そのパッケージだけを `dependencies` に移すほうが小さく済みます）",
        },
        edits: vec![Edit { path: dockerfile.path.clone(), span, new_text: new.to_owned() }],
    })
}
