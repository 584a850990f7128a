//! Paths, and the way along one as the kernel takes it.

/// Linux gives up after 40 links (`MAXSYMLINKS`, include/linux/namei.h).
const MAXIMUM_LINKS: usize = 40;

/// A cleaned absolute path and everything above it, the root last.
pub(super) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| match path.rfind('/') {
        _ if *path == "/" => None,
        Some(0) => Some("/"),
        Some(slash) => Some(&path[..slash]),
        None => None,
    })
}

/// A walk along a path, one part at a time.
pub(super) struct Walk {
    /// The directory reached; empty for the root.
    pub(super) at: String,
    /// The parts still to go, the next one last.
    pub(super) rest: Vec<String>,
    links: usize,
}

impl Walk {
    pub(super) fn new(path: &str) -> Self {
        let mut walk = Self { at: String::new(), rest: Vec::new(), links: 0 };
        walk.push(path);
        walk
    }

    /// The next path to look at; `None` at the end.
    pub(super) fn step(&mut self) -> Option<String> {
        loop {
            let part = self.rest.pop()?;
            if part != ".." {
                return Some(format!("{}/{part}", self.at));
            }
            self.at.truncate(self.at.rfind('/').unwrap_or(0));
        }
    }

    /// Goes on at a link's target; false after too many links.
    pub(super) fn follow(&mut self, target: &str) -> bool {
        self.links += 1;
        if target.starts_with('/') {
            self.at.clear();
        }
        self.push(target);
        self.links <= MAXIMUM_LINKS
    }

    /// `..` stays a part, since a link before it changes its meaning.
    fn push(&mut self, path: &str) {
        let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
        self.rest.extend(parts.rev().map(str::to_owned));
    }
}

/// `path` made absolute against `base` and cleaned of `.`, `..` and doubled slashes, as Go's `path.Clean` does it.
#[must_use]
pub fn normalize(base: &str, path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { base };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    format!("/{}", out.join("/"))
}
