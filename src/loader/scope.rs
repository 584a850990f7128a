//! The objects of a process: the program and its libraries, breadth first.

use std::sync::Arc;

use super::Failure;
use crate::fact::Need;
use crate::needs::{ElfNeeds, Needs};
use crate::tree::{Content, Library};

/// A loaded library.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// As it was asked for: `libssl.so.3`.
    pub name: String,
    /// Where it was found.
    pub path: String,
    /// What is known of its inside.
    pub library: Option<Arc<Library>>,
    /// Its needs, where they are known.
    pub needs: Option<Arc<Needs>>,
    /// The object that asked for it first: an index, `None` for the program.
    pub by: Option<usize>,
}

impl Object {
    pub(super) fn new(name: &str, path: String, content: &Content, by: Option<usize>) -> Self {
        let (library, needs) = match content {
            Content::Library(library) => (Some(Arc::clone(library)), library.needs.clone()),
            Content::Program(needs) => (None, Some(Arc::clone(needs))),
            Content::Bytes(_) | Content::Unknown(_) | Content::Opaque | Content::Stored(_) => (None, None),
        };
        Self { name: name.to_owned(), path, library, needs, by }
    }

    pub(super) fn elf(&self) -> Option<&ElfNeeds> {
        match self.needs.as_deref()? {
            Needs::Elf(needs) => Some(needs),
            _ => None,
        }
    }

    /// Whether a `DT_NEEDED` entry means this object.
    pub(super) fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.library.as_ref().is_some_and(|library| library.soname == name)
    }
}

/// The needs behind a file, where it is an ELF file that is known.
pub(super) fn elf_of(content: &Content) -> Option<&ElfNeeds> {
    let needs = match content {
        Content::Library(library) => library.needs.as_deref()?,
        Content::Program(needs) => &**needs,
        _ => return None,
    };
    match needs {
        Needs::Elf(needs) => Some(needs),
        _ => None,
    }
}

/// Whether a library can be loaded into a program: class, byte order and machine must agree.
pub(super) fn same_machine(one: &ElfNeeds, other: &ElfNeeds) -> bool {
    let key = |needs: &ElfNeeds| {
        let machine = needs.machine.value;
        (machine.number, machine.bits, machine.little_endian)
    };
    key(one) == key(other)
}

/// Why a load goes no further.
pub(super) enum Stop {
    Fails(Box<Failure>),
    Unknown(Arc<Need>),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Fails(Box::new(failure))
    }
}

/// A search that ends without an answer.
pub(super) enum Absent {
    Missing { searched: Vec<String> },
    Unknown(Arc<Need>),
}

/// A process has a few hundred libraries at most; a tree that claims more is hostile.
pub(super) const MAXIMUM_OBJECTS: usize = 2000;
