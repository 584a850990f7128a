//! Whether what a runtime is given to run loads a package before anything else happens: an import at the outermost level
//! of the program, or of one of its own modules that it imports in the same way.

use super::Launch;
use crate::build::{Build, Stage};
use crate::lists::{Collect, Set};
use crate::needs::Language;
use crate::source::{Location, Span};
use crate::tree::{Content, Node, normalize};

/// So many files of a program are read.
const MOST_FILES: usize = 200;

/// The build, and the stage whose files are asked for.
type Sources<'b> = (&'b Build, &'b Stage);

/// Programs of packages that are told a module: `gunicorn app.wsgi:application`.
const SERVERS: [&str; 6] = ["gunicorn", "uvicorn", "hypercorn", "daphne", "waitress-serve", "celery"];

/// Where a program of the dropped sources loads the package that it calls `name`; `None` where that was not seen.
#[must_use]
pub fn import_of(launch: &Launch<'_>, language: Language, name: &str) -> Option<Location> {
    let build = launch.build?;
    let sources = (build, build.stages.get(launch.stage?)?);
    let words: Vec<String> = launch.argv.iter().map_while(|word| word.known().map(Into::into)).collect_vec();
    let (mut next, roots) = match language {
        Language::Python => python_start(&words, &launch.working_directory)?,
        Language::Node | Language::Ruby => {
            let file = words.get(1..)?.iter().find(|word| !word.starts_with('-'))?;
            (vec![normalize(&launch.working_directory, file)], Vec::new())
        }
        _ => return None,
    };
    let mut seen = Set::new();
    while let Some(stem) = next.pop() {
        let Some((path, text)) = file(launch, sources, language, &stem) else { continue };
        if !seen.add(&path) || seen.len() > MOST_FILES {
            continue;
        }
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        for (at, target) in targets(&text, language) {
            if target == name || target.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '/'])) {
                return located(launch, sources, &path, &text, at);
            }
            next.extend(own(&target, language, directory, &roots));
        }
    }
    None
}

/// What Python is given to run, and the directories in which it looks for modules.
fn python_start(words: &[String], directory: &str) -> Option<(Vec<String>, Vec<String>)> {
    let mut rest = words.get(1..)?.iter();
    let first = rest.find(|word| !word.starts_with('-') || *word == "-m" || *word == "-c")?;
    let module = if first == "-m" { rest.next()? } else { first };
    let base = module.rsplit('/').next().unwrap_or(module);
    let here = vec![directory.to_owned()];
    if SERVERS.contains(&base) {
        let told = |word: &&String| word.contains(':') && !word.contains('/') && !word.starts_with(['-', '0', ':']);
        let module = rest.find(told)?.split(':').next()?;
        return Some((vec![normalize(directory, &module.replace('.', "/"))], here));
    }
    if first == "-m" {
        let stem = normalize(directory, &module.replace('.', "/"));
        return Some((vec![format!("{stem}/__main__"), stem], here));
    }
    let path = normalize(directory, module);
    let root = path.rsplit_once('/').map_or("/", |(root, _)| root).to_owned();
    Some((vec![path], vec![root]))
}

/// The file that a module's path without its ending stands for: one that was dropped, or that the Dockerfile writes.
fn file(launch: &Launch<'_>, (build, stage): Sources<'_>, language: Language, stem: &str) -> Option<(String, String)> {
    let endings: &[&str] = match language {
        Language::Python => &["", ".py", "/__init__.py"],
        Language::Ruby => &["", ".rb"],
        _ => &["", ".js", ".cjs", ".mjs", "/index.js"],
    };
    endings.iter().find_map(|ending| {
        let path = format!("{stem}{ending}");
        let dropped = build.dropped(stage, &path).and_then(|context| build.project.text(&context));
        let text = dropped.or_else(|| match &launch.image.tree.entry(&path)?.node {
            Node::File(Content::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        })?;
        Some((path, text))
    })
}

/// The place of an import: its line in the dropped file, or what writes the file.
fn located(launch: &Launch<'_>, (build, stage): Sources<'_>, path: &str, text: &str, at: usize) -> Option<Location> {
    let dropped = build.dropped(stage, path);
    let Some(dropped) = dropped.as_ref().and_then(|context| build.project.dropped_path(context)) else {
        return launch.image.tree.entry(path)?.from.location().cloned();
    };
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let (start, end) = (u32::try_from(at).ok()?, u32::try_from(end).ok()?);
    Some(Location::new(dropped, Span { start, end }))
}

/// Modules of the program itself that a target may stand for, as paths without endings.
fn own(target: &str, language: Language, directory: &str, roots: &[String]) -> Vec<String> {
    if language != Language::Python {
        return if target.starts_with('.') { vec![normalize(directory, target)] } else { Vec::new() };
    }
    let name = target.trim_start_matches('.');
    let dots = target.len() - name.len();
    let path = name.replace('.', "/");
    if dots == 0 {
        // Importing `a.b` imports `a` before.
        let outer = path.split('/').next().unwrap_or_default();
        return roots.iter().flat_map(|root| [normalize(root, &path), normalize(root, outer)]).collect_vec();
    }
    vec![normalize(directory, &format!("{}{path}", "../".repeat(dots - 1)))]
}

/// What the outermost level of a text imports, each with where its line begins.
fn targets(text: &str, language: Language) -> Vec<(usize, String)> {
    let mut targets = Vec::new();
    let mut at = 0;
    // Between the quotes of a long string, and within the brackets of a long import.
    let mut quoted = false;
    let mut listed: Option<String> = None;
    for line in text.split_inclusive('\n') {
        let here = at;
        at += line.len();
        let was_quoted = quoted;
        if language == Language::Python && (line.matches("\"\"\"").count() + line.matches("'''").count()) % 2 == 1 {
            quoted = !quoted;
        }
        if was_quoted {
            continue;
        }
        let code = line.trim_end();
        if let Some(from) = listed.take() {
            targets.extend(names(code).map(|name| (here, inside(&from, &name))));
            listed = (!code.contains(')')).then_some(from);
        } else if language == Language::Python {
            if let Some(rest) = code.strip_prefix("import ") {
                targets.extend(names(rest).map(|name| (here, name)));
            } else if let Some((from, rest)) = code.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
                let from = from.trim().to_owned();
                targets.push((here, from.clone()));
                targets.extend(names(rest).map(|name| (here, inside(&from, &name))));
                listed = (rest.contains('(') && !rest.contains(')')).then_some(from);
            }
        } else {
            targets.extend(quoted_target(code, language).map(|target| (here, target)));
        }
    }
    targets
}

/// The names of `a, b as c` or `(a,`.
fn names(list: &str) -> impl Iterator<Item = String> {
    let list = list.split('#').next().unwrap_or_default();
    let name =
        |part: &str| part.trim_matches([' ', '\t', '(', ')', '\\']).split(' ').next().unwrap_or_default().to_owned();
    list.split(',').map(name).filter(|name| !name.is_empty())
}

/// A name in a module; `from . import x` stands for `.x`.
fn inside(from: &str, name: &str) -> String {
    if from.ends_with('.') { format!("{from}{name}") } else { format!("{from}.{name}") }
}

/// What `require("x")`, `import … from "x"` or `require_relative "x"` loads, at the start of a line's own statement.
fn quoted_target(code: &str, language: Language) -> Option<String> {
    let (words, relative): (&[&str], _) = match language {
        Language::Ruby => (&["require '", "require \""], code.strip_prefix("require_relative ")),
        _ => (&["require('", "require(\"", " from '", " from \"", "import '", "import \""], None),
    };
    if code.starts_with([' ', '\t', '/', '#', '*']) {
        return None;
    }
    if let Some(relative) = relative {
        return Some(format!("./{}", relative.trim_matches(['\'', '"'])));
    }
    if language == Language::Ruby && !code.starts_with("require ") || code.contains("=>") || code.contains("function") {
        return None;
    }
    let rest = words.iter().find_map(|word| Some(&code[code.find(word)? + word.len()..]))?;
    rest.split(['\'', '"']).next().filter(|target| !target.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_the_outermost_level_are_seen() {
        for (language, text, expected) in [
            (Language::Python, "import os, cv2 as c\n", "os cv2"),
            (Language::Python, "from a.b import c, d as e\nfrom . import x\n", "a.b a.b.c a.b.d . .x"),
            (Language::Python, "from a import (\n  b,\n  c)\nimport d\n", "a a.b a.c d"),
            (Language::Python, "\"\"\"\nimport x\n\"\"\"\ntry:\n    import y\nexcept ImportError: pass\n", ""),
            (Language::Python, "def f():\n    import x\n# import z\n", ""),
            (Language::Node, "const { a } = require('canvas');\nimport x from \"./y\"\n  require('z')\n", "canvas ./y"),
            (Language::Node, "const f = () => require('x')\n// require('y')\n", ""),
            (Language::Ruby, "require 'pg'\nrequire_relative 'lib/x'\n# require 'y'\n", "pg ./lib/x"),
        ] {
            let found: Vec<String> = targets(text, language).into_iter().map(|(_, target)| target).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
