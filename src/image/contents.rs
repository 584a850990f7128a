//! The catalog's notation for files, and how it fills a tree.
//!
//! A record's content is a list of words separated by blanks:
//!
//! | word | means |
//! | --- | --- |
//! | `/usr/bin:` | the names that follow lie there; before the first of these, libraries lie in `/usr/$L`, all else in `/usr/bin` |
//! | `$L` | the directory of libraries: `lib/x86_64-linux-gnu`, `lib64`, `lib` |
//! | `$P`, `$G`, `$U`, `$M` | the path and the name of glibc's loader on the platform; the path of musl's loader; its soname |
//! | `/bin>/bin/busybox:` | the names that follow are links there, all to the same program |
//! | `/bin,/usr/bin?:` | the names that follow may be in any of these |
//! | `curl`, `libz.so.1` | a program that starts through the image's own loader; a shared library |
//! | `busybox!` | a static program |
//! | `java%` | a program that starts through glibc's loader, whatever C library the image has |
//! | `ls>/bin/busybox` | a link; `libz.so.1>libz.so.1.3` is a library under its link's name |
//! | `ldd#!/bin/bash` | a script and its interpreter, `_` for the blank before an argument |
//! | `cert.pem=` | a file whose inside does not matter |
//! | `conf.d/` | a directory |
//! | `python?` | may be there |
//! | `~/etc`, `conf~` | what lies below is not listed |
//! | `-/etc/ssl`, `python-` | there is nothing at this path, nor below it |
//! | `user:node:1000:1000:/home/node:/bin/sh` | a user: name, number, group, home, shell |
//! | `@busybox` | the words of that set |

use crate::lists::Collect;
use std::sync::Arc;

use super::catalog::{SETS, source};
use super::libraries::{self, System};
use super::users;
use crate::fact::{Fact, Knowledge, Need, Provenance, Settler};
use crate::needs::{ElfNeeds, Linkage, Machine, Needs, ScriptNeeds, Shebang, VersionNeed};
use crate::text;
use crate::tree::{Content, Entry, Library, Lookup, Node, Tree};

/// Fills a tree from records.
pub(super) struct Filler<'a> {
    pub tree: &'a mut Tree,
    pub system: &'a System,
    pub from: Provenance,
    /// Why something is not listed.
    pub need: Arc<Need>,
    /// Whether what is there already stays: a package does not replace what another brought.
    pub keep: bool,
    programs: [Option<Arc<Needs>>; 3],
}

/// Sets may hold sets; the catalog's own nest no deeper than this.
const MAXIMUM_NESTING: usize = 8;

impl<'a> Filler<'a> {
    pub(super) fn new(tree: &'a mut Tree, system: &'a System, from: Provenance, need: Arc<Need>) -> Self {
        Self { tree, system, from, need, keep: false, programs: [None, None, None] }
    }

    pub(super) fn fill(&mut self, words: &str) {
        self.words(words, 0);
    }

    fn words(&mut self, words: &str, depth: usize) {
        let mut header = Header::default();
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            let word = &self.place(word);
            if let Some(name) = word.strip_prefix('@') {
                if depth < MAXIMUM_NESTING {
                    self.set(name, depth);
                }
            } else if let Some(path) = word.strip_prefix('~') {
                self.tree.doubt(path, Arc::clone(&self.need));
            } else if let Some(path) = word.strip_prefix('-') {
                self.tree.close(path);
            } else if let Some(user) = word.strip_prefix("user:") {
                self.user(user);
            } else if let Some(text) = word.strip_suffix(':') {
                header = Header::read(text);
            } else {
                self.under(&header, word);
            }
        }
    }

    fn set(&mut self, name: &str, depth: usize) {
        if let Some([_, words, observed, reference]) = SETS.rows().find(|[of, ..]: &[_; 4]| *of == name) {
            let outer = self.from.clone();
            if !reference.is_empty() && matches!(outer, Provenance::Recorded(_)) {
                self.from = source(name, reference, observed);
            }
            self.words(words, depth + 1);
            self.from = outer;
        }
    }

    fn place(&self, path: &str) -> String {
        if !path.contains('$') {
            return path.to_owned();
        }
        let loader = self.system.glibc_loader.unwrap_or("/lib/ld.so.1");
        path.replace("$L", &self.system.libraries)
            .replace("$P", loader)
            .replace("$U", self.system.musl_loader.as_deref().unwrap_or("/lib/ld-musl.so.1"))
            .replace("$G", loader.rsplit('/').next().unwrap_or(loader))
            .replace("$M", self.system.libc_soname().as_deref().unwrap_or("libc.so"))
    }

    fn under(&mut self, header: &Header, word: &str) {
        if word.starts_with('/') {
            return self.file("", word);
        }
        if header.directories.is_empty() {
            // Without a directory, a library lies with the libraries and a command with the commands.
            let place =
                if is_for_linking(word) { format!("/usr/{}", self.system.libraries) } else { "/usr/bin".to_owned() };
            return self.file(&place, word);
        }
        for directory in &header.directories {
            if header.doubtful {
                self.tree.doubt(&format!("{directory}/{word}"), Arc::clone(&self.need));
            } else if let Some(target) = &header.target {
                self.put(&format!("{directory}/{word}"), Node::Link(Arc::clone(target)));
            } else {
                self.file(directory, word);
            }
        }
    }

    fn file(&mut self, directory: &str, word: &str) {
        let end = word.find(['>', '#', '!', '%', '=']).unwrap_or(word.len());
        let (name, kind) = word.split_at(end);
        let at = |name: &str| if name.starts_with('/') { name.to_owned() } else { format!("{directory}/{name}") };
        if let Some(target) = kind.strip_prefix('>') {
            // `libz.so` is for linkers only; the library has its soname's place.
            if is_library(name) && !name.ends_with(".so") && is_library(target) && !target.contains('/') {
                self.library(&at(target), name);
            }
            self.put(&at(name), Node::Link(Arc::from(target)));
        } else if let Some(line) = kind.strip_prefix("#!") {
            self.script(&at(name), line);
        } else if kind == "!" {
            let program = self.program(Starts::Alone);
            self.put(&at(name), Node::File(Content::Program(program)));
        } else if kind == "%" {
            let program = self.program(Starts::WithGlibc);
            self.put(&at(name), Node::File(Content::Program(program)));
        } else if kind == "=" {
            self.put(&at(name), Node::File(Content::Opaque));
        } else if let Some(name) = name.strip_suffix('/') {
            self.put(&at(name), Node::Directory);
        } else if let Some(name) = name.strip_suffix('?') {
            self.tree.doubt(&at(name), Arc::clone(&self.need));
        } else if let Some(name) = name.strip_suffix('~') {
            self.put(&at(name), Node::Directory);
            self.tree.doubt(&at(name), Arc::clone(&self.need));
        } else if let Some(name) = name.strip_suffix('-') {
            self.tree.close(&at(name));
        } else if is_library(name) {
            self.library(&at(name), name);
        } else {
            let program = self.program(Starts::WithLibc);
            self.put(&at(name), Node::File(Content::Program(program)));
        }
    }

    fn put(&mut self, path: &str, node: Node) {
        self.put_with_mode(path, node, None);
    }

    pub(super) fn put_with_mode(&mut self, path: &str, node: Node, mode: Option<u32>) {
        let usual = match node {
            // The kernel executes the loader, which is a library like others.
            Node::Directory | Node::File(Content::Program(_) | Content::Unknown(_) | Content::Library(_)) => 0o755,
            _ => 0o644,
        };
        // What is there as a directory stays one.
        let directory = matches!(self.tree.entry(path), Some(Entry { node: Node::Directory, .. }));
        let stays = self.keep && matches!(self.tree.lookup(path), Lookup::Found { .. });
        if stays || directory && node == Node::Directory && mode.is_none() {
            return;
        }
        self.tree.put(path, Entry { node, mode: Some(mode.unwrap_or(usual)), owner: None, from: self.from.clone() });
    }

    fn library(&mut self, path: &str, name: &str) {
        let soname = name.rsplit('/').next().unwrap_or(name);
        // A glibc beside musl is in a directory of its own, and no record says which one it is.
        let beside = path.contains("/glibc-compat/");
        let versions = libraries::versions(self.system, soname).filter(|_| !beside);
        let known = |value: Option<Vec<String>>| match value {
            Some(value) => Knowledge::Known(Fact::new(value, self.from.clone())),
            None => Knowledge::Unknown(Arc::clone(&self.need)),
        };
        let library = Library {
            soname: soname.to_owned(),
            versions: known(versions),
            symbols: known(libraries::symbols(self.system, soname).filter(|_| !beside)),
            needs: self.library_needs(soname).filter(|_| !beside).map(Arc::new),
            release: libraries::release(self.system, soname).filter(|_| !beside),
        };
        self.put(path, Node::File(Content::Library(Arc::new(library))));
    }

    fn library_needs(&self, soname: &str) -> Option<Needs> {
        let mut needs = self.system.elf(&self.from, None, libraries::needed(self.system, soname))?;
        if let Needs::Elf(elf) = &mut needs {
            let versions = libraries::needed_versions(self.system, soname).into_iter();
            elf.versions = versions
                .map(|(library, version)| {
                    let need = VersionNeed { library: library.into(), version: version.into(), weak: false };
                    Fact::new(need, self.from.clone())
                })
                .collect_vec();
        }
        Some(needs)
    }

    fn program(&mut self, starts: Starts) -> Arc<Needs> {
        let slot = starts as usize;
        if let Some(known) = &self.programs[slot] {
            return Arc::clone(known);
        }
        let (loader, libraries) = match starts {
            Starts::Alone => (None, Vec::new()),
            Starts::WithLibc => match &self.system.loader {
                Some(loader) => (Some(loader.clone()), self.system.libc_soname().into_iter().collect_vec()),
                None => (None, Vec::new()),
            },
            Starts::WithGlibc => (self.system.glibc_loader.map(str::to_owned), Vec::new()),
        };
        let needs = match self.system.elf(&self.from, loader, libraries) {
            Some(needs) => Arc::new(needs),
            None => Arc::new(Needs::Unknown(Arc::clone(&self.need))),
        };
        self.programs[slot] = Some(Arc::clone(&needs));
        needs
    }

    /// Adds a user where the user database is known.
    fn user(&mut self, user: &str) {
        let text = |tree: &Tree, path: &str| match tree.entry(path).map(|entry| &entry.node) {
            Some(Node::File(Content::Bytes(bytes))) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        };
        let (Some(mut passwd), Some(mut group)) = (text(self.tree, "/etc/passwd"), text(self.tree, "/etc/group"))
        else {
            return;
        };
        users::add(&mut passwd, &mut group, user);
        // A package keeps the lines that are there, and adds its own.
        let keep = std::mem::replace(&mut self.keep, false);
        for (path, text) in [("/etc/passwd", passwd), ("/etc/group", group)] {
            self.put(path, Node::File(Content::Bytes(Arc::from(text.as_bytes()))));
        }
        self.keep = keep;
    }

    fn script(&mut self, path: &str, line: &str) {
        let (interpreter, argument) = match line.split_once('_') {
            Some((interpreter, argument)) => (interpreter, Some(argument.to_owned())),
            None => (line, None),
        };
        let shebang = Shebang { interpreter: interpreter.to_owned(), argument };
        let script = Needs::Script(ScriptNeeds {
            shebang: Fact::new(Some(shebang), self.from.clone()),
            preceded_by: None,
            text: None,
        });
        self.put(path, Node::File(Content::Program(Arc::new(script))));
    }
}

/// How a program starts, as far as the notation tells.
#[derive(Clone, Copy)]
enum Starts {
    Alone,
    WithLibc,
    WithGlibc,
}

/// Where the names that follow lie, and as what.
#[derive(Default)]
struct Header {
    directories: Vec<String>,
    target: Option<Arc<str>>,
    doubtful: bool,
}

impl Header {
    fn read(text: &str) -> Self {
        let (text, doubtful) = match text.strip_suffix('?') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (directories, target) = match text.split_once('>') {
            Some((directories, target)) => (directories, Some(Arc::from(target))),
            None => (text, None),
        };
        Self { directories: directories.split(',').map(str::to_owned).collect_vec(), target, doubtful }
    }
}

impl System {
    /// An ELF file of this system, as far as a record tells; `None` for a machine that the catalog does not know.
    fn elf(&self, from: &Provenance, loader: Option<String>, libraries: Vec<String>) -> Option<Needs> {
        let machine: Machine = self.machine?;
        let fixed = loader.is_none() && libraries.is_empty();
        Some(Needs::Elf(Box::new(ElfNeeds {
            machine: Fact::new(machine, from.clone()),
            interpreter: Fact::new(loader, from.clone()),
            libraries: libraries.into_iter().map(|name| Fact::new(name, from.clone())).collect_vec(),
            complete: false,
            rpath: Vec::new(),
            runpath: Vec::new(),
            versions: Vec::new(),
            symbols: None,
            packed_relocations: false,
            linkage: Fact::new(if fixed { Linkage::Static } else { Linkage::Dynamic }, from.clone()),
            foreign_system: None,
            minimum_kernel: None,
            cpu_level: None,
            made_by: None,
            traits: Vec::new(),
            remedies: Vec::new(),
        })))
    }
}

/// A library, or what only a linker reads: `libz.so`, `libz.a`, `crt1.o`.
fn is_for_linking(word: &str) -> bool {
    let end = word.find(['>', '#', '!', '%', '=', '?', '~']).unwrap_or(word.len());
    let name = &word[..end];
    is_library(name) || name.starts_with("lib") && name.ends_with(".a") || name.ends_with(".o")
}

/// `libz.so.1`, but not `libz.so.conf.d`.
fn is_library(name: &str) -> bool {
    let Some(at) = name.find(".so") else { return name.starts_with("ld-musl-") };
    let rest = &name[at + 3..];
    // Debian marks some sonames for 64-bit time: `libaio.so.1t64`.
    rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b't'))
}

/// What two records have in common, each word under its own header.
pub(super) fn common(one: &str, other: &str) -> String {
    let others: Vec<(&str, &str)> = placed(other).collect_vec();
    let mut out = Vec::new();
    let mut last = "";
    for (header, word) in placed(one).filter(|pair| others.contains(pair)) {
        if header != last {
            out.push(if header.is_empty() { "/usr/bin:" } else { header });
            last = header;
        }
        out.push(word);
    }
    out.join(" ")
}

/// The words of a record with the header that each stands under; before `/usr` was merged, `/bin` is another place.
fn placed(words: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut header = "";
    words.split(' ').filter_map(move |word| {
        if word.ends_with(':') {
            header = match word {
                "/bin:" | "/usr/bin:" => "",
                "/sbin:" => "/usr/sbin:",
                other => other,
            };
            return None;
        }
        (!word.is_empty()).then_some((header, word))
    })
}

/// The words of a set; empty when there is none of that name.
pub(super) fn set(name: &str) -> &'static str {
    SETS.rows().find(|[of, _]: &[_; 2]| *of == name).map_or("", |[_, words]| words)
}

/// The need for an image itself, where the catalog says too little.
pub(super) fn unlisted(reference: &str) -> Arc<Need> {
    Arc::new(Need {
        text: text! {
            en: "the catalog lists only a part of the files of `{image}`",
            ja: "カタログには `{image}` のファイルの一部しか載っていません",
            image: reference,
        },
        settled_by: vec![Settler::Image(reference.to_owned())],
        at: None,
    })
}
