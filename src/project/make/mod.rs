//! Makefiles: variables, rules, and the recipes that a goal runs.
//!
//! As GNU make reads them (its manual, "How make Reads a Makefile"), as far as build commands are concerned: what hangs
//! on something unknown is left out, and [`Makefile::open`] says so.

mod expand;
mod functions;
mod read;

use crate::lists::{Collect, Map, Set};
use std::cell::Cell;
use std::rc::Rc;

pub use expand::Shell;
pub use read::read;

use crate::source::Excerpt;

/// A Makefile, with the files it includes where they are at hand.
#[derive(Clone, Debug)]
pub struct Makefile {
    variables: Map<Variable>,
    rules: Vec<Rule>,
    /// The goal when none is named.
    default_goal: Option<String>,
    /// Variables that recipes find in their environment.
    exported: Set,
    exports_all: bool,
    /// Something could not be told: a file that is included and was not dropped, a condition.
    pub open: bool,
    /// How many references may still be followed; shared by all copies.
    budget: Rc<Cell<u32>>,
}

#[derive(Clone, Debug)]
struct Variable {
    value: String,
    /// Expanded when it is used, not when it is set.
    recursive: bool,
    origin: Origin,
}

/// Who set a variable: later ones win over earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Default,
    Environment,
    File,
    CommandLine,
    Override,
}

#[derive(Clone, Debug)]
struct Rule {
    targets: Vec<String>,
    prerequisites: Vec<String>,
    /// Each line with its place in the file, the tab taken off.
    recipe: Vec<(usize, String)>,
    /// Variables that are set for these targets alone.
    variables: Vec<(String, String)>,
}

/// One line of a recipe, ready for the shell.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub target: String,
    pub text: Excerpt,
    /// Whether a failure is passed over (`-`).
    pub may_fail: bool,
}

/// So many references are followed in one file: functions that call each other end here.
const MAXIMUM_REFERENCES: u32 = 200_000;

/// The shell variable that stands for an unknown part in [`Line::text`].
pub const UNKNOWN_VARIABLE: &str = "_make_unknown";

/// So many targets are made for one goal.
const MAXIMUM_TARGETS: usize = 500;

impl Default for Makefile {
    fn default() -> Self {
        Self {
            variables: Map::new(),
            rules: Vec::new(),
            default_goal: None,
            exported: Set::new(),
            exports_all: false,
            open: false,
            budget: Rc::new(Cell::new(MAXIMUM_REFERENCES)),
        }
    }
}

impl Makefile {
    /// The lines that `make GOALS` runs, in order.
    pub fn lines(&mut self, goals: &[&str], shell: Shell<'_>) -> Vec<Line> {
        let goals: Vec<String> = match goals {
            [] => self.default_goal.clone().into_iter().collect_vec(),
            goals => goals.iter().map(|goal| (*goal).to_owned()).collect_vec(),
        };
        let mut lines = Vec::new();
        let mut made = Set::new();
        for goal in goals {
            self.make(goal, shell, &mut made, &mut lines);
        }
        lines
    }

    /// What recipes find in their environment beyond what `make` itself found there.
    pub fn environment(&mut self, shell: Shell<'_>) -> Vec<(String, String)> {
        let names: Vec<String> = self
            .variables
            .iter()
            .filter(|(name, variable)| {
                let by_origin = matches!(variable.origin, Origin::CommandLine | Origin::Environment);
                by_origin || self.exported.contains_key(name) || self.exports_all && variable.origin >= Origin::File
            })
            .map(|(name, _)| name.to_string())
            .collect_vec();
        names.into_iter().map(|name| (name.clone(), self.value(&name, shell))).collect_vec()
    }

    /// The shell that runs the lines.
    #[must_use]
    pub fn shell(&self) -> String {
        self.variables.get("SHELL").map(|shell| shell.value.clone()).unwrap_or_default()
    }

    /// Makes a goal after its prerequisites, each once.
    fn make(&mut self, goal: String, shell: Shell<'_>, made: &mut Set, lines: &mut Vec<Line>) {
        // (target, whether its prerequisites are done)
        let mut open = vec![(goal, false)];
        while let Some((target, ready)) = open.pop() {
            if ready {
                self.recipe(&target, shell, lines);
                continue;
            }
            if made.len() >= MAXIMUM_TARGETS || !made.add(&target) {
                continue;
            }
            let prerequisites = self.prerequisites(&target);
            open.push((target, true));
            open.extend(prerequisites.into_iter().rev().map(|prerequisite| (prerequisite, false)));
        }
    }

    fn prerequisites(&self, target: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (rule, stem) in self.matching(target) {
            for prerequisite in &rule.prerequisites {
                found.push(prerequisite.replacen('%', &stem, 1));
            }
        }
        found
    }

    /// The rules of a target with the stem that `%` stands for: explicit ones, else the first pattern that has a recipe.
    fn matching(&self, target: &str) -> Vec<(&Rule, String)> {
        let explicit: Vec<_> = self
            .rules
            .iter()
            .filter(|rule| rule.targets.iter().any(|name| name == target))
            .map(|rule| (rule, String::from("%")))
            .collect_vec();
        if explicit.iter().any(|(rule, _)| !rule.recipe.is_empty()) {
            return explicit;
        }
        let pattern = self.rules.iter().filter(|rule| !rule.recipe.is_empty()).find_map(|rule| {
            let stem = rule.targets.iter().find_map(|name| stem(name, target))?;
            Some((rule, stem.to_owned()))
        });
        explicit.into_iter().chain(pattern).collect_vec()
    }

    fn recipe(&mut self, target: &str, shell: Shell<'_>, lines: &mut Vec<Line>) {
        let rules: Vec<(Rule, String)> =
            self.matching(target).into_iter().map(|(rule, stem)| (rule.clone(), stem)).collect_vec();
        let all: Vec<String> = self.prerequisites(target);
        let own: Vec<(String, String)> = rules.iter().flat_map(|(rule, _)| rule.variables.clone()).collect_vec();
        let Some((rule, stem)) = rules.iter().find(|(rule, _)| !rule.recipe.is_empty()) else { return };
        let before = self.variables.clone();
        for (name, value) in own {
            self.set(&name, value, true, Origin::File);
        }
        let name = target.rsplit('/').next().unwrap_or_default();
        let directory =
            target.strip_suffix(name).map_or("./", |directory| if directory.is_empty() { "./" } else { directory });
        let first = all.first().cloned().unwrap_or_default();
        for (name, value) in [
            ("@", target.to_owned()),
            ("<", first),
            ("^", all.join(" ")),
            ("+", all.join(" ")),
            ("?", all.join(" ")),
            ("*", if stem == "%" { String::new() } else { stem.clone() }),
            ("@F", name.to_owned()),
            ("@D", directory.trim_end_matches('/').to_owned()),
        ] {
            self.set(name, value, false, Origin::Override);
        }
        for (at, line) in rule.recipe.clone() {
            let marks = line.chars().take_while(|c| matches!(c, '@' | '-' | '+' | ' ' | '\t')).count();
            let may_fail = line[..marks].contains('-');
            let text = self.excerpt(&line[marks..], at + marks, shell);
            if !text.text.trim().is_empty() {
                lines.push(Line { target: target.to_owned(), text, may_fail });
            }
        }
        self.variables = before;
    }

    fn set(&mut self, name: &str, value: String, recursive: bool, origin: Origin) {
        if self.variables.get(name).is_some_and(|known| known.origin > origin) {
            return;
        }
        self.variables.insert(name, Variable { value, recursive, origin });
    }
}

/// What `%` stands for when a pattern matches.
fn stem<'t>(pattern: &str, target: &'t str) -> Option<&'t str> {
    let (before, after) = pattern.split_once('%')?;
    let rest = target.strip_prefix(before)?.strip_suffix(after)?;
    (!rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, arguments: &[(&str, &str)], goals: &[&str], expected: &[&str]) {
        let environment = [("HOME".to_owned(), "/root".to_owned())];
        let arguments: Vec<_> =
            arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut shell = |command: &str| (command == "uname").then(|| "Linux".to_owned());
        let mut makefile = read(text, &environment, &arguments, &mut |_| None, &mut shell);
        let lines: Vec<_> = makefile.lines(goals, &mut shell).into_iter().map(|line| line.text.text).collect();
        assert_eq!(lines, expected, "{text}");
    }

    #[test]
    fn goals_run_after_what_they_need() {
        let text = "BIN := app\nall: build\n\nbuild: gen $(BIN) ## builds\n\ngen:\n\tgo generate\n$(BIN):\n\t@go build -o $@ ./cmd/$@\n";
        check(text, &[], &[], &["go generate", "go build -o app ./cmd/app"]);
        check(text, &[("BIN", "x")], &["x"], &["go build -o x ./cmd/x"]);
        check(text, &[], &["nothing"], &[]);
    }

    #[test]
    fn variables_are_set_in_order() {
        let text = "A ?= one\nA ?= two\nB = $(A)-$(C)\nC := three\nC += four\nD := $(shell uname)\n\
                    E := $(if $(NONE),x,$(subst o,0,$(A)))\nt:\n\techo $(B) $D ${E} $$HOME $(HOME) $(basename a/b.go)\n";
        check(text, &[], &["t"], &["echo one-three four Linux 0ne $HOME /root a/b"]);
        check(text, &[("A", "cli")], &["t"], &["echo cli-three four Linux cli $HOME /root a/b"]);
    }

    #[test]
    fn conditions_choose() {
        let text = "OS := linux\nifeq ($(OS),linux)\nX = 1\nelse ifeq ($(OS),darwin)\nX = 2\nelse\nX = 3\nendif\n\
                    ifndef Y\nY=none\nendif\nt:\nifneq ($(X),1)\n\tfalse\nendif\n\techo $(X) $(Y)\n";
        check(text, &[], &["t"], &["echo 1 none"]);
        check(text, &[("OS", "darwin")], &["t"], &["false", "echo 2 none"]);
        check(text, &[("OS", "x"), ("Y", "y")], &["t"], &["false", "echo 3 y"]);
    }

    #[test]
    fn patterns_and_targets_of_their_own() {
        let text = "bin/%: cmd/%.go\n\tgo build -o $@ $< # $*\nlinux: GOOS=linux\nlinux: bin/app\n\techo $(GOOS) \\\n\t  more\n";
        check(text, &[], &["linux"], &["go build -o bin/app cmd/app.go # app", "echo linux \\\n\t  more"]);
    }
}
