//! .dockerignore: what of the context never reaches the builder.

use std::sync::Arc;

use super::{Project, clean, pattern};
use crate::source::{Location, Span};

/// The patterns of an ignore file, in order: the last that matches decides.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    pattern: String,
    /// `!pattern`: back in.
    keep: bool,
    at: Location,
}

impl Ignore {
    /// The ignore file of a Dockerfile, where it was dropped: its own (`NAME.dockerignore`), else the context's.
    #[must_use]
    pub fn of(project: &Project, dockerfile: &str) -> Self {
        let own = format!("{dockerfile}.dockerignore");
        let paths = [own.as_str(), own.rsplit('/').next().unwrap_or_default(), ".dockerignore"];
        let found = paths.into_iter().find(|path| project.file(path).is_some());
        let Some((path, text)) = found.and_then(|path| Some((project.dropped_path(path)?, project.text(path)?))) else {
            return Self::default();
        };
        Self::read(path, &text)
    }

    /// Reads the file as moby/patternmatcher's `ignorefile` does.
    #[must_use]
    pub fn read(path: &Arc<str>, text: &str) -> Self {
        let mut rules = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let written = line.trim_start_matches('\u{feff}');
            if written.starts_with('#') {
                continue;
            }
            let written = written.trim();
            let (keep, written) = match written.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, written),
            };
            let pattern = clean(written);
            if written.is_empty() || pattern.is_empty() {
                continue;
            }
            let span = Span::new(start, start + line.trim_end().len());
            rules.push(Rule { pattern, keep, at: Location::new(path, span) });
        }
        Self { rules }
    }

    /// The line that leaves a path out; `None` when it stays in.
    #[must_use]
    pub fn ignores(&self, path: &str) -> Option<&Location> {
        let path = clean(path);
        let matches = |rule: &Rule| {
            let parents = path.match_indices('/').map(|(slash, _)| &path[..slash]);
            parents.chain([path.as_str()]).any(|path| pattern::matches(&rule.pattern, path))
        };
        let decides = self.rules.iter().rev().find(|rule| matches(rule))?;
        (!decides.keep).then_some(&decides.at)
    }

    /// Whether a `!` line may keep something below a directory that is left out.
    #[must_use]
    pub fn may_keep_below(&self, path: &str) -> bool {
        let first = |text: &str| text.split('/').next().unwrap_or_default().to_owned();
        self.rules.iter().filter(|rule| rule.keep).any(|rule| {
            let pattern = first(&rule.pattern);
            pattern::is_pattern(&pattern) && pattern::matches(&pattern, &first(path)) || pattern == first(path)
        })
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let text = "# comment\n\n*.md\n!README.md\n/node_modules/\nbin\n**/*.log\n";
        let ignore = Ignore::read(&Arc::from(".dockerignore"), text);
        for (path, expected) in [
            ("a.md", true),
            ("docs/a.md", false),
            ("README.md", false),
            ("node_modules/x/y.js", true),
            ("bin/app", true),
            ("src/bin", false),
            ("x/y/z.log", true),
            ("main.go", false),
        ] {
            assert_eq!(ignore.ignores(path).is_some(), expected, "{path}");
        }
        assert_eq!(ignore.ignores("bin/app").map(|at| at.span.of(text)), Some("bin"));
    }
}
