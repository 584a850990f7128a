//! One image family of the catalog: the row that a reference fits, with what else holds of it.

use super::catalog::{FAMILIES, source};
use super::pattern;
use super::reference::Reference;
use super::tags::{self, How, Meaning};
use crate::fact::Provenance;

/// What `families.tsv` says of a reference, its patterns filled in.
pub(super) struct Family {
    base: String,
    pub content: String,
    /// `y`, `n` or `?`; empty leaves it as the base has it.
    pub compiler: String,
    pub tools: String,
    pub user: String,
    pub working_dir: String,
    pub env: String,
    pub entrypoint: String,
    pub cmd: String,
    source: &'static str,
    pub on_build: String,
}

/// A row without a base adds to the row that follows it and fits too: `debug` tags have a shell, whatever they stand on.
const ADDITION: &str = "+";

impl Family {
    /// The first row that fits, and the additions above it.
    pub(super) fn find(repository: &str, tag: &str) -> Option<Self> {
        let mut additions = Vec::new();
        for row in FAMILIES.rows::<13>() {
            let Some(mut captures) = pattern::matches(row[0], repository) else { continue };
            let Some(of_tag) = pattern::matches(row[1], tag) else { continue };
            captures.extend(of_tag);
            let [_, _, base, content, compiler, tools, user, working_dir, env, entrypoint, cmd, source, on_build] = row;
            let fill = |template: &str| pattern::fill(template, &captures);
            let found = Self {
                base: fill(base),
                content: fill(content),
                compiler: compiler.to_owned(),
                tools: fill(tools),
                user: user.to_owned(),
                working_dir: working_dir.to_owned(),
                env: fill(env),
                entrypoint: fill(entrypoint),
                cmd: fill(cmd),
                source,
                on_build: on_build.to_owned(),
            };
            if base != ADDITION {
                return Some(additions.into_iter().rev().fold(found, Self::with));
            }
            additions.push(found);
        }
        None
    }

    /// Whether all tags of a repository are the same, as far as the catalog goes: the first row that fits takes every tag,
    /// and says itself what it stands on.
    pub(super) fn of_every_tag(repository: &str) -> bool {
        let row =
            FAMILIES.rows::<3>().find(|[of, _, base]| *base != ADDITION && pattern::matches(of, repository).is_some());
        row.is_some_and(|[_, tags, base]| tags == "*" && !base.starts_with(['@', '=']))
    }

    fn with(mut self, addition: Self) -> Self {
        let join = |own: &mut String, more: &str, by: char| {
            if !own.is_empty() && !more.is_empty() {
                own.push(by);
            }
            own.push_str(more);
        };
        join(&mut self.content, &addition.content, ' ');
        join(&mut self.tools, &addition.tools, ' ');
        join(&mut self.env, &addition.env, ';');
        for (own, more) in [
            (&mut self.compiler, addition.compiler),
            (&mut self.user, addition.user),
            (&mut self.working_dir, addition.working_dir),
            (&mut self.entrypoint, addition.entrypoint),
            (&mut self.cmd, addition.cmd),
        ] {
            if !more.is_empty() {
                *own = more;
            }
        }
        self
    }

    /// The image that this one is made from, where that is an image of the catalog itself: `=node:20-alpine`.
    pub(super) fn parent(&self) -> Option<(&str, How)> {
        let parent = self.base.strip_prefix('=')?;
        let how = if parent.ends_with("??") { How::Observed } else { How::Named };
        Some((parent.trim_end_matches('?'), how))
    }

    /// What the tag stands on: what the row says, or for `@tags` what the tables say, or for both the first that tells.
    pub(super) fn base(&self, repository: &str, tag: &str) -> Option<Meaning> {
        self.base.split('|').find_map(|base| match base.strip_prefix("@tags") {
            // `@tags:debian` reads the tag as if it were one of Debian's.
            Some(of) => tags::meaning(of.strip_prefix(':').unwrap_or(repository), tag),
            None => {
                // A base that ends in `?` moves with time; the record's date says when it was so.
                let how = if base.ends_with("??") { How::Observed } else { How::Named };
                Some(Meaning { base: base.trim_end_matches('?').to_owned(), how, moves: Vec::new() })
            }
        })
    }

    pub(super) fn source(&self, reference: &Reference, tag: &str) -> Provenance {
        let sources = match FAMILIES.note(&format!("source {}", self.source)) {
            "" => self.source,
            note => note,
        };
        source(&format!("{}:{tag}", reference.repository), sources, FAMILIES.note("observed"))
    }
}
