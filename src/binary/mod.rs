//! Bytes to needs: what a dropped file asks for at its start, whoever built it.
//!
//! A file is recognised by its content first; it is read by ranges, and only where something that decides can lie.
//! Whatever the bytes are, there is an answer: nothing here fails, allocates without bound or reads a file as a whole.

mod auditable;
mod carried;
mod elf;
mod elf_dynamic;
mod elf_needs;
mod elf_notes;
mod foreign;
mod go;
mod lzma;
mod maker;
mod range;
mod script;
mod upx;

use std::sync::Arc;

pub use script::script;

use crate::fact::{Fact, Need, Settler};
use crate::input::Input;
use crate::needs::{ElfNeeds, Needs, Remark};
use crate::source::Location;
use crate::text;
use crate::text::Text;
use crate::tree::{Content, Library};
use range::Range;

/// What was read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    pub needs: Needs,
    /// What it offers to others, where it is a shared library (a loader is both).
    pub library: Option<Library>,
    /// Worth knowing, and decides nothing: how it is hardened, what it carries.
    pub facts: Vec<Remark>,
    /// Why it could not be read as what it looks like.
    pub problem: Option<Text>,
}

/// Reads one file.
#[must_use]
pub fn read(input: &Input) -> Binary {
    read_range(&Range::of(input), input, input.name(), 0)
}

/// Text files up to this size are kept as bytes: scripts and configuration; larger ones only by what they are.
const MAXIMUM_TEXT: u64 = 1 << 20;

/// What is kept of the inside of a file that lies in an image under this name.
#[must_use]
pub fn content(input: &Input, name: &str) -> Content {
    let head = input.head(HEAD).unwrap_or_default();
    // The loader reads its cache byte by byte.
    let is_kept = !head.contains(&0) || name == "ld.so.cache";
    if !head.starts_with(elf::MAGIC) && input.content.size() <= MAXIMUM_TEXT && is_kept {
        if let Ok(bytes) = input.head(usize::try_from(MAXIMUM_TEXT).unwrap_or(usize::MAX)) {
            return Content::Bytes(Arc::from(bytes));
        }
    }
    let read = read_range(&Range::of(input), input, name, 0);
    match read.library {
        // Node's add-ons are libraries that node loads.
        Some(library) if name.contains(".so") || name.ends_with(".node") => Content::Library(Arc::new(library)),
        _ => Content::Program(Arc::new(read.needs)),
    }
}

/// As [`read`], for the file itself or for what a packer hid in it (`depth` 1).
///
/// A library may be told by its name alone, and in an archive that is not the name of what was dropped.
fn read_range(range: &Range<'_>, input: &Input, name: &str, depth: u8) -> Binary {
    let Some(head) = range.read(0, HEAD) else { return unreadable(input) };
    let at = Location::file(&input.path);
    if head.starts_with(elf::MAGIC) {
        return elf_needs::read(range, &head, &at, input, name, depth);
    }
    if script::looks_like_one(&head) {
        let text = range.read(0, script::MAXIMUM_TEXT).unwrap_or(head);
        return Binary::plain(Needs::Script(script::read(&text, &at)));
    }
    Binary::plain(Needs::Foreign(Fact::read(foreign::recognise(range, &head), at)))
}

/// Enough for every magic number and for a `#!` line (`BINPRM_BUF_SIZE` is 256).
const HEAD: usize = 1024;

impl Binary {
    fn plain(needs: Needs) -> Self {
        Self { needs, library: None, facts: Vec::new(), problem: None }
    }

    /// The needs of an ELF file, where it is one that starts or is loaded.
    #[must_use]
    pub fn elf(&self) -> Option<&ElfNeeds> {
        match &self.needs {
            Needs::Elf(needs) => Some(needs),
            _ => match self.library.as_ref()?.needs.as_deref()? {
                Needs::Elf(needs) => Some(needs),
                _ => None,
            },
        }
    }
}

fn unreadable(input: &Input) -> Binary {
    let text = text! {
        en: "`{path}` could not be read",
        ja: "`{path}` を読み取れませんでした",
        path: &input.path,
    };
    let settled_by = vec![Settler::Program(input.path.to_string())];
    let needs = Needs::Unknown(Arc::new(Need { text: text.clone(), settled_by, at: None }));
    Binary { problem: Some(text), ..Binary::plain(needs) }
}
