//! Changes of a Dockerfile that several rules offer.
//!
//! An edit touches as little as it can: comments, line ends and the author's own style stay.

use crate::build::{Build, Stage};
use crate::dockerfile::{Dockerfile, Instruction, Kind};
use crate::fix::Edit;
use crate::image::{Image, packages};
use crate::source::{Excerpt, Span};

pub use crate::dockerfile::edit::{exec_form, json_string};

/// Replaces a range.
#[must_use]
pub fn replace(dockerfile: &Dockerfile, span: Span, text: impl Into<String>) -> Edit {
    dockerfile.replace(span, text)
}

/// A line of its own after an instruction.
#[must_use]
pub fn line_after(dockerfile: &Dockerfile, instruction: &Instruction, line: &str) -> Edit {
    dockerfile.line_after(instruction, line)
}

/// A line of its own before an instruction and the comments that belong to it.
#[must_use]
pub fn line_before(dockerfile: &Dockerfile, instruction: &Instruction, line: &str) -> Edit {
    dockerfile.line_before(instruction, line)
}

/// The words of a shell command that needs no shell: nothing in it is expanded, redirected or chained.
#[must_use]
pub fn plain_words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = command.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        end if end == c => break,
                        '$' | '`' | '\\' if c == '"' => return None,
                        inner => word.push(inner),
                    }
                }
            }
            '$' | '`' | '\\' | '*' | '?' | '[' | ']' | '{' | '}' | '<' | '>' | '|' | '&' | ';' | '(' | ')' | '#'
            | '~' | '!' | '\n' => return None,
            // An assignment before the command is the shell's.
            '=' if words.is_empty() => return None,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    // `exec` is a shell's word; without a shell it is not needed.
    if words.first().is_some_and(|first| first == "exec") {
        words.remove(0);
    }
    (!words.is_empty()).then_some(words)
}

/// The instructions of a stage, FROM included.
pub fn instructions<'b>(build: &'b Build, stage: &'b Stage) -> impl Iterator<Item = &'b Instruction> {
    let end = build.stages.get(stage.index + 1).map_or(u32::MAX, |next| next.span.start);
    let within = move |instruction: &&Instruction| (stage.span.start..end).contains(&instruction.span.start);
    build.dockerfile.instructions.iter().filter(within)
}

/// How an image installs packages, as far as an instruction can be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    Apk,
    Apt,
    Dnf,
    Zypper,
}

impl Manager {
    /// The one that an image has; `None` where there is none, or nobody knows.
    #[must_use]
    pub fn of(image: &Image) -> Option<Self> {
        Some(match packages::manager(&image.distribution.as_ref()?.value)? {
            packages::Manager::Apk => Self::Apk,
            packages::Manager::Apt => Self::Apt,
            packages::Manager::Dnf => Self::Dnf,
            packages::Manager::Zypper => Self::Zypper,
            packages::Manager::Pacman => return None,
        })
    }

    /// What is called to install something.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Apk => "apk",
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Zypper => "zypper",
        }
    }

    /// A whole instruction that installs packages.
    #[must_use]
    pub fn install(self, packages: &str) -> String {
        match self {
            Self::Apk => format!("RUN apk add --no-cache {packages}"),
            Self::Apt => format!(
                "RUN apt-get update && apt-get install -y --no-install-recommends {packages} && rm -rf /var/lib/apt/lists/*"
            ),
            Self::Dnf => format!("RUN dnf install -y {packages}"),
            Self::Zypper => format!("RUN zypper --non-interactive install {packages}"),
        }
    }

    /// The words that begin an installation.
    fn verbs(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Apk => &[("apk", "add")],
            Self::Apt => &[("apt-get", "install"), ("apt", "install")],
            Self::Dnf => &[("dnf", "install"), ("microdnf", "install"), ("yum", "install")],
            Self::Zypper => &[("zypper", "install"), ("zypper", "in")],
        }
    }
}

/// Packages of one name in every distribution.
const SAME_NAME: [&str; 12] =
    ["bash", "ca-certificates", "curl", "git", "gnupg", "jq", "openssl", "tar", "tini", "tzdata", "unzip", "wget"];

/// Hands the installations of a stage to another package manager; `None` when the stage runs anything else.
pub fn other_manager(build: &Build, stage: &Stage, manager: Manager) -> Option<Vec<Edit>> {
    let runs = instructions(build, stage).filter(|instruction| matches!(instruction.kind, Kind::Run(_)));
    runs.map(|instruction| install_with(&build.dockerfile, instruction, manager)).collect()
}

/// Hands the installations of one RUN to another package manager; `None` when it runs anything else, or installs what may
/// have another name there.
pub fn install_with(dockerfile: &Dockerfile, instruction: &Instruction, manager: Manager) -> Option<Edit> {
    let Kind::Run(run) = &instruction.kind else { return None };
    let crate::dockerfile::Command::Shell(excerpt) = &run.command else { return None };
    let every = [Manager::Apk, Manager::Apt, Manager::Dnf, Manager::Zypper];
    let mut names = Vec::new();
    for part in excerpt.text.split("&&") {
        // The lists of packages that the other one keeps.
        if part.trim().starts_with("rm -rf /var/") {
            continue;
        }
        let words = plain_words(part)?;
        if every.into_iter().any(|one| one.program() == words[0]) && words.get(1).is_some_and(|verb| verb == "update") {
            continue;
        }
        let is_install = |program: &str, verb: &str| words[0] == program && words.iter().any(|word| word == verb);
        let (_, verb) = every.into_iter().flat_map(Manager::verbs).find(|(program, verb)| is_install(program, verb))?;
        names.extend(words[1..].iter().filter(|word| !word.starts_with('-') && *word != verb).cloned());
    }
    if names.is_empty() || !names.iter().all(|name| SAME_NAME.contains(&name.as_str())) {
        return None;
    }
    let command = manager.install(&names.join(" "));
    let command = command.strip_prefix("RUN ").unwrap_or(&command);
    Some(replace(dockerfile, excerpt.span(0, excerpt.text.len()), command))
}

/// Installs packages in a stage: in a line that installs some already, or in a new one after FROM.
///
/// `None` where the stage has no package manager.
#[must_use]
pub fn install(build: &Build, stage: &Stage, packages: &str) -> Option<Edit> {
    let manager = Manager::of(&stage.image)?;
    let dockerfile = &build.dockerfile;
    let existing = instructions(build, stage).find_map(|instruction| match &instruction.kind {
        Kind::Run(run) => match &run.command {
            crate::dockerfile::Command::Shell(excerpt) => package_place(excerpt, manager),
            crate::dockerfile::Command::Exec { .. } => None,
        },
        _ => None,
    });
    if let Some(at) = existing {
        return Some(replace(dockerfile, at, format!("{packages} ")));
    }
    let from = instructions(build, stage).next()?;
    Some(line_after(dockerfile, from, &manager.install(packages)))
}

/// The empty span before the first package that a script installs for good.
fn package_place(script: &Excerpt, manager: Manager) -> Option<Span> {
    let words = words_with_places(&script.text);
    for (n, (_, word)) in words.iter().enumerate() {
        let Some((_, verb)) = manager.verbs().iter().find(|(program, _)| program == word) else { continue };
        let mut rest = words[n + 1..].iter().skip_while(|(_, word)| word.starts_with('-'));
        if rest.next().is_none_or(|(_, word)| word != verb) {
            continue;
        }
        let (at, package) = rest.find(|(_, word)| !word.starts_with('-'))?;
        // What goes into a virtual package is deleted later, and what looks like an operator is none of the packages.
        let virtual_package = words[n..].iter().take_while(|(start, _)| start < at).any(|(_, word)| {
            matches!(*word, "-t" | "--virtual" | "-X" | "--repository") || word.starts_with("--virtual=")
        });
        if !virtual_package && package.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '$') {
            return Some(script.span(*at, *at));
        }
    }
    None
}

fn words_with_places(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                words.push((from, &text[from..at]));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_commands_become_exec_forms() {
        for (command, exec) in [
            ("/app --port 80", Some(r#"["/app", "--port", "80"]"#)),
            ("exec /app 'a b' \"c\"", Some(r#"["/app", "a b", "c"]"#)),
            ("/app --name='x'y", Some(r#"["/app", "--name=xy"]"#)),
            ("/app $PORT", None),
            ("A=1 /app", None),
            ("a && b", None),
            ("/app 'open", None),
            ("", None),
        ] {
            assert_eq!(plain_words(command).map(|words| exec_form(&words)).as_deref(), exec, "{command}");
        }
    }

    #[test]
    fn packages_join_those_that_are_installed_for_good() {
        for (script, manager, joined) in [
            ("apk --no-cache add ca-certificates", Manager::Apk, Some("apk --no-cache add NEW ca-certificates")),
            ("apk add --no-cache a", Manager::Apk, Some("apk add --no-cache NEW a")),
            ("apk add --virtual .deps gcc", Manager::Apk, None),
            (
                "apt-get update && apt-get install -y \n  curl",
                Manager::Apt,
                Some("apt-get update && apt-get install -y \n  NEW curl"),
            ),
            ("echo apk", Manager::Apk, None),
        ] {
            let excerpt = Excerpt { text: script.into(), pieces: vec![(0, 0)] };
            let place = package_place(&excerpt, manager);
            let result = place.map(|span| {
                let (before, after) = script.split_at(span.start as usize);
                format!("{before}NEW {after}")
            });
            assert_eq!(result.as_deref(), joined, "{script}");
        }
    }
}
