//! What a `cargo` command is asked for: the subcommand, its flags, and the settings around it.

use std::sync::Arc;

use crate::fact::{Fact, Knowledge, Need, Provenance};
use crate::project::cargo;
use crate::toolchain::arguments::absolute;
use crate::toolchain::{Invocation, Word};

/// The flags that decide where programs land and how they are linked; a word with unknown parts is kept as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) target: Option<Word>,
    pub(super) profile: Option<String>,
    pub(super) programs: Vec<Word>,
    pub(super) packages: Vec<Word>,
    pub(super) examples: Vec<Word>,
    pub(super) target_directory: Option<Word>,
    /// `--artifact-dir` (before: `--out-dir`), which takes copies.
    pub(super) artifact_directory: Option<Word>,
    pub(super) manifest: Option<Word>,
    /// `cargo install --path`
    pub(super) path: Option<Word>,
    /// `cargo install --root`
    pub(super) root: Option<Word>,
    pub(super) git: bool,
    /// Only libraries or tests are built.
    pub(super) no_program: bool,
    /// Words that are no flags: the crates of `cargo install`.
    pub(super) operands: Vec<Word>,
}

/// Flags that take a value which decides nothing here.
const WITH_VALUE: &[&str] = &[
    "--features",
    "-F",
    "--jobs",
    "-j",
    "--config",
    "-Z",
    "--color",
    "--message-format",
    "--registry",
    "--index",
    "--version",
    "--vers",
    "--branch",
    "--tag",
    "--rev",
    "--exclude",
    "--recipe-path",
    "--lockfile-path",
    "--test",
    "--bench",
];

impl Flags {
    pub(super) fn read(words: &[Word]) -> Self {
        let mut flags = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.pattern();
            if text == "--" {
                break;
            }
            let (name, inline) = match text.split_once('=') {
                Some((name, _)) if name.starts_with("--") => (name.to_owned(), Some(after(word, name.len() + 1))),
                _ => (text.clone(), None),
            };
            let mut value = || inline.clone().or_else(|| words.next().cloned());
            match name.as_str() {
                "--release" | "-r" => flags.profile = Some("release".into()),
                "--profile" => flags.profile = value().map(|word| word.pattern()),
                "--target" => flags.target = value(),
                "--bin" => flags.programs.extend(value()),
                "--example" => flags.examples.extend(value()),
                "-p" | "--package" => flags.packages.extend(value()),
                "--target-dir" => flags.target_directory = value(),
                "--artifact-dir" | "--out-dir" => flags.artifact_directory = value(),
                "--manifest-path" => flags.manifest = value(),
                "--path" => flags.path = value(),
                "--root" => flags.root = value(),
                "--git" => {
                    value();
                    flags.git = true;
                }
                "--lib" | "--tests" | "--benches" => flags.no_program = true,
                "--bins" | "--all-targets" => flags.no_program = false,
                name if WITH_VALUE.contains(&name) => {
                    value();
                }
                name if name.starts_with('-') => {}
                _ => flags.operands.push(word.clone()),
            }
        }
        flags
    }
}

/// A word without its first `length` bytes, which are known text.
fn after(word: &Word, length: usize) -> Word {
    let mut rest = word.clone();
    if let Some(crate::word::Part::Text(text)) = rest.parts.first_mut() {
        *text = text.get(length..).unwrap_or_default().to_owned();
    }
    rest
}

/// The directory of the manifest that a command builds.
pub(super) fn package_directory(invocation: &Invocation<'_>, flags: &Flags) -> Option<String> {
    match (&flags.path, &flags.manifest) {
        (Some(path), _) => absolute(invocation, path),
        (None, Some(manifest)) => {
            let manifest = absolute(invocation, manifest)?;
            Some(manifest.rsplit_once('/').map_or_else(String::new, |(directory, _)| directory.to_owned()))
        }
        (None, None) => invocation.directory.map(str::to_owned),
    }
}

/// A setting from the environment, or from the `.cargo/config.toml` that was dropped.
pub(super) fn setting(
    invocation: &Invocation<'_>,
    directory: Option<&str>,
    variable: &str,
    table: &str,
    key: &str,
) -> Option<Knowledge<String>> {
    let set = invocation.environment.get(variable).filter(|value| value.value().is_none_or(|value| !value.is_empty()));
    set.or_else(|| configured(invocation, directory?, table, key).map(Into::into))
}

/// A value of the nearest `.cargo/config.toml` in the dropped context, its strings joined by blanks.
fn configured(invocation: &Invocation<'_>, directory: &str, table: &str, key: &str) -> Option<Fact<String>> {
    let sources = invocation.sources?;
    let mut at = sources.context_path(directory)?;
    loop {
        for name in [".cargo/config.toml", ".cargo/config"] {
            let path = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
            let Some(text) = sources.project.text(&path) else { continue };
            let found = cargo::settings(&text).into_iter().find(|setting| setting.table == table && setting.key == key);
            if let (Some(found), Some(path)) = (found, sources.project.dropped_path(&path)) {
                let from = Provenance::Read(crate::source::Location::file(path));
                return Some(Fact::new(found.values.join(" "), from));
            }
        }
        if at.is_empty() {
            return None;
        }
        at = at.rsplit_once('/').map_or_else(String::new, |(above, _)| above.to_owned());
    }
}

/// A value that is known, nothing when it is not set, or why it is not known.
pub(super) fn known(setting: Option<Knowledge<String>>) -> Result<Option<Fact<String>>, Arc<Need>> {
    match setting {
        None => Ok(None),
        Some(Knowledge::Known(value)) => Ok(Some(value)),
        Some(Knowledge::Unknown(need)) => Err(need),
    }
}
