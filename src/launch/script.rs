//! What a start script executes.
//!
//! A script is walked with the container's environment and arguments; commands that only prepare (`mkdir`, `echo`) are
//! passed over, and what is left are the programs that decide the start.

use crate::lists::{Collect, is_one_of};
use std::sync::Arc;

use crate::fact::{Condition, Need};
use crate::image::Image;
use crate::shell::{Command, Host, Script, Status};
use crate::source::Location;
use crate::text;
use crate::tree::{Content, Lookup, Node, normalize};
use crate::word::{Environment, Word};

/// A program that a script executes.
#[derive(Clone, Debug)]
pub(super) struct Executed {
    pub(super) words: Vec<Word>,
    pub(super) at: Location,
    pub(super) directory: Option<String>,
    pub(super) replaces_shell: bool,
    pub(super) only_if: Vec<Arc<Condition>>,
    /// Something before it may have made files, so that nothing is missing for sure.
    pub(super) after: Option<Arc<Need>>,
    pub(super) prepares: bool,
    /// The script goes on when it fails.
    pub(super) caught: bool,
    pub(super) environment: Arc<Environment>,
}

/// Collects what a script executes.
pub(super) struct Collector<'a> {
    pub(super) image: &'a Image,
    pub(super) executed: Vec<Executed>,
    wrote: Option<Arc<Need>>,
}

/// So many commands of one script are looked at.
const MAXIMUM: usize = 200;

impl<'a> Collector<'a> {
    pub(super) fn new(image: &'a Image, wrote: Option<Arc<Need>>) -> Self {
        Self { image, executed: Vec::new(), wrote }
    }
}

impl Host for Collector<'_> {
    fn run(&mut self, command: &Command<'_>) -> Status {
        let name = command.words.first().and_then(Word::known).unwrap_or_default().into_owned();
        let base = name.rsplit('/').next().unwrap_or_default().to_owned();
        let only_looks = only_looks(&base);
        // The last thing that a script does, or a text that cannot be read, decides the start even when nobody can tell
        // what it is.
        let open = command.words.first().is_some_and(|word| word.unknown().is_some())
            && (command.replaces_shell || command.words.len() == 1);
        if self.executed.len() < MAXIMUM && !command.words.is_empty() && (open || !is_builtin(&base)) {
            self.executed.push(Executed {
                words: command.through.clone().unwrap_or_else(|| command.words.clone()),
                at: command.at.clone(),
                directory: command.directory.map(str::to_owned),
                replaces_shell: command.replaces_shell,
                only_if: command.only_if.clone(),
                after: self.wrote.clone(),
                prepares: only_looks || prepares(&base),
                caught: command.caught,
                environment: Arc::new(command.environment.clone()),
            });
        }
        let writes = command.redirections.iter().any(|redirection| {
            let file = redirection.file.as_ref().map(Word::pattern).unwrap_or_default();
            redirection.kind != crate::shell::RedirectionKind::Read && !file.is_empty() && !file.starts_with("/dev/")
        });
        if !only_looks || writes {
            let text = text! {
                en: "the script may have made it before",
                ja: "それより前にスクリプトが作る可能性があります",
            };
            self.wrote = Some(Arc::new(Need { text, settled_by: Vec::new(), at: Some(command.at.clone()) }));
        }
        match base.as_str() {
            "true" | ":" | "echo" | "printf" => Status::Success,
            "false" => Status::Failure,
            _ => Status::Unknown,
        }
    }

    fn output(&mut self, command: &Command<'_>) -> Option<String> {
        let words: Option<Vec<_>> = command.words.iter().map(|word| Some(word.known()?.into_owned())).collect();
        let path = match words?.iter().map(String::as_str).collect_vec()[..] {
            ["readlink", "-f" | "-e" | "--canonicalize", path] | ["realpath", path] => {
                normalize(command.directory?, path)
            }
            _ => return None,
        };
        match self.image.tree.lookup(&path) {
            Lookup::Found { path, .. } => Some(path.to_string()),
            _ => None,
        }
    }

    fn test(&mut self, operator: char, path: &str) -> Option<bool> {
        if operator == 'c' || self.wrote.is_some() {
            return None;
        }
        match self.image.tree.lookup(path) {
            // A volume may bring it at run time; without one it is not there.
            Lookup::Missing { .. } => Some(false),
            Lookup::Unknown(_) => None,
            Lookup::Found { entry, .. } => match (operator, &entry.node) {
                ('e', _) | ('d', Node::Directory) | ('f', Node::File(_)) => Some(true),
                ('d' | 'L' | 'h', Node::File(_)) | ('f', Node::Directory) => Some(false),
                ('s', Node::File(Content::Bytes(bytes))) => Some(!bytes.is_empty()),
                ('x', Node::File(_)) => entry.mode.map(|mode| mode & 0o111 != 0),
                _ => None,
            },
        }
    }

    fn script(&mut self, _: &str) -> Option<Script> {
        // A script that is run by name is a launch of its own.
        None
    }
}

/// Commands that every shell has in itself.
fn is_builtin(name: &str) -> bool {
    name.is_empty()
        || is_one_of(
            name,
            "echo printf true false : test [ [[ pwd kill trap set export unset wait ulimit umask cd shift return exit \
             read local eval source . command type hash alias break continue exec getopts readonly declare shopt",
        )
}

/// Commands that print, test or wait, and change nothing.
fn only_looks(name: &str) -> bool {
    is_one_of(
        name,
        "echo printf true false : test [ cat ls id whoami sleep date pwd uname hostname grep egrep awk \
         cut tr head tail sort uniq wc env printenv which command type hash basename dirname readlink \
         realpath expr seq stat find nc ping getent trap set export unset wait kill ulimit umask cd shift \
         return exit read local nproc sed jq xargs pg_isready curl wget eval source .",
    )
}

/// Commands that prepare a start and are not its point: their absence is met by no one who wrote the script.
fn prepares(name: &str) -> bool {
    is_one_of(
        name,
        "mkdir chown chmod chgrp cp mv rm ln touch tee install usermod groupmod useradd adduser addgroup \
         groupadd envsubst update-ca-certificates ldconfig sysctl mount umount iptables ip openssl tar \
         gunzip gzip unzip crond cron syslogd rsyslogd service apk apt-get git dos2unix mktemp stty clear \
         tput sync",
    )
}
