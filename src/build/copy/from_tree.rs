//! Files of another stage, or of an image.

use crate::lists::{self, Collect, Map};
use std::sync::Arc;

use super::renamed;
use super::{Copier, Given, SYSTEM, is_directory, not_seen};
use crate::build::context::{looks_like_directory, looks_like_file};
use crate::build::operation::Source;
use crate::build::written::{self, Instead, Written};
use crate::build::{CopySource, Unnamed, near};
use crate::fact::{Need, Provenance, Settler, Step};
use crate::needs::{Language, Modules};
use crate::project::{clean, pattern};
use crate::text;
use crate::tree::{Content, Entry, Lookup, Node, Tree, normalize};

impl Copier<'_, '_> {
    pub(super) fn copy_tree(&mut self, source: &Source, given: &Given, from: CopySource) {
        let tree = &given.tree;
        if let Some(pattern) = &source.parents {
            let wanted = clean(&format!("{}/{pattern}", source.path));
            for path in matches_in_tree(tree, &format!("/{wanted}")) {
                let below = path.strip_prefix(source.path.trim_end_matches('/')).unwrap_or(&path).to_owned();
                let to = normalize(&self.directory, below.trim_start_matches('/'));
                self.subtree(given, &path, &to);
            }
            let directory = self.directory.clone();
            return self.carry_gaps(tree, &source.path, &directory);
        }
        if pattern::is_pattern(&source.path) {
            for path in matches_in_tree(tree, &source.path) {
                let is_directory =
                    matches!(tree.lookup(&path), Lookup::Found { entry, .. } if entry.node == Node::Directory);
                let to = if is_directory { self.directory.clone() } else { self.place(&path) };
                self.subtree(given, &path, &to);
            }
            let (parent, _) = source.path.split_at(source.path.find(['*', '?', '[']).unwrap_or(0));
            let parent = parent.rsplit_once('/').map_or("/", |(parent, _)| parent);
            let directory = self.directory.clone();
            let to = if self.into_directory { directory.clone() } else { self.place(&source.path) };
            self.carry_built(given, &source.path, &to);
            return self.carry_gaps(tree, if parent.is_empty() { "/" } else { parent }, &directory);
        }
        match tree.lookup(&source.path) {
            Lookup::Found { path, entry } if entry.node == Node::Directory => {
                let directory = self.directory.clone();
                self.subtree(given, &path, &directory);
                self.carry_gaps(tree, &path, &directory);
            }
            Lookup::Found { path, entry } => {
                let to = self.place(&source.path);
                if let Node::File(Content::Unknown(need)) = &entry.node
                    && self.into_directory
                    && tree.gaps().any(|gap| gap.below == path)
                {
                    // A directory for all that is known, whose content lands in the destination.
                    let directory = self.directory.clone();
                    self.carry_unknown(given, &source.path, &directory, need);
                }
                let entry = self.copied(entry.clone());
                self.put(&to, entry);
                self.carry_copies(given, &source.path, &to);
            }
            Lookup::Missing { path } => {
                let near = match self.executor.budget.searches.checked_sub(1) {
                    Some(rest) => {
                        self.executor.budget.searches = rest;
                        near::in_tree(tree, &source.path)
                    }
                    None => Vec::new(),
                };
                let because = self.absence(&path, &from);
                let instead = self.instead(given, &source.path, &from);
                self.missing(source, from, because, near, instead);
            }
            // Something was put below it, and so it is one.
            Lookup::Unknown(_) if has_below(tree, &source.path) => {
                let directory = self.directory.clone();
                self.subtree(given, &source.path, &directory);
                self.carry_gaps(tree, &source.path, &directory);
            }
            Lookup::Unknown(need) => {
                if let Some(instead) = self.instead(given, &source.path, &from) {
                    let because = Provenance::derived(Vec::new());
                    return self.missing(source, from, because, Vec::new(), Some(instead));
                }
                if let Some((right, because)) = renamed::python(given, &source.path) {
                    return self.missing(source, from, because, vec![right], None);
                }
                if let Some((right, because)) = self.other_archive(given, &source.path) {
                    return self.missing(source, from, because, vec![right], None);
                }
                // The build found it: a file or a directory.
                let to = self.place(&source.path);
                // Where a system lies, a file is meant; `scratch` may get one.
                let is_bare =
                    self.executor.works[self.stage].as_ref().is_some_and(|work| work.base.distribution.is_none());
                let surely = source.path.len() > 1 && source.path.ends_with('/');
                if !surely && self.by_its_name(source) {
                    return;
                }
                let may_be_directory = surely
                    || looks_like_directory(&source.path)
                    || is_bare
                    || !SYSTEM.contains(&self.directory.as_str());
                if surely || self.into_directory && may_be_directory && !looks_like_file(&source.path) {
                    let directory = self.directory.clone();
                    self.carry_unknown(given, &source.path, &directory, &need);
                }
                if surely {
                    return;
                }
                if looks_like_file(&source.path) {
                    let entry = Entry {
                        node: Node::File(Content::Unknown(need)),
                        mode: None,
                        owner: None,
                        from: Provenance::Read(self.at.clone()),
                    };
                    self.put(&to, entry);
                    self.carry_copies(given, &source.path, &to);
                } else {
                    self.carry_unknown(given, &source.path, &to, &need);
                }
            }
        }
    }

    /// What the stage makes in place of a path.
    fn instead(&self, given: &Given, path: &str, from: &CopySource) -> Option<Instead> {
        let ignore = &self.executor.context.ignore;
        let mut all = given.written.clone();
        let instead =
            |all: &[Arc<Written>]| written::instead(all, &given.tree, path, &|file| ignore.ignores(file).is_some());
        instead(&all).or_else(|| {
            let CopySource::Stage(stage) = from else { return None };
            let directory = &self.executor.works[*stage].as_ref()?.image.config.working_dir;
            all.push(Arc::new(written::never_run(self.executor.dockerfile, *stage, &normalize("/", directory))?));
            instead(&all)
        })
    }

    pub(super) fn absence(&self, path: &str, from: &CopySource) -> Provenance {
        let of = match from {
            CopySource::Stage(stage) => {
                let name = self.executor.stage_name(*stage);
                text! { en: "no command of stage `{stage}` makes `{path}`", ja: "ステージ `{stage}` には `{path}` を作るコマンドがありません", stage: name, path: path }
            }
            CopySource::Image(image) => {
                text! { en: "`{image}` has no `{path}`", ja: "`{image}` に `{path}` はありません", image: image, path: path }
            }
            CopySource::Context { .. } => {
                text! { en: "the build context has no `{path}`", ja: "ビルドコンテキストに `{path}` がありません", path: path }
            }
        };
        Provenance::derived(vec![Step { claim: of, from: Provenance::Always }])
    }

    /// An entry as it is after a copy: it is root's, and a step longer on its way.
    pub(super) fn copied(&self, mut entry: Entry) -> Entry {
        let claim = text! { en: "it is copied into the image", ja: "イメージへコピーされます" };
        let made = text! { en: "the file is made there", ja: "ファイルはそこで作られます" };
        entry.from = match entry.from {
            Provenance::Derived(inference) => {
                let mut premises = inference.premises.clone();
                // A file that goes through many stages remembers its making and its last way.
                premises.truncate(4);
                premises.push(Step { claim, from: Provenance::Read(self.at.clone()) });
                Provenance::derived(premises)
            }
            from => Provenance::derived(vec![
                Step { claim: made, from },
                Step { claim, from: Provenance::Read(self.at.clone()) },
            ]),
        };
        entry.owner = None;
        entry
    }

    /// Everything at and below a path of a tree.
    pub(super) fn subtree(&mut self, given: &Given, path: &str, to: &str) {
        let tree = &given.tree;
        if let Some(entry) = tree.entry(path).filter(|entry| entry.node != Node::Directory) {
            // A link that is named itself is followed.
            let entry = match tree.lookup(path) {
                Lookup::Found { entry, .. } => entry.clone(),
                _ => entry.clone(),
            };
            let entry = self.copied(entry);
            return self.put(to, entry);
        }
        let prefix = path.trim_end_matches('/').len();
        let mut count = 0;
        for (at, entry) in tree.below(path) {
            let below = &at[prefix..];
            if self.excluded(below.trim_start_matches('/')) {
                continue;
            }
            count += 1;
            if count > self.executor.budget.entries {
                self.executor.budget.entries = 0;
                return self.doubt(to, not_seen(&self.at));
            }
            let target = normalize(to, below.trim_start_matches('/'));
            let keeps_directory = entry.node == Node::Directory
                && self.executor.works[self.stage].as_ref().is_some_and(|work| is_directory(&work.image.tree, &target));
            if !keeps_directory {
                let entry = self.copied(entry.clone());
                self.put(&target, entry);
            }
        }
        self.executor.budget.entries -= count;
        let owner = self.owner();
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.make_directory(to, owner, Provenance::Read(self.at.clone()));
        }
        self.carry_copies(given, path, to);
    }

    /// What is not known of the source is not known of the copy.
    pub(super) fn carry_gaps(&mut self, tree: &Tree, path: &str, to: &str) {
        let path = normalize("/", path);
        let inside = path.trim_end_matches('/');
        let by_image = |need: &Need| need.settled_by.iter().all(|settler| matches!(settler, Settler::Image(_)));
        // By the place and the path of the build context that lies there: the reason, and when it was noted.
        let mut carried = Map::new();
        let mut conditional = Vec::new();
        let gaps: Vec<_> = tree.gaps().cloned().collect_vec();
        for (order, gap) in gaps.into_iter().enumerate() {
            let below = gap.below.trim_end_matches('/');
            let (target, context) = if let Some(rest) =
                below.strip_prefix(inside).filter(|rest| rest.is_empty() || rest.starts_with('/'))
            {
                (normalize(to, rest.trim_start_matches('/')), gap.context.clone())
            } else if let Some(rest) = inside.strip_prefix(below).filter(|rest| rest.starts_with('/')) {
                (to.to_owned(), gap.context.as_ref().map(|context| Arc::from(clean(&format!("{context}{rest}")))))
            } else {
                continue;
            };
            if gap.unless.is_some() {
                conditional.push((target, gap));
                continue;
            }
            // Of several reasons for one place the nearest and newest, which comes last, says most, unless an image is all
            // that would settle it.
            let place = match &context {
                Some(context) => format!("{target}\0{context}"),
                None => target.clone(),
            };
            if !carried.contains_key(&place) || !by_image(&gap.need) {
                carried.insert(place, (order, target, context, gap.need));
            }
        }
        let mut carried = carried.values().cloned().collect_vec();
        lists::sort_by_key(&mut carried, |(order, ..)| *order);
        for (_, target, context, need) in carried {
            match context {
                Some(context) => self.note_context(&target, &context, need),
                None => self.doubt(&target, need),
            }
        }
        let ignore = &self.executor.context.ignore;
        let need = not_seen(&self.at);
        let mut left_out = Vec::new();
        for (at, modules) in tree.modules_below(&path) {
            for left in &modules.left_out {
                let program = format!("{}/{}", Modules::programs(at), left.value.program);
                let conditions = tree.missing_if(&program, &|file| ignore.ignores(file).is_some());
                let rest = program.strip_prefix(inside).unwrap_or_default().trim_start_matches('/');
                left_out.extend(conditions.map(|conditions| (normalize(to, rest), conditions)));
            }
        }
        if let Some(work) = &mut self.executor.works[self.stage] {
            for (program, conditions) in left_out {
                work.image.tree.leave_out(&program, &need, &conditions);
            }
            conditional.into_iter().for_each(|(target, gap)| work.image.tree.doubt_again(gap, Some(&target)));
        }
    }

    /// A path of which only is known that it is there.
    pub(super) fn carry_unknown(&mut self, given: &Given, path: &str, to: &str, need: &Arc<Need>) {
        self.doubt(to, Arc::clone(need));
        self.carry_gaps(&given.tree, path, to);
        self.carry_copies(given, path, to);
    }

    /// Where the context's files, and programs of unknown name, lie after a copy between stages.
    pub(super) fn carry_copies(&mut self, given: &Given, path: &str, to: &str) {
        let path = normalize("/", path);
        let inside = path.trim_end_matches('/');
        for unnamed in &given.unnamed {
            let directory = unnamed.directory.trim_end_matches('/');
            let below = directory.strip_prefix(inside).filter(|rest| rest.is_empty() || rest.starts_with('/'));
            if let (Some(rest), Some(work)) = (below, &mut self.executor.works[self.stage]) {
                let directory = normalize(to, rest.trim_start_matches('/'));
                work.unnamed.push(Unnamed { directory, ..unnamed.clone() });
            }
        }
        if let Some(work) = &mut self.executor.works[self.stage] {
            let moved = given.written.iter().filter_map(|written| written.moved(inside, to)).map(Arc::new);
            work.written.extend(moved);
        }
        self.carry_built(given, &path, to);
        // Modules keep the folder that they were installed in on the way.
        for (at, modules) in given.tree.modules_below(&path) {
            let rest = at.strip_prefix(inside).unwrap_or_default();
            if let Some(work) = &mut self.executor.works[self.stage] {
                work.image.tree.install(&normalize(to, rest.trim_start_matches('/')), Arc::clone(modules));
            }
        }
        for copy in &given.copies {
            let stage = copy.stage.trim_end_matches('/');
            if let Some(rest) = stage.strip_prefix(inside).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                self.remember(normalize(to, rest.trim_start_matches('/')), copy.context.clone());
            } else if let Some(rest) = inside.strip_prefix(stage).filter(|rest| rest.starts_with('/')) {
                self.remember(to.to_owned(), clean(&format!("{}{rest}", copy.context)));
            }
        }
    }
}

impl Copier<'_, '_> {
    /// A part of what a build of .NET or Java left below its directory stays bound to the runtime that it was built for.
    fn carry_built(&mut self, given: &Given, path: &str, to: &str) {
        let around = path.match_indices('/').filter(|(at, _)| *at > 0).map(|(at, _)| &path[..at]);
        let nearest = around.rev().find_map(|parent| given.tree.modules_below(parent).find(|(at, _)| ***at == *parent));
        let Some((at, modules)) = nearest else { return };
        let is_output = match modules.language {
            Language::Java => path[at.len()..].split('/').any(|part| matches!(part, "target" | "build")),
            Language::DotNet => at.contains("/bin/"),
            _ => false,
        };
        if let (true, Some(work)) = (is_output, &mut self.executor.works[self.stage]) {
            work.image.tree.install(to, Arc::clone(modules));
        }
    }
}

/// The entries that a wildcard matches.
pub(in crate::build) fn matches_in_tree(tree: &Tree, wanted: &str) -> Vec<String> {
    let fixed = &wanted[..wanted.find(['*', '?', '[']).unwrap_or(wanted.len())];
    let directory = fixed.rsplit_once('/').map_or("/", |(directory, _)| directory);
    let directory = if directory.is_empty() { "/" } else { directory };
    // Links above the wildcard are followed: `/lib/x*` of an image whose `/lib` is `usr/lib`.
    let real = match tree.lookup(directory) {
        Lookup::Found { path, .. } => path.to_string(),
        _ => directory.to_owned(),
    };
    let rest = wanted.strip_prefix(directory).unwrap_or(wanted).trim_start_matches('/');
    let depth = rest.split('/').count();
    let deep = rest.contains("**");
    let prefix = real.trim_end_matches('/').len() + 1;
    tree.below(&real)
        .filter(|(path, _)| {
            let below = &path[prefix.min(path.len())..];
            (deep || below.split('/').count() == depth) && pattern::matches(rest, below)
        })
        .map(|(path, _)| path.to_string())
        .collect_vec()
}

/// Whether a path is a directory for what lies, or may lie, below it.
fn has_below(tree: &Tree, path: &str) -> bool {
    let inside = format!("{}/", path.trim_end_matches('/'));
    tree.gaps().any(|gap| gap.below.starts_with(&inside)) || tree.below(path).next().is_some()
}
