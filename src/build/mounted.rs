//! `RUN --mount`: what lies over the tree while one command runs.

use crate::lists::Collect;
use std::sync::Arc;

use super::copy;
use super::execute::Executor;
use super::operation::{Mount, MountKind, Origin};
use crate::fact::{Need, Provenance};
use crate::project;
use crate::source::Span;
use crate::text;
use crate::tree::{Entry, Node, Tree};

/// What was there before a mount covered it.
pub(super) struct Mounted {
    target: String,
    before: Tree,
    copies: Vec<project::Copy>,
}

/// Lays the mounts over the tree, for this RUN alone.
pub(super) fn mount(executor: &mut Executor<'_>, stage: usize, mounts: &[Mount], span: Span) -> Vec<Mounted> {
    let mut mounted = Vec::new();
    for mount in mounts {
        let Some(work) = &executor.works[stage] else { continue };
        if matches!(mount.kind, MountKind::Secret | MountKind::Ssh) {
            continue;
        }
        mounted.push(Mounted {
            target: mount.target.clone(),
            before: work.image.tree.clone(),
            copies: work.copies.clone(),
        });
        match &mount.origin {
            Some(origin @ (Origin::Context | Origin::Stage(_) | Origin::Image { .. })) => {
                copy::bind(executor, stage, origin, &mount.source, &mount.target, span);
            }
            // What earlier builds left in a cache, nobody knows; tools fill it as they fill a directory.
            _ => {
                let text = text! { en: "what lies in a cache is not known", ja: "キャッシュの内容は分かりません" };
                let need = Arc::new(Need { text, settled_by: Vec::new(), at: None });
                if let (Some(work), MountKind::Cache) = (&mut executor.works[stage], mount.kind) {
                    work.image.tree.doubt(&mount.target, need);
                }
            }
        }
    }
    mounted
}

/// Takes the mounts off again: what was written below them is gone.
pub(super) fn unmount(executor: &mut Executor<'_>, stage: usize, mounted: Vec<Mounted>) {
    for mount in mounted.into_iter().rev() {
        let Some(work) = &mut executor.works[stage] else { continue };
        work.image.tree.delete(&mount.target);
        // A directory that was there is as it was; the place of a mount is root's.
        let place = Entry { node: Node::Directory, mode: Some(0o755), owner: None, from: Provenance::Always };
        let own = mount.before.entry(&mount.target).filter(|own| own.node == Node::Directory).cloned();
        work.image.tree.put(&mount.target, own.unwrap_or(place));
        let before: Vec<(Arc<str>, Entry)> =
            mount.before.below(&mount.target).map(|(path, entry)| (Arc::clone(path), entry.clone())).collect_vec();
        for (path, entry) in before {
            work.image.tree.put(&path, entry);
        }
        let gaps: Vec<_> = mount.before.gaps().cloned().collect_vec();
        for gap in gaps {
            let inside = gap
                .below
                .strip_prefix(mount.target.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            let above = mount
                .target
                .strip_prefix(gap.below.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            match (inside, above) {
                (true, _) => work.image.tree.doubt(&gap.below, gap.need),
                (_, true) => work.image.tree.doubt(&mount.target, gap.need),
                _ => {}
            }
        }
        work.copies = mount.copies;
    }
}
