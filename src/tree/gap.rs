//! What is not known of a tree: the regions in which more may lie, and what has settled them since.

use std::sync::Arc;

use super::path::ancestors;
use super::{Lookup, Tree, normalize};
use crate::fact::{Condition, Need, Settler};
use crate::lists::{self, Collect};
use crate::text;

/// A region in which paths may exist that the tree does not list.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// The absolute directory below which things may be; `/` for everywhere. It may itself be a file.
    pub below: Arc<str>,
    pub need: Arc<Need>,
    /// The path of the build context that lies at `below`, when it is what was not seen; empty for its root.
    pub context: Option<Arc<str>>,
    /// There is nothing of it under this condition.
    pub unless: Option<Arc<Condition>>,
    noted: u32,
}

/// So many reasons are kept for one directory; the oldest go first.
const MAXIMUM_REASONS: usize = 4;

impl Tree {
    /// Notes that things may lie below `below` that the tree does not list.
    pub fn doubt(&mut self, below: &str, need: Arc<Need>) {
        self.note(below, need, None, None);
    }

    /// Notes that things may lie below `below`, and that there are none under a condition.
    pub fn doubt_unless(&mut self, below: &str, need: Arc<Need>, unless: Arc<Condition>) {
        self.note(below, need, None, Some(unless));
    }

    /// Notes that a path of the build context lies at `below`, of which not everything was seen.
    pub fn doubt_context(&mut self, below: &str, context: &str, need: Arc<Need>) {
        self.note(below, need, Some(Arc::from(context)), None);
    }

    /// Notes a gap again, at the same place or at another one.
    pub fn doubt_again(&mut self, gap: Gap, below: Option<&str>) {
        self.note(below.unwrap_or(&gap.below), gap.need, gap.context, gap.unless);
    }

    fn note(&mut self, below: &str, need: Arc<Need>, context: Option<Arc<str>>, unless: Option<Arc<Condition>>) {
        let below: Arc<str> = Arc::from(self.real_directory(below).as_str());
        self.now += 1;
        let reasons = self.gaps.get_or_default(&below);
        reasons.retain(|gap| gap.need != need || gap.context != context || gap.unless != unless);
        if reasons.len() == MAXIMUM_REASONS {
            reasons.remove(0);
        }
        reasons.push(Gap { below, need, context, unless, noted: self.now });
    }

    /// Notes that at `path` and below it there is nothing but what the tree lists, whatever was doubted so far: an image
    /// whose `/usr/lib` is known in part has no musl loader all the same.
    pub fn close(&mut self, path: &str) {
        let path = self.real_place(path);
        self.now += 1;
        self.closed.insert(path, self.now);
    }

    /// Notes that a path is not there, under conditions if there are any.
    pub fn leave_out(&mut self, path: &str, need: &Arc<Need>, conditions: &[Arc<Condition>]) {
        self.close(path);
        for condition in conditions {
            self.doubt_unless(path, Arc::clone(need), Arc::clone(condition));
        }
    }

    /// Every gap that still counts, by directory.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.values().flatten().filter(|gap| self.settled_since(&gap.below) < gap.noted)
    }

    /// What is at a path that the tree does not list.
    pub(super) fn absent(&self, path: &str) -> Lookup<'_> {
        let mut open = self.open(path);
        // The nearest says most; of one directory's the newest, unless an image is all that would settle it.
        let by_image = |gap: &Gap| gap.need.settled_by.iter().all(|settler| matches!(settler, Settler::Image(_)));
        lists::sort_by_key(&mut open, |gap| std::cmp::Reverse((gap.below.len(), !by_image(gap), gap.noted)));
        let Some(nearest) = open.first() else { return Lookup::Missing { path: Arc::from(path) } };
        let files: Vec<Settler> = open.iter().filter_map(|gap| gap.file(path)).collect_vec();
        if files.is_empty() {
            return Lookup::Unknown(Arc::clone(&nearest.need));
        }
        let mut need = (*nearest.need).clone();
        need.settled_by.retain(|settler| !files.contains(settler));
        // What made it is asked first, and the folder that holds everything last.
        let folder = need.settled_by.iter().position(|settler| *settler == Settler::ProjectFolder);
        let at = if nearest.context.is_some() { 0 } else { folder.unwrap_or(need.settled_by.len()) };
        need.settled_by.splice(at..at, files);
        Lookup::Unknown(Arc::new(need))
    }

    /// The gaps that a path may lie in.
    fn open(&self, path: &str) -> Vec<&Gap> {
        let settled = self.settled_since(path);
        let gaps = ancestors(path).filter_map(|directory| self.gaps.get(directory)).flatten();
        gaps.filter(|gap| gap.noted > settled).collect_vec()
    }

    /// The conditions under which nothing is at an absolute path: that the build context, as far as it was not seen, does
    /// not bring it (`ignores` says of which paths it surely does not), and what gaps have of their own.
    ///
    /// `None` where something is there, or where anything may be.
    #[must_use]
    pub fn missing_if(&self, path: &str, ignores: &dyn Fn(&str) -> bool) -> Option<Vec<Arc<Condition>>> {
        match self.lookup(path) {
            Lookup::Found { .. } => return None,
            Lookup::Missing { .. } => return Some(Vec::new()),
            Lookup::Unknown(_) => {}
        }
        let path = self.real_place(path);
        let open = self.open(&path);
        let mut conditions: Vec<Arc<Condition>> = Vec::new();
        for gap in &open {
            let condition = match (&gap.unless, gap.file(&path)) {
                (Some(unless), _) => Arc::clone(unless),
                (None, Some(Settler::File(file))) if ignores(&file) => continue,
                (None, Some(Settler::File(file))) => {
                    let text = text! {
                        en: "the build context has no `{file}`",
                        ja: "ビルドコンテキストに `{file}` がない",
                        file: &file,
                    };
                    Arc::new(Condition { text, settled_by: vec![Settler::File(file), Settler::ProjectFolder] })
                }
                _ => return None,
            };
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        (!open.is_empty()).then_some(conditions)
    }

    /// When the last closing was that covers a path; zero for never.
    fn settled_since(&self, path: &str) -> u32 {
        ancestors(path).filter_map(|directory| self.closed.get(directory)).copied().max().unwrap_or(0)
    }
}

impl Gap {
    /// The file of the build context that would lie at an absolute path of this gap.
    fn file(&self, path: &str) -> Option<Settler> {
        let context = self.context.as_ref()?;
        let rest = path.strip_prefix(self.below.trim_end_matches('/'))?;
        let file = normalize(&format!("/{context}"), rest.trim_start_matches('/'));
        (file != "/").then(|| Settler::File(file[1..].to_owned()))
    }
}
