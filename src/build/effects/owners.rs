//! chmod, chown, chgrp: the modes and the owners of files.

use std::sync::Arc;

use super::options::Options;
use super::{Call, Runner};
use crate::build::{context, mode};
use crate::lists::Collect;
use crate::shell::Status;
use crate::tree::{Content, Entry, Lookup, Node};

pub(super) fn chmod(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    // `chmod -x file` takes a mode that looks like an option.
    let is_option = |word: &&String| {
        word.starts_with("--")
            || word.len() > 1 && word.starts_with('-') && word[1..].chars().all(|c| "Rcfv".contains(c))
    };
    let recursive = call.arguments.iter().filter(is_option).any(|word| word.contains('R') || word == "--recursive");
    let mut words = call.arguments.iter().filter(|word| !is_option(word));
    let Some(mode) = words.next() else { return Status::Unknown };
    for word in words {
        let is_pattern = word.contains(['*', '?', '[']);
        let path = call.path(word).filter(|path| {
            let is_there = runner.found(path).is_some();
            runner.work_mut().owners_are_open |= is_pattern || !is_there && context::looks_like_directory(path);
            true
        });
        let Some(path) = path else { continue };
        let paths = if is_pattern { runner.matching(&path) } else { vec![path] };
        for path in paths {
            set_mode(runner, call, &path, mode);
            if recursive {
                let Some((real, _)) = runner.found(&path) else { continue };
                let below: Vec<String> = runner.tree().below(&real).map(|(path, _)| path.to_string()).collect_vec();
                if below.len() > runner.executor.budget.entries {
                    continue;
                }
                runner.executor.budget.entries -= below.len();
                for path in below {
                    set_mode(runner, call, &path, mode);
                }
            }
        }
    }
    Status::Unknown
}

/// One file of `chmod`, or what `install -m` puts.
pub(super) fn set_mode(runner: &mut Runner<'_, '_>, call: &Call<'_>, path: &str, mode: &str) {
    match runner.found(path) {
        Some((real, mut entry)) => {
            entry.mode = match mode.contains(super::UNKNOWN) {
                true => None,
                false => self::mode::change(entry.mode, mode, entry.node == Node::Directory),
            };
            if !call.command.only_if.is_empty() {
                entry.mode = None;
            }
            runner.tree_mut().put(&real, entry);
        }
        // The build is green, so the file is there: what is in it, nobody has told.
        None => {
            if let Lookup::Unknown(need) = runner.tree().lookup(path) {
                if call.command.only_if.is_empty() && !context::looks_like_directory(path) {
                    let node = Node::File(Content::Unknown(need));
                    let mode = self::mode::change(None, mode, false);
                    // Only the owner and root may do this.
                    let entry = Entry { node, mode, owner: runner.owner(), from: call.read() };
                    runner.put(path, entry, call.command);
                }
            }
        }
    }
}

pub(super) fn chown(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "", &[]);
    let recursive = options.has(&["R", "recursive"]);
    let Some((owner, paths)) = options.operands.split_first() else { return Status::Unknown };
    for word in paths {
        let Some((real, entry)) = call.path(word).and_then(|path| runner.found(&path)) else {
            runner.work_mut().owners_are_open = true;
            continue;
        };
        let mut all = vec![(real.clone(), entry)];
        if recursive {
            all.extend(runner.tree().below(&real).map(|(path, entry)| (path.to_string(), entry.clone())));
        }
        if all.len() > runner.executor.budget.entries {
            continue;
        }
        runner.executor.budget.entries -= all.len();
        for (path, mut entry) in all {
            if call.name == "chown" {
                entry.owner = Some(Arc::from(*owner));
            }
            runner.tree_mut().put(&path, entry);
        }
    }
    Status::Unknown
}
