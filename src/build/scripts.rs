//! Text files as scripts, with the dropped file that each stands in.

use std::sync::Arc;

use crate::fact::Provenance;
use crate::shell::Script;
use crate::source::{Excerpt, Location};
use crate::tree::{Content, Entry, Node};

/// A text file as a script, with the dropped file that it stands in.
pub(crate) fn script_of(entry: &Entry, dockerfile: &str, dockerfile_path: &Arc<str>) -> Option<Script> {
    let Node::File(Content::Bytes(bytes)) = &entry.node else { return None };
    let text = std::str::from_utf8(bytes).ok()?;
    let location = script_location(&entry.from, dockerfile_path);
    let (path, start) = match &location {
        Some(location) if location.path == *dockerfile_path => {
            // Only where the text stands there as it is.
            let stands = location.span.of(dockerfile) == text;
            (Arc::clone(dockerfile_path), stands.then_some(location.span.start))
        }
        Some(location) => (Arc::clone(&location.path), Some(0)),
        None => (Arc::clone(dockerfile_path), None),
    };
    let mut excerpt = Excerpt::default();
    match (start, &location) {
        (Some(start), _) => excerpt.push(text, start as usize),
        // Made by a command: every place in it is that command's.
        (None, place) => {
            excerpt.text = text.to_owned();
            excerpt.pieces.push((0, place.as_ref().map_or(0, |place| place.span.start)));
        }
    }
    Some(Script { text: excerpt, path })
}

/// The dropped file that a file of the image is, else the place that made it.
pub(crate) fn script_location(from: &Provenance, dockerfile: &Arc<str>) -> Option<Location> {
    let mut open = vec![from];
    let mut last = None;
    while let Some(from) = open.pop() {
        match from {
            Provenance::Read(location) if location.path != *dockerfile => return Some(location.clone()),
            Provenance::Read(location) => last = Some(location.clone()),
            Provenance::Derived(inference) => open.extend(inference.premises.iter().map(|step| &step.from)),
            _ => {}
        }
    }
    last
}
