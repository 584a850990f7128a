//! The table in `ARCHITECTURE.md` says who may import whom; this holds it true.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// One row of the table.
#[derive(Default)]
struct Row {
    may_import: BTreeSet<String>,
    doors: BTreeSet<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> BTreeMap<String, Row> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let words = text.lines().find(|line| line.starts_with("\"The words\" are")).expect("the words are listed");
    let words: BTreeSet<String> = quoted(words).collect();
    let ground = text.lines().find(|line| line.starts_with("\"The ground\" is")).expect("the ground is named");
    let ground: Vec<String> = quoted(ground).collect();
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let [module, _, imports, doors] = cells[..] else { panic!("a row has four cells: {line}") };
        let mut may_import: BTreeSet<String> = quoted(imports).collect();
        if imports.contains("the words") {
            may_import.extend(words.iter().cloned());
        }
        let module = quoted(module).next().expect("a row begins with its module");
        if !ground.contains(&module) {
            may_import.extend(ground.iter().cloned());
        }
        rows.insert(module, Row { may_import, doors: quoted(doors).collect() });
    }
    rows
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// Each file of the core with its module; the crate root has none.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = root().join("src");
    let mut sources = Vec::new();
    for file in rust_files(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        // The stand-in for a dependency is a package of its own.
        if module != "lib" && !inside.starts_with("dockerfile/regex") {
            let text = without_comments_and_tests(&fs::read_to_string(&file).unwrap());
            sources.push((module, file, text));
        }
    }
    assert!(sources.len() > 20, "the core was found");
    sources
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Comments may speak of anything, and tests stand last in a file.
fn without_comments_and_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The modules that a file names by `crate::…`, also inside braces.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            None => found.extend(first_word(after)),
            Some(list) => {
                let mut depth = 0;
                let mut item = String::new();
                for c in list.chars() {
                    match c {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => found.extend(first_word(&std::mem::take(&mut item))),
                        _ if depth == 0 => item.push(c),
                        _ => {}
                    }
                }
                found.extend(first_word(&item));
            }
        }
    }
    found
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

#[test]
fn modules_import_what_the_table_allows() {
    let table = table();
    let modules: BTreeSet<String> = sources().into_iter().map(|(module, ..)| module).collect();
    let mut wrong = Vec::new();
    for (module, file, code) in sources() {
        let file = file.strip_prefix(root()).unwrap().display().to_string();
        let Some(row) = table.get(&module) else {
            wrong.push(format!("{file}: `{module}` has no row"));
            continue;
        };
        for name in imports(&code) {
            // What is no module stands in the crate root: `check`, the macro `text!`.
            if modules.contains(&name) && name != module && !row.may_import.contains(&name) {
                wrong.push(format!("{file}: `{module}` imports `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "against the table in ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn a_crate_is_named_at_its_doors_only() {
    let table = table();
    let doors: BTreeSet<&String> = table.values().flat_map(|row| &row.doors).collect();
    assert!(doors.len() > 5, "{doors:?}");
    let mut wrong = Vec::new();
    for (module, file, code) in sources() {
        for door in doors.iter().filter(|door| !table[&module].doors.contains(**door)) {
            if code.contains(&format!("{door}::")) || code.contains(&format!("use {door}")) {
                wrong.push(format!("{} names `{door}`", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "against the table in ARCHITECTURE.md:\n{}", wrong.join("\n"));
}

#[test]
fn the_layers_have_an_order() {
    let table = table();
    let mut placed: BTreeSet<&String> = BTreeSet::new();
    while placed.len() < table.len() {
        let ready: Vec<_> = table
            .iter()
            .filter(|(module, row)| !placed.contains(module) && row.may_import.iter().all(|name| placed.contains(name)))
            .map(|(module, _)| module)
            .collect();
        let left: Vec<_> = table.keys().filter(|module| !placed.contains(module)).collect();
        assert!(!ready.is_empty(), "these import each other, or what has no row: {left:?}");
        placed.extend(ready);
    }
}

#[test]
fn the_core_opens_nothing() {
    let mut wrong = Vec::new();
    for (_, file, code) in sources() {
        for module in ["fs", "process", "time", "thread", "net", "env", "os"] {
            if code.contains(&format!("std::{module}::")) || code.contains(&format!("use std::{module};")) {
                wrong.push(format!("{} uses `std::{module}`", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_seen() {
    #[track_caller]
    fn check(code: &str, expected: &[&str]) {
        assert_eq!(imports(code).into_iter().collect::<Vec<_>>(), expected, "{code}");
    }
    check("use crate::fact::Fact;", &["fact"]);
    check("use crate::{fact::{Fact, Need}, needs, source::Span};", &["fact", "needs", "source"]);
    check("fn f(a: &crate::text::Text) {}", &["text"]);
    check("use super::x; use std::io;", &[]);
}
