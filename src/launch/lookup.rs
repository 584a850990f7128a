//! Looks a program up: a path from the working directory, a name in PATH.

use std::sync::Arc;

use super::chain::Step;
use super::{Found, Program};
use crate::binary;
use crate::build::work::{looks_like_program, named};
use crate::build::{Build, Stage, near};
use crate::fact::{Knowledge, Need, Provenance, Settler, Step as FactStep};
use crate::image::Image;
use crate::needs::{Absence, ElfNeeds, Foreign, Modules, Needs};
use crate::source::{Location, Span};
use crate::text;
use crate::tree::{Content, Entry, Lookup, Node, normalize};
use crate::word::Environment;

/// Where programs are looked for.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) image: &'a Image,
    pub(super) environment: &'a Environment,
    pub(super) build: Option<&'a Build>,
    pub(super) stage: Option<&'a Stage>,
}

impl Place<'_> {
    /// The same place for what is executed from a script, which may have changed the environment.
    pub(super) fn within<'s>(&'s self, step: &'s Step) -> Place<'s> {
        Place { environment: step.environment.as_deref().unwrap_or(self.environment), ..*self }
    }

    /// What `name` is, for one who executes it in `directory`.
    pub(super) fn program(&self, name: &str, directory: &str) -> Program {
        if name.contains('/') {
            let path = normalize(directory, name);
            return match self.at(&path) {
                Lookup::Found { path: real_path, entry } => self.found(name, path, real_path, entry.clone(), false),
                Lookup::Missing { path: absent } => {
                    let left_out = self.left_out(name, vec![path.clone()]);
                    left_out.unwrap_or_else(|| self.missing(name, vec![path], &absent, None))
                }
                Lookup::Unknown(need) => {
                    self.left_out(name, vec![path.clone()]).unwrap_or_else(|| self.maybe(name, &path, need))
                }
            };
        }
        // The C library's own default, for who has none.
        let usual = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let (path, mut unknown) = match self.environment.get("PATH") {
            Some(Knowledge::Known(path)) => (path.value, None),
            // Whatever else PATH holds, it most likely keeps the usual directories.
            Some(Knowledge::Unknown(need)) => (usual.to_owned(), Some((name.to_owned(), need))),
            None => (usual.to_owned(), None),
        };
        let mut searched = Vec::new();
        // A file of that name without an execute bit, which whoever put it there meant.
        let mut meant = None;
        for part in path.split(':') {
            let candidate = normalize(if part.is_empty() { directory } else { part }, name);
            match self.at(&candidate) {
                Lookup::Found { path: real_path, entry } => {
                    let executable = entry.mode.is_none_or(|mode| mode & 0o111 != 0);
                    if matches!(entry.node, Node::File(_)) && executable {
                        return self.found(name, candidate, real_path, entry.clone(), true);
                    }
                    if matches!(entry.node, Node::File(_)) && !entry.from.is_of_image() {
                        meant.get_or_insert((candidate.clone(), real_path, entry.clone()));
                    }
                }
                Lookup::Unknown(need) => {
                    unknown.get_or_insert((candidate.clone(), need));
                }
                Lookup::Missing { .. } => {}
            }
            searched.push(candidate);
        }
        // No program has a blank in its name, wherever nobody looked.
        let unknown = unknown.filter(|_| !name.contains(' '));
        match (unknown, meant) {
            (Some(_), Some((candidate, real_path, entry))) => self.found(name, candidate, real_path, entry, true),
            (Some((candidate, need)), None) => {
                self.left_out(name, searched).unwrap_or_else(|| self.maybe(name, &candidate, need))
            }
            (None, _) => {
                self.left_out(name, searched.clone()).unwrap_or_else(|| self.missing(name, searched, name, None))
            }
        }
    }

    /// A program that nobody has seen: one whose name is not known, or a dropped one, may be it.
    fn maybe(&self, name: &str, path: &str, need: Arc<Need>) -> Program {
        let (directory, file) = path.rsplit_once('/').unwrap_or_default();
        let unnamed = self.stage.into_iter().flat_map(|stage| &stage.unnamed);
        // What is a link is known by name.
        let may_be = looks_like_program(file) && self.image.tree.entry(path).is_none();
        let made = unnamed.filter(|_| may_be).find(|unnamed| unnamed.directory == directory);
        let through_path = !name.contains('/');
        if let Some(unnamed) = made {
            return self.found(name, path.to_owned(), Arc::from(path), named(unnamed, file), through_path);
        }
        let entry = Entry {
            node: Node::File(Content::Unknown(Arc::clone(&need))),
            mode: None,
            owner: None,
            from: Provenance::Always,
        };
        match self.substitute(file, &entry) {
            Some((needs, from)) => {
                let entry = Entry { node: Node::File(Content::Program(needs)), from, ..entry };
                self.found(name, path.to_owned(), Arc::from(path), entry, through_path)
            }
            None => Program::Unknown { name: name.to_owned(), need },
        }
    }

    /// A program that an installation left out, and that is nowhere else.
    fn left_out(&self, name: &str, searched: Vec<String>) -> Option<Program> {
        let file = name.rsplit('/').next().unwrap_or_default();
        let tree = &self.image.tree;
        let (left, own) = tree.modules_below("/").find_map(|(at, modules)| {
            let program = format!("{}/{file}", Modules::programs(at));
            let left = modules.left_out.iter().find(|left| left.value.program == file)?;
            searched.contains(&program).then_some((left, program))
        })?;
        let ignores = self.build?.ignores();
        let mut because = premises(&left.from);
        // What a distribution's package is not named for, an image has only where such an installation puts it.
        let is_packaged = self.image.packages.iter().any(|package| package.value.contains(file));
        let only_installed = left.value.why == Absence::NotListed && !is_packaged;
        let of_image = |path: &String| {
            let by_image = |need: &Need| need.settled_by.iter().all(|settler| matches!(settler, Settler::Image(_)));
            matches!(tree.lookup(path), Lookup::Unknown(need) if by_image(&need) && !need.settled_by.is_empty())
        };
        for path in searched.iter().filter(|path| **path == own || !(only_installed && of_image(path))) {
            for condition in tree.missing_if(path, &ignores)? {
                if because.iter().all(|step| step.claim != condition.text) {
                    because.push(FactStep { claim: condition.text.clone(), from: Provenance::Assumed(condition) });
                }
            }
        }
        let absent = if name.contains('/') { searched.first()?.clone() } else { name.to_owned() };
        Some(self.missing(name, searched, &absent, Some((left.value.why, because))))
    }

    fn missing(
        &self,
        name: &str,
        searched: Vec<String>,
        absent: &str,
        left_out: Option<(Absence, Vec<FactStep>)>,
    ) -> Program {
        let wanted = searched.first().cloned().unwrap_or_else(|| name.to_owned());
        let near = near::in_tree(&self.image.tree, &wanted);
        Program::Missing { name: name.to_owned(), searched, absent: absent.to_owned(), near, left_out }
    }

    fn at(&self, path: &str) -> Lookup<'_> {
        self.image.tree.lookup(path)
    }

    fn found(&self, name: &str, path: String, real_path: Arc<str>, mut entry: Entry, through_path: bool) -> Program {
        let file = real_path.rsplit('/').next().unwrap_or_default();
        let mut predicted = None;
        if let Some((needs, from)) = self.substitute(file, &entry) {
            if let Node::File(Content::Program(made)) = &entry.node {
                predicted = Some(Arc::clone(made));
            }
            entry.node = Node::File(Content::Program(needs));
            entry.from = from;
        }
        let needs = needs(&entry, &path);
        Program::Found(Box::new(Found {
            name: name.to_owned(),
            path,
            real_path,
            entry,
            needs,
            predicted,
            through_path,
        }))
    }

    /// The dropped program that stands for one that the build makes: by its name, or because there is only one.
    fn substitute(&self, file: &str, entry: &Entry) -> Option<(Arc<Needs>, Provenance)> {
        let build = self.build?;
        let Node::File(content) = &entry.node else { return None };
        let predicted = match content {
            Content::Unknown(_) => true,
            Content::Program(needs) => matches!(**needs, Needs::Elf(_) | Needs::Unknown(_)),
            _ => false,
        };
        // What the base image brings, nobody replaces.
        let from_image = entry.from.is_of_image();
        if !predicted || from_image {
            return None;
        }
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let by_name = build.substitutes.iter().find(|dropped| name(&dropped.path) == file);
        let only = match build.substitutes.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        let dropped = by_name.or(only)?;
        Some((as_built(&dropped.needs, content), Provenance::Read(Location::file(&dropped.path))))
    }
}

/// A dropped program's needs, with the other ways to make it that the command which builds it would offer.
fn as_built(dropped: &Arc<Needs>, predicted: &Content) -> Arc<Needs> {
    match (&**dropped, predicted) {
        (Needs::Elf(read), Content::Program(program)) => match &**program {
            Needs::Elf(made) if !made.remedies.is_empty() => {
                let remedies = made.remedies.clone();
                Arc::new(Needs::Elf(Box::new(ElfNeeds { remedies, ..(**read).clone() })))
            }
            _ => Arc::clone(dropped),
        },
        _ => Arc::clone(dropped),
    }
}

/// The steps that lead to a conclusion.
fn premises(from: &Provenance) -> Vec<FactStep> {
    match from {
        Provenance::Derived(inference) => inference.premises.clone(),
        _ => Vec::new(),
    }
}

/// What the file at a path asks for.
pub(super) fn needs(entry: &Entry, path: &str) -> Needs {
    let unknown = |need: &Arc<Need>| Needs::Unknown(Arc::clone(need));
    match &entry.node {
        Node::File(Content::Program(needs)) => (**needs).clone(),
        Node::File(Content::Bytes(bytes)) => {
            let location = entry.from.location().cloned();
            if bytes.is_empty() {
                return Needs::Foreign(crate::fact::Fact::new(Foreign::Empty, entry.from.clone()));
            }
            let at = location.unwrap_or_else(|| Location::new(&Arc::from(path), Span::default()));
            let mut script = binary::script(bytes, &at);
            script.shebang.from = entry.from.clone();
            Needs::Script(script)
        }
        Node::File(Content::Library(library)) => match &library.needs {
            Some(needs) => (**needs).clone(),
            None => unknown(&not_looked_into(path)),
        },
        Node::File(Content::Unknown(need)) => unknown(need),
        Node::File(Content::Opaque | Content::Stored(_)) | Node::Directory | Node::Link(_) => {
            unknown(&not_looked_into(path))
        }
    }
}

fn not_looked_into(path: &str) -> Arc<Need> {
    let text =
        text! { en: "what `{path}` asks for is not known", ja: "`{path}` が必要とするものは分かりません", path: path };
    Arc::new(Need { text, settled_by: Vec::new(), at: None })
}
