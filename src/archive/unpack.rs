//! The members of an archive as entries of a tree.

use crate::lists::{Collect, Map};
use std::cell::OnceCell;
use std::sync::Arc;

use super::part::{Part, whole};
use super::tar::{Damage, Kind, Member, Members};
use crate::binary;
use crate::fact::{Need, Provenance};
use crate::input::blocks::Blocks;
use crate::input::{Input, ReadAt};
use crate::source::Location;
use crate::text;
use crate::tree::{Content, Entry, Node, Source, Stored, Tree, normalize};

/// The members of all layers together; the largest images have some hundred thousand files.
pub(super) const MOST_MEMBERS: usize = 500_000;

/// A packed file is unpacked as a whole up to this size, since reading it here and there costs as much each time.
const UNPACKED_AT_ONCE: usize = 48 << 20;

/// A tar file, as its members are read.
pub(super) struct Tar {
    pub(super) content: Arc<dyn ReadAt>,
    /// Whether going back in it is dear.
    pub(super) packed: bool,
    /// The file that was dropped.
    pub(super) path: Arc<str>,
}

/// What a tar file holds, as far as it could be read.
pub(super) struct Entries {
    /// Cleaned absolute paths, in the archive's order.
    pub(super) entries: Vec<(String, Entry)>,
    pub(super) damage: Option<Damage>,
}

impl Tar {
    /// Reads the headers; `left` is how many more members may be read.
    pub(super) fn entries(&self, from: &Provenance, left: &mut usize) -> Entries {
        let mut entries: Vec<(String, Entry)> = Vec::new();
        // Where each path stands, for hard links.
        let mut known: Map<usize> = Map::new();
        let mut damage = None;
        for member in Members::of(&*self.content) {
            let member = match member {
                Ok(_) if *left == 0 => Err(Damage::TooMuch),
                other => other,
            };
            let member = match member {
                Ok(member) => member,
                Err(why) => {
                    damage = Some(why);
                    break;
                }
            };
            *left -= 1;
            // As `/` and `..` count nothing in a container, what names a path outside lands inside.
            let path = normalize("/", &format!("/{}", member.path));
            let linked = match &member.kind {
                Kind::Hardlink(target) => known.get(&normalize("/", &format!("/{target}"))),
                _ => None,
            };
            let entry = match linked {
                // It is the same file, with the same mode and owner.
                Some(at) => entries[*at].1.clone(),
                None => self.entry(&path, &member, from),
            };
            known.insert(path.clone(), entries.len());
            entries.push((path, entry));
        }
        Entries { entries, damage }
    }

    fn entry(&self, path: &str, member: &Member, from: &Provenance) -> Entry {
        let owner = (member.user, member.group);
        let owner = (owner != (0, 0)).then(|| Arc::from(format!("{}:{}", owner.0, owner.1)));
        Entry { node: self.node(path, member), mode: Some(member.mode), owner, from: from.clone() }
    }

    fn node(&self, path: &str, member: &Member) -> Node {
        match &member.kind {
            Kind::File { start, size } => {
                let file = File {
                    content: Arc::clone(&self.content),
                    packed: self.packed,
                    start: *start,
                    size: *size,
                    archive: Arc::clone(&self.path),
                    name: path.rsplit('/').next().unwrap_or_default().into(),
                    read: OnceCell::new(),
                };
                Node::File(Content::Stored(Stored::new(Arc::new(file))))
            }
            Kind::Symlink(target) => Node::Link(Arc::from(target.as_str())),
            Kind::Directory => Node::Directory,
            Kind::Special => Node::File(Content::Opaque),
            Kind::Sparse => Node::File(Content::Unknown(self.need(text! {
                en: "`{path}` is stored with holes in `{archive}`, which is not read",
                ja: "`{path}` は `{archive}` の中にスパース形式で保存されており、読み取れません",
                path: path, archive: &self.path,
            }))),
            Kind::Hardlink(target) => Node::File(Content::Unknown(self.need(text! {
                en: "`{path}` is another name of `{target}`, which `{archive}` does not hold before it",
                ja: "`{path}` は `{target}` の別名ですが、`{archive}` のそれより前にありません",
                path: path, target: target, archive: &self.path,
            }))),
        }
    }

    fn need(&self, text: crate::text::Text) -> Arc<Need> {
        Arc::new(Need { text, settled_by: Vec::new(), at: Some(Location::file(&self.path)) })
    }
}

/// One file inside an archive.
struct File {
    content: Arc<dyn ReadAt>,
    packed: bool,
    start: u64,
    size: u64,
    archive: Arc<str>,
    name: Box<str>,
    read: OnceCell<Content>,
}

impl Source for File {
    fn content(&self) -> Content {
        self.read.get_or_init(|| self.look()).clone()
    }
}

impl File {
    fn look(&self) -> Content {
        let part = Part { source: Arc::clone(&self.content), start: self.start, size: self.size };
        let content: Arc<dyn ReadAt> = match self.packed {
            true => match whole(&part, UNPACKED_AT_ONCE) {
                Some(bytes) => Arc::new(bytes),
                None => Arc::new(Blocks::new(part)),
            },
            false => Arc::new(part),
        };
        binary::content(&Input { path: Arc::clone(&self.archive), mode: None, content }, &self.name)
    }
}

/// Lays a layer over a tree.
///
/// A whiteout takes a path of the layers below away, an opaque one all that they have in a directory (OCI image
/// specification, `layer.md`); what the same layer brings stays, wherever it stands in the archive.
pub(super) fn lay(tree: &mut Tree, entries: Vec<(String, Entry)>) {
    let mut brought = Vec::with_capacity(entries.len());
    for (path, entry) in entries {
        let (directory, name) = path.rsplit_once('/').unwrap_or_default();
        match name.strip_prefix(".wh.") {
            Some(".wh..opq") => {
                let below: Vec<String> = children(tree, directory);
                for path in below {
                    tree.delete(&path);
                }
            }
            // Others of these are the file system's own (`.wh..wh.plnk`, aufs).
            Some(name) if name.starts_with(".wh.") => {}
            Some(name) => tree.delete(&format!("{directory}/{name}")),
            None => brought.push((path, entry)),
        }
    }
    for (path, entry) in brought {
        tree.replace(&path, entry);
    }
}

fn children(tree: &Tree, directory: &str) -> Vec<String> {
    let prefix = directory.len() + 1;
    let direct = |path: &&Arc<str>| !path[prefix..].contains('/');
    tree.below(directory).map(|(path, _)| path).filter(direct).map(|path| path.to_string()).collect_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers of empty files without an end.
    struct Endless;

    impl ReadAt for Endless {
        fn size(&self) -> u64 {
            u64::MAX
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
            let block = *b"name\0";
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
            let sum = format!("{sum:06o}\0");
            for (at, byte) in (offset..).zip(buffer) {
                let at = (at % 512) as usize;
                *byte = match at {
                    0..5 => block[at],
                    148..155 => sum.as_bytes()[at - 148],
                    155 => b' ',
                    _ => 0,
                };
            }
            Ok(())
        }
    }

    #[test]
    fn no_more_members_than_allowed_are_read() {
        let tar = Tar { content: Arc::new(Endless), packed: false, path: "a.tar".into() };
        let mut left = 1000;
        let found = tar.entries(&Provenance::Always, &mut left);
        assert_eq!((found.entries.len(), found.damage, left), (1000, Some(Damage::TooMuch), 0));
    }
}
