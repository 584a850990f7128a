//! What lies at a path: files by their inside, directories and links.

use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use crate::fact::{Knowledge, Need, Provenance};
use crate::needs::Needs;

/// One path.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub node: Node,
    /// Permission bits (`0o755`); `None` when nothing tells.
    pub mode: Option<u32>,
    /// User and group, as names or numbers; `None` for root's.
    pub owner: Option<Arc<str>>,
    pub from: Provenance,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Directory,
    /// A symbolic link and its target as written.
    Link(Arc<str>),
    File(Content),
}

/// What is known of a file's inside.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The bytes themselves (a script, a configuration file).
    Bytes(Arc<[u8]>),
    /// A program, by what it needs.
    Program(Arc<Needs>),
    /// A shared library, by what it offers and needs itself.
    Library(Arc<Library>),
    /// A file of which only the existence is known.
    Unknown(Arc<Need>),
    /// A file whose inside does not matter to a start (a certificate bundle, zone data).
    Opaque,
    /// A file of an archive, which is read when somebody asks for it; [`Tree::lookup`] and [`Tree::entry`] do.
    Stored(Stored),
}

/// A file that costs nothing until somebody asks what is in it: an image has tens of thousands.
pub struct Stored {
    source: Arc<dyn Source>,
    /// The entry with its content in place; each clone has its own, since its mode and owner may be others.
    seen: OnceCell<Box<Entry>>,
}

/// Where a stored file's content comes from.
pub trait Source {
    /// Reads it, or gives what was read before; never [`Content::Stored`].
    fn content(&self) -> Content;
}

/// A shared library.
#[derive(Clone, Debug, PartialEq)]
pub struct Library {
    pub soname: String,
    /// Versions it defines (`.gnu.version_d`): `GLIBC_2.36`, `GLIBCXX_3.4.30`.
    pub versions: Knowledge<Vec<String>>,
    /// Symbols it exports, where they are known.
    pub symbols: Knowledge<Vec<String>>,
    /// Its own needs: needed libraries and versions.
    pub needs: Option<Arc<Needs>>,
    /// What a C library or its loader says it is: `musl 1.2.5`, `glibc 2.36`, `gcompat`; `None` for every other library.
    pub release: Option<String>,
}

impl Entry {
    /// This entry with its content in place: one of an archive is read now.
    #[must_use]
    pub fn seen(&self) -> &Self {
        match &self.node {
            Node::File(Content::Stored(stored)) => stored.seen.get_or_init(|| {
                let node = Node::File(stored.source.content());
                Box::new(Self { node, mode: self.mode, owner: self.owner.clone(), from: self.from.clone() })
            }),
            _ => self,
        }
    }
}

impl Stored {
    #[must_use]
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self { source, seen: OnceCell::new() }
    }
}

impl Clone for Stored {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.source))
    }
}

/// The same file of the same archive.
impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source)
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stored")
    }
}
