//! What is not known after packages outside the tables were installed: files, users, a compiler.

use std::sync::Arc;

use crate::fact::{Knowledge, Need, Settler};
use crate::image::Image;
use crate::lists::Collect;
use crate::source::Location;
use crate::text;
use crate::tree::{Content, Entry, Node, Tree};

/// Where packages put what decides a start.
const PLACES: [&str; 14] = [
    "/usr/bin",
    "/usr/sbin",
    "/bin",
    "/sbin",
    "/usr/lib",
    "/lib",
    "/lib64",
    "/usr/lib64",
    "/lib32",
    "/usr/libexec",
    "/usr/local",
    "/opt",
    "/etc",
    "/usr/share/zoneinfo",
];

/// Where no distribution's own packages put anything (Filesystem Hierarchy Standard, Debian policy 9.1.2).
const OUTSIDE: [&str; 2] = ["/usr/local", "/opt"];

pub(super) fn doubt(tree: &mut Tree, need: &Arc<Need>, own: bool) {
    for place in PLACES.into_iter().filter(|place| !own || !OUTSIDE.contains(place)) {
        tree.doubt(place, Arc::clone(need));
    }
}

/// Notes what packages outside the tables may bring: files, users, a compiler.
pub(super) fn unknown(image: &mut Image, names: &[String], at: Option<&Location>, own: bool) {
    if names.is_empty() {
        return;
    }
    let need = need(names, image, at);
    doubt(&mut image.tree, &need, own);
    let compiler =
        |name: &String| ["gcc", "clang", "g++", "build", "devel", "toolchain"].iter().any(|word| name.contains(word));
    if names.iter().any(compiler) && image.c_compiler.value() != Some(&true) {
        image.c_compiler = Knowledge::Unknown(need);
    }
}

/// Says that the user database may hold more than what is known.
pub(in crate::image) fn open_users(tree: &mut Tree, need: &Arc<Need>) {
    for file in ["/etc/passwd", "/etc/group"] {
        if let Some(entry) = tree.entry(file) {
            let node = Node::File(Content::Unknown(Arc::clone(need)));
            let entry = Entry { node, ..entry.clone() };
            tree.put(file, entry);
        }
    }
}

pub(super) fn need(names: &[String], image: &Image, at: Option<&Location>) -> Arc<Need> {
    // `?` stands for packages that nothing names.
    let names: Vec<String> = names.iter().filter(|name| *name != "?").cloned().collect_vec();
    let text = if names.is_empty() {
        text! {
            en: "not all packages that are installed here are known",
            ja: "ここでインストールされるパッケージの一部がわかりません",
        }
    } else {
        text! {
            en: "what {packages} bring is known only in part",
            ja: "{packages} に含まれるものは一部しかわかりません",
            packages: quoted(&names),
        }
    };
    Arc::new(Need { text, settled_by: vec![Settler::Image(image.reference.clone())], at: at.cloned() })
}

/// At most so many names are spelt out in a sentence.
const NAMED: usize = 4;

pub(super) fn quoted(names: &[String]) -> String {
    let mut words: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect_vec();
    if names.len() > NAMED {
        words.push("…".to_owned());
    }
    words.join(", ")
}
