//! Lines to variables and rules.

use super::expand::{Shell, closing};
use super::{Makefile, Origin, Rule};
use crate::lists::Collect;
use crate::word::UNKNOWN;

/// Included files are followed so deep.
const DEEPEST: usize = 8;

/// Reads a Makefile.
///
/// `environment` is what make finds, `arguments` the `NAME=value` words of its command line; `include` gives the text of
/// a file.
pub fn read(
    text: &str,
    environment: &[(String, String)],
    arguments: &[(String, String)],
    include: &mut dyn FnMut(&str) -> Option<String>,
    shell: Shell<'_>,
) -> Makefile {
    let mut makefile = Makefile::default();
    for (name, value) in [("MAKE", "make"), ("CC", "cc"), ("CXX", "g++"), ("RM", "rm -f"), ("SHELL", "/bin/sh")] {
        makefile.set(name, value.to_owned(), false, Origin::Default);
    }
    // The environment's SHELL is the user's and not make's.
    for (name, value) in environment.iter().filter(|(name, _)| name != "SHELL") {
        makefile.set(name, value.clone(), false, Origin::Environment);
    }
    for (name, value) in arguments {
        makefile.set(name, value.clone(), true, Origin::CommandLine);
    }
    let mut reader = Reader { makefile, include, shell, conditions: Vec::new(), rule: None, defines: 0 };
    reader.text(text, 0);
    reader.finish()
}

struct Reader<'r> {
    makefile: Makefile,
    include: &'r mut dyn FnMut(&str) -> Option<String>,
    shell: Shell<'r>,
    /// Of each open condition: whether this branch is taken, and whether one was taken already.
    conditions: Vec<(bool, bool)>,
    /// The rule whose recipe may follow.
    rule: Option<usize>,
    /// Inside `define`.
    defines: usize,
}

impl Reader<'_> {
    fn finish(self) -> Makefile {
        self.makefile
    }

    fn text(&mut self, text: &str, depth: usize) {
        let mut at = 0;
        while at < text.len() {
            let start = at;
            let mut line = String::new();
            // A backslash at its end joins the next line.
            loop {
                let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
                line.push_str(&text[at..end]);
                at = (end + 1).min(text.len());
                if end == text.len() || !line.trim_end_matches('\r').ends_with('\\') {
                    break;
                }
                line.push('\n');
            }
            // What an included file says has no place in this one.
            self.line(&line, if depth == 0 { start } else { 0 }, depth);
        }
    }

    fn active(&self) -> bool {
        self.conditions.iter().all(|(taken, _)| *taken)
    }

    fn line(&mut self, line: &str, at: usize, depth: usize) {
        if self.defines > 0 {
            match line.split_whitespace().next() {
                Some("endef") => self.defines -= 1,
                Some("define") => self.defines += 1,
                _ => {}
            }
            return;
        }
        if let (Some(recipe), Some(rule)) = (line.strip_prefix('\t'), self.rule) {
            if self.active() {
                // Within a recipe a continued line keeps its backslash; the tab of the next one is a blank to a shell.
                self.makefile.rules[rule].recipe.push((at + 1, recipe.to_owned()));
            }
            return;
        }
        let joined = line.replace("\\\r\n", " ").replace("\\\n", " ");
        let plain = without_comment(&joined).trim();
        if plain.is_empty() || self.condition(plain) || !self.active() {
            return;
        }
        self.statement(plain, depth);
    }

    /// `ifeq` and its kin, `else`, `endif`; false for anything else.
    fn condition(&mut self, line: &str) -> bool {
        let (word, rest) =
            line.split_once([' ', '\t', '(']).map_or((line, ""), |(word, _)| (word, line[word.len()..].trim()));
        match word {
            "endif" => {
                self.conditions.pop();
            }
            "else" => {
                let Some((_, done)) = self.conditions.pop() else { return true };
                let taken = match rest {
                    "" => !done,
                    rest => {
                        let (word, rest) = rest
                            .split_once([' ', '\t', '('])
                            .map_or((rest, ""), |(word, _)| (word, rest[word.len()..].trim()));
                        !done && self.holds(word, rest)
                    }
                };
                self.conditions.push((taken, done || taken));
            }
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => {
                let taken = self.active() && self.holds(word, rest);
                self.conditions.push((taken, taken));
            }
            _ => return false,
        }
        true
    }

    fn holds(&mut self, word: &str, rest: &str) -> bool {
        if word == "ifdef" || word == "ifndef" {
            let name = self.makefile.expand(rest, self.shell);
            let set = self.makefile.variables.get(name.trim()).is_some_and(|known| !known.value.is_empty());
            return set == (word == "ifdef");
        }
        let Some((left, right)) = operands(rest) else {
            self.makefile.open = true;
            return false;
        };
        let left = self.makefile.expand(&left, self.shell);
        let right = self.makefile.expand(&right, self.shell);
        if left.contains(UNKNOWN) || right.contains(UNKNOWN) {
            self.makefile.open = true;
            return false;
        }
        (left.trim() == right.trim()) == (word == "ifeq")
    }

    fn statement(&mut self, line: &str, depth: usize) {
        let first = line.split_whitespace().next().unwrap_or_default();
        let rest = line[first.len()..].trim();
        match first {
            "include" | "-include" | "sinclude" => return self.include(rest, depth),
            "define" => {
                self.defines += 1;
                self.makefile.open = true;
                return;
            }
            "export" | "unexport" => {
                if rest.is_empty() {
                    self.makefile.exports_all = first == "export";
                } else if let Some(name) = self.assignment(rest, Origin::File) {
                    self.makefile.exported.add(&name);
                } else if first == "export" {
                    let names = self.makefile.expand(rest, self.shell);
                    names.split_whitespace().for_each(|name| _ = self.makefile.exported.add(name));
                }
                return;
            }
            "override" => {
                self.assignment(rest, Origin::Override);
                return;
            }
            "vpath" | "endef" | "undefine" => return,
            _ => {}
        }
        if self.assignment(line, Origin::File).is_some() {
            self.rule = None;
            return;
        }
        self.rule(line);
    }

    fn include(&mut self, names: &str, depth: usize) {
        let names = self.makefile.expand(names, self.shell);
        for name in names.split_whitespace() {
            match (self.include)(name) {
                Some(text) if depth < DEEPEST => {
                    // Places in another file are not told: its recipes stand where they are included.
                    self.text(&text, depth + 1);
                }
                _ => self.makefile.open = true,
            }
        }
    }

    /// `NAME = value` and its kin; the name, when it is one.
    fn assignment(&mut self, line: &str, origin: Origin) -> Option<String> {
        let (name, operator, value) = split_assignment(line)?;
        let name = self.makefile.expand(name, self.shell);
        let name = name.trim();
        if name.is_empty() || name.contains([' ', '\t', ':', '#']) {
            return None;
        }
        let known = self.makefile.variables.get(name).cloned();
        match operator {
            "=" => self.makefile.set(name, value.to_owned(), true, origin),
            ":=" | "::=" | ":::=" => {
                let value = self.makefile.expand(value, self.shell);
                self.makefile.set(name, value, false, origin);
            }
            "?=" => {
                if known.is_none_or(|known| known.origin == Origin::Default) {
                    self.makefile.set(name, value.to_owned(), true, origin);
                }
            }
            "+=" => {
                let before = known.filter(|known| known.origin > Origin::Default);
                let recursive = before.as_ref().is_none_or(|known| known.recursive);
                let value = if recursive { value.to_owned() } else { self.makefile.expand(value, self.shell) };
                let before = before.map(|known| format!("{} ", known.value)).unwrap_or_default();
                self.makefile.set(name, format!("{before}{value}"), recursive, origin);
            }
            "!=" => {
                let command = self.makefile.expand(value, self.shell);
                let output = (self.shell)(&command).unwrap_or_else(|| UNKNOWN.to_owned());
                self.makefile.set(name, output, false, origin);
            }
            _ => return None,
        }
        Some(name.to_owned())
    }

    fn rule(&mut self, line: &str) {
        self.rule = None;
        let Some(colon) = outside(line, ':') else {
            // A reference alone may be rules made by a function.
            self.makefile.open |= line.contains('$');
            return;
        };
        let (targets, rest) = (&line[..colon], line[colon + 1..].trim_start_matches(':'));
        let targets = self.makefile.expand(targets, self.shell);
        let targets: Vec<String> = targets.split_whitespace().map(str::to_owned).collect_vec();
        if targets.is_empty() {
            return;
        }
        // `target: NAME = value`
        if let Some((name, _, value)) = split_assignment(rest).filter(|(name, ..)| !name.trim().contains([' ', '$'])) {
            let name = name.trim().trim_start_matches("export ").to_owned();
            let variables = vec![(name, value.to_owned())];
            let rule = Rule { targets, prerequisites: Vec::new(), recipe: Vec::new(), variables };
            self.makefile.rules.push(rule);
            return;
        }
        let (rest, inline) = match rest.split_once(';') {
            Some((rest, recipe)) => (rest, Some(recipe.trim().to_owned())),
            None => (rest, None),
        };
        let rest = self.makefile.expand(rest, self.shell);
        let prerequisites: Vec<String> =
            rest.split_whitespace().filter(|word| *word != "|").map(str::to_owned).collect_vec();
        self.makefile.open |= prerequisites.iter().any(|word| word.contains(UNKNOWN));
        let goal = targets.first().filter(|target| !target.starts_with('.') && !target.contains('%'));
        if self.makefile.default_goal.is_none() {
            self.makefile.default_goal = goal.cloned();
        }
        let recipe = inline.into_iter().map(|recipe| (0, recipe)).collect_vec();
        self.makefile.rules.push(Rule { targets, prerequisites, recipe, variables: Vec::new() });
        self.rule = Some(self.makefile.rules.len() - 1);
    }
}

/// The text before a `#` that is not escaped.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before != '\\' {
            return &line[..at];
        }
        before = c;
    }
    line
}

/// Where a character stands outside references.
fn outside(line: &str, wanted: char) -> Option<usize> {
    let mut at = 0;
    while at < line.len() {
        let c = line[at..].chars().next()?;
        if c == wanted {
            return Some(at);
        }
        if c == '$' {
            if let Some(open @ ('(' | '{')) = line[at + 1..].chars().next() {
                at += 1 + closing(&line[at + 1..], open)? + 1;
                continue;
            }
        }
        at += c.len_utf8();
    }
    None
}

/// Name, operator and value of an assignment.
fn split_assignment(line: &str) -> Option<(&str, &str, &str)> {
    let equals = outside(line, '=')?;
    let before = &line[..equals];
    let operator_length =
        [":::", "::", ":", "?", "+", "!"].iter().find(|sign| before.ends_with(**sign)).map_or(0, |sign| sign.len());
    let (name, operator) = (&before[..equals - operator_length], &line[equals - operator_length..=equals]);
    // A colon before the sign makes it a rule with a variable of its own.
    if outside(name, ':').is_some() {
        return None;
    }
    Some((name, operator, line[equals + 1..].trim()))
}

/// `(a,b)`, `"a" "b"`, `'a' 'b'`
fn operands(text: &str) -> Option<(String, String)> {
    if text.starts_with('(') {
        let end = closing(text, '(')?;
        let inner = &text[1..end];
        let comma = outside(inner, ',')?;
        return Some((inner[..comma].trim().to_owned(), inner[comma + 1..].trim().to_owned()));
    }
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (left, rest) = text[1..].split_once(quote)?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (right, _) = rest[1..].split_once(quote)?;
    Some((left.to_owned(), right.to_owned()))
}
