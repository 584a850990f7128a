//! Programs that a production install leaves out: what is said of them, by the build and by rules.

use crate::dockerfile::Dockerfile;
use crate::fact::Step;
use crate::fix::{Edit, Fix};
use crate::source::Span;
use crate::text;
use crate::text::Text;

/// What is wrong.
#[must_use]
pub fn message(program: &str) -> Text {
    text! {
        en: "`{program}` is not installed: it is one of the `devDependencies`, which are left out",
        ja: "`{program}` はインストールされていません（`devDependencies` のもので、インストールから除外されています）",
        program: program,
    }
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
