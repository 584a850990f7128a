//! What commands do to files: one file per kind of command, each with its table in mind.
//!
//! A command that is known changes the tree as it would change the file system.
//! One that is not known may write anywhere that such commands write ([`opaque`]): there nothing is missing for sure
//! any more, and nothing that was there is lost.

mod absent;
mod answers;
mod archive;
mod bundle;
mod compile;
mod configuration;
mod download;
mod files;
mod make;
mod manager;
mod opaque;
mod options;
mod owners;
mod packages;
mod plans;
mod products;
mod regions;
mod rights;
mod taken;
mod text;
mod users;

use crate::lists::Collect;
use std::sync::Arc;

use super::run::Runner;
use super::work::{looks_like_program, named};
use super::{Event, EventKind};
use crate::fact::{Need, Provenance, Step};
use crate::loader;
use crate::needs::Machine;
use crate::shell::{Command, RedirectionKind, Status};
use crate::source::Location;
use crate::text as sentence;
use crate::tree::{Content, Entry, Lookup, Node, normalize};
use crate::word::{UNKNOWN, Word};

/// A command about to change files.
pub(in crate::build) struct Call<'c> {
    pub(super) command: &'c Command<'c>,
    /// The program's name without its directory.
    pub(super) name: String,
    /// The words after it; unknown parts are [`UNKNOWN`].
    pub(super) arguments: Vec<String>,
}

impl<'c> Call<'c> {
    fn new(command: &'c Command<'c>) -> Option<Self> {
        let (first, rest) = command.words.split_first()?;
        let first = first.known()?;
        let name = first.rsplit('/').next().unwrap_or_default().to_owned();
        let arguments = rest.iter().map(Word::pattern).collect_vec();
        Some(Self { command, name, arguments })
    }

    pub(super) fn at(&self) -> &Location {
        &self.command.at
    }

    /// The absolute path that a word names; `None` when it is not known.
    pub(super) fn path(&self, word: &str) -> Option<String> {
        if word.is_empty() || word.contains(UNKNOWN) {
            return None;
        }
        if word.starts_with('/') { Some(normalize("/", word)) } else { Some(normalize(self.command.directory?, word)) }
    }

    /// The known directory that a word of which the end is unknown lies below.
    pub(super) fn known_directory(&self, word: &str) -> Option<String> {
        let (known, _) = word.split_once(UNKNOWN)?;
        let (directory, _) = known.rsplit_once('/').unwrap_or_default();
        if known.starts_with('/') {
            return Some(normalize("/", directory));
        }
        Some(normalize(self.command.directory?, directory))
    }

    pub(super) fn read(&self) -> Provenance {
        Provenance::Read(self.command.at.clone())
    }

    /// What a tool of many commands is told to do: `install` of `npm --silent install`.
    pub(super) fn verb(&self) -> Option<&str> {
        self.arguments.iter().map(String::as_str).find(|word| !word.starts_with('-'))
    }

    /// The command, as a person calls it.
    pub(super) fn title(&self) -> String {
        let subcommand =
            self.arguments.first().filter(|word| !word.starts_with('-') && !word.contains(['/', '\u{f8ff}']));
        match subcommand {
            Some(word) if word.len() <= 24 => format!("{} {word}", self.name),
            _ => self.name.clone(),
        }
    }
}

pub(super) use text::Echo;

/// What a command prints, where that is known: for `$(…)`.
pub(super) fn output(runner: &Runner<'_, '_>, command: &Command<'_>) -> Option<String> {
    text::output(runner, &Call::new(command)?)
}

type Effect = fn(&mut Runner<'_, '_>, &Call<'_>) -> Status;

/// The commands whose effect on files is known.
fn effect(name: &str) -> Option<Effect> {
    Some(match name {
        "cp" => files::cp,
        "mv" => files::mv,
        "ln" => files::ln,
        "install" => files::install,
        "mkdir" => files::mkdir,
        "rm" | "rmdir" | "unlink" => files::rm,
        "touch" => files::touch,
        "chmod" => owners::chmod,
        "chown" | "chgrp" => owners::chown,
        "find" => files::find,
        "echo" | "printf" | "cat" => text::print,
        "tee" => text::tee,
        "sed" => text::sed,
        "dos2unix" | "fromdos" => text::dos2unix,
        "tar" | "bsdtar" => archive::tar,
        "unzip" | "7z" | "7za" => archive::unzip,
        "gunzip" | "unxz" | "bunzip2" | "gzip" | "xz" | "zstd" => archive::decompress,
        "curl" => download::curl,
        "wget" => download::wget,
        "git" => download::git,
        "useradd" | "adduser" => users::add_user,
        "groupadd" | "addgroup" => users::add_group,
        "apt-get" | "apt" | "apk" | "dnf" | "microdnf" | "yum" | "zypper" | "pacman" | "tdnf" | "aptitude" => {
            packages::run
        }
        "dpkg" | "rpm" => packages::local,
        "ldconfig" => ldconfig,
        "update-alternatives" => files::alternatives,
        "usermod" | "groupmod" => users::change,
        "userdel" | "deluser" | "groupdel" | "delgroup" => users::delete,
        "make" | "gmake" => make::make,
        _ => return None,
    })
}

/// Lists the libraries that are there by now in the loader's cache.
fn ldconfig(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let machine = Machine::of(&runner.work().image.platform);
    if let (Some(machine), true) = (machine, call.command.only_if.is_empty()) {
        loader::ldconfig(runner.tree_mut(), machine, &call.read());
    }
    Status::Unknown
}

/// Runs one command.
pub(super) fn run(runner: &mut Runner<'_, '_>, command: &Command<'_>) -> Status {
    let status = match Call::new(command) {
        None => {
            if !command.words.is_empty() {
                opaque::unknown_command(runner, command);
            }
            Status::Unknown
        }
        Some(call) => {
            absent::notice(runner, &call);
            rights::notice(runner, &call);
            if let Some(effect) = effect(&call.name) {
                effect(runner, &call)
            } else if let Some(status) = plans::run(runner, &call) {
                status
            } else if let Some(status) = bundle::run(runner, &call) {
                status
            } else if let Some(status) = products::run(runner, &call) {
                status
            } else {
                opaque::run(runner, &call)
            }
        }
    };
    redirect(runner, command);
    status
}

/// Files that a command's output goes to.
fn redirect(runner: &mut Runner<'_, '_>, command: &Command<'_>) {
    for redirection in &command.redirections {
        let Some(file) = &redirection.file else { continue };
        if redirection.kind == RedirectionKind::Read || redirection.descriptor > 2 {
            continue;
        }
        let pattern = file.pattern();
        if pattern.starts_with("/dev/") || pattern.starts_with("/proc/") {
            continue;
        }
        let call = Call::new(command);
        let Some(path) = call.as_ref().and_then(|call| call.path(&pattern)) else { continue };
        let output = match (redirection.descriptor, &call) {
            (2, _) => None,
            (_, Some(call)) => text::output(runner, call),
            (_, None) => None,
        };
        let content = match output {
            Some(text) if redirection.kind == RedirectionKind::Write => Content::Bytes(Arc::from(text.into_bytes())),
            Some(text) => match runner.bytes(&path) {
                Some(before) => Content::Bytes(Arc::from([&before[..], text.as_bytes()].concat())),
                None if runner.is_missing(&path) => Content::Bytes(Arc::from(text.into_bytes())),
                None => Content::Unknown(not_known(&path, &command.at)),
            },
            None => Content::Unknown(not_known(&path, &command.at)),
        };
        runner.write(&path, content, None, command);
    }
}

/// The content of a file is not known after this command.
pub(super) fn not_known(path: &str, at: &Location) -> Arc<Need> {
    let text = sentence! {
        en: "what `{path}` holds is not known",
        ja: "`{path}` の内容は分かりません",
        path: path,
    };
    Arc::new(Need { text, settled_by: Vec::new(), at: Some(at.clone()) })
}

impl Runner<'_, '_> {
    /// The bytes of a file, where they are known.
    pub(super) fn bytes(&self, path: &str) -> Option<Arc<[u8]>> {
        match self.tree().lookup(path) {
            Lookup::Found { entry: Entry { node: Node::File(Content::Bytes(bytes)), .. }, .. } => {
                Some(Arc::clone(bytes))
            }
            _ => None,
        }
    }

    /// Whether the build of this stage surely stopped before: what comes later is not reached.
    pub(super) fn stops(&self) -> bool {
        let is_stop = |event: &Event| {
            let stops = matches!(event.kind, EventKind::CommandNotFound { .. } | EventKind::Failure(_));
            stops && event.stage == self.stage && event.only_if.is_empty()
        };
        self.executor.events.iter().any(is_stop)
    }

    /// Whether the build may go on where a command fails, or does not surely reach it.
    pub(super) fn goes_on_without(&self, call: &Call<'_>) -> bool {
        let command = call.command;
        command.caught || self.caught || command.background || !command.only_if.is_empty() || self.depth > 0
    }

    pub(super) fn is_missing(&self, path: &str) -> bool {
        matches!(self.tree().lookup(path), Lookup::Missing { .. })
    }

    pub(super) fn is_directory(&self, path: &str) -> bool {
        match self.tree().lookup(path) {
            Lookup::Found { entry, .. } => entry.node == Node::Directory,
            Lookup::Unknown(_) => super::copy::STANDARD.contains(&path),
            Lookup::Missing { .. } => false,
        }
    }

    /// What is at a path, links followed.
    pub(super) fn found(&self, path: &str) -> Option<(String, Entry)> {
        match self.tree().lookup(path) {
            Lookup::Found { path, entry } => Some((path.to_string(), entry.clone())),
            _ => None,
        }
    }

    /// Writes a file as a command does: through a link that is there, with the mode it had.
    pub(super) fn write(&mut self, path: &str, content: Content, mode: Option<u32>, command: &Command<'_>) {
        let (path, before) = match self.found(path) {
            Some((real, entry)) => (real, entry.mode.or(Some(0o644))),
            None => (path.to_owned(), Some(0o644)),
        };
        let entry = Entry {
            node: Node::File(content),
            mode: mode.or(before),
            owner: self.owner(),
            from: Provenance::Read(command.at.clone()),
        };
        self.put(&path, entry, command);
    }

    /// Puts an entry; where the command is only reached under a condition, so is what it puts.
    pub(super) fn put(&mut self, path: &str, mut entry: Entry, command: &Command<'_>) {
        if let Some(condition) = command.only_if.last() {
            let other = self.tree().entry(path).is_some_and(|there| there.node != entry.node);
            if let (true, Node::File(content)) = (other, &mut entry.node) {
                // One of two contents: which, the condition tells.
                let text = sentence! {
                    en: "what `{path}` holds is different if {condition}",
                    ja: "{condition}場合、`{path}` の内容は異なります",
                    path: path,
                    condition: &condition.text,
                };
                *content = Content::Unknown(Arc::new(Need {
                    text,
                    settled_by: condition.settled_by.clone(),
                    at: Some(command.at.clone()),
                }));
            }
            let mut premises: Vec<Step> = command
                .only_if
                .iter()
                .map(|condition| Step {
                    claim: condition.text.clone(),
                    from: Provenance::Assumed(Arc::clone(condition)),
                })
                .collect_vec();
            let claim = sentence! { en: "this command is run", ja: "このコマンドが実行されます" };
            match entry.from {
                // What was conditional already does not grow deeper.
                Provenance::Derived(inference) => {
                    let new = inference.premises.iter().filter(|step| !premises.contains(step)).take(8).cloned();
                    let new: Vec<Step> = new.collect_vec();
                    premises.extend(new);
                }
                from => premises.push(Step { claim, from }),
            }
            entry.from = Provenance::derived(premises);
        }
        self.tree_mut().put(path, entry);
    }

    /// Takes a path away; where that hangs on a condition, it may or may not be there.
    pub(super) fn delete(&mut self, path: &str, command: &Command<'_>) {
        if path == "/" {
            return;
        }
        match command.only_if.last() {
            None => self.tree_mut().delete(path),
            Some(condition) => {
                let text = sentence! {
                    en: "`{path}` is taken away if {condition}",
                    ja: "{condition}場合、`{path}` は削除されます",
                    path: path,
                    condition: &condition.text,
                };
                let need = Need { text, settled_by: condition.settled_by.clone(), at: Some(command.at.clone()) };
                self.tree_mut().remove(path);
                self.tree_mut().doubt(path, Arc::new(need));
            }
        }
    }

    /// The program of this name that the stage has made, wherever it lies; one of unknown name may be it.
    pub(super) fn made_by_name(&mut self, name: &str) -> Option<Entry> {
        if !looks_like_program(name) || name.contains(UNKNOWN) {
            return None;
        }
        self.executor.budget.searches = self.executor.budget.searches.checked_sub(1)?;
        let made = |(path, entry): &(&Arc<str>, &Entry)| {
            let is_made = !entry.from.is_of_image() && path.rsplit('/').next() == Some(name);
            is_made && matches!(entry.seen().node, Node::File(Content::Program(_)))
        };
        let found = self.tree().below("/").find(made).map(|(_, entry)| entry.clone());
        found.or_else(|| self.work().unnamed.last().map(|unnamed| named(unnamed, name)))
    }

    pub(super) fn doubt(&mut self, path: &str, need: Arc<Need>) {
        self.tree_mut().doubt(path, need);
    }
}
