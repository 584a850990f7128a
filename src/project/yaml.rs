//! The part of YAML in which people write what a runner shall do: blocks of mappings, sequences and texts.
//!
//! Anchors, tags, flow mappings and documents after the first are left alone: a text that begins with their signs stays
//! as it is written, and whoever reads it takes it for unknown.

use crate::lists::Collect;
/// A node and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The text, and where it begins in the file when it stands there as it is.
    Text(String, Option<usize>),
    List(Vec<Value>),
    /// In order; a name stands as often as it is written.
    Map(Vec<(String, Value)>),
}

/// So deep blocks are read; a person's hardly reach five.
const DEEPEST: usize = 16;

/// So many lines are read.
const MOST_LINES: usize = 20_000;

/// Reads the first document; `None` where there is nothing in it.
#[must_use]
pub fn read(text: &str) -> Option<Value> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n').take(MOST_LINES) {
        let written = line.trim_end_matches(['\n', '\r']);
        let body = written.trim_start_matches(' ');
        lines.push(Line { indent: written.len() - body.len(), body, at: at + written.len() - body.len() });
        at += line.len();
    }
    let mut reader = Reader { lines, next: 0 };
    reader.block(0, 0)
}

impl Value {
    /// The value of a name in a mapping.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text, _) => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence; a single text counts as one.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Text(..) => std::slice::from_ref(self),
            Self::Map(_) => &[],
        }
    }

    #[must_use]
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Map(members) => members,
            _ => &[],
        }
    }
}

#[derive(Clone, Copy)]
struct Line<'t> {
    indent: usize,
    body: &'t str,
    /// Where `body` begins in the text.
    at: usize,
}

struct Reader<'t> {
    lines: Vec<Line<'t>>,
    next: usize,
}

impl<'t> Reader<'t> {
    /// The next line that says something.
    fn peek(&mut self) -> Option<Line<'t>> {
        while let Some(line) = self.lines.get(self.next) {
            if line.body.is_empty() || line.body.starts_with('#') || line.body.starts_with("---") {
                self.next += 1;
            } else {
                return Some(*line).filter(|line| line.body != "...");
            }
        }
        None
    }

    /// The block of lines that are indented by `indent` or more.
    fn block(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let first = self.peek().filter(|line| line.indent >= indent && depth < DEEPEST)?;
        let own = first.indent;
        if is_item(first.body) {
            let mut items = Vec::new();
            while let Some(line) = self.peek().filter(|line| line.indent == own && is_item(line.body)) {
                // What follows the dash is indented by what stands before it.
                let rest = line.body[1..].trim_start_matches(' ');
                let offset = line.body.len() - rest.len();
                self.lines[self.next] = Line { indent: own + offset, body: rest, at: line.at + offset };
                if rest.is_empty() || rest.starts_with('#') {
                    self.next += 1;
                    items.extend(self.block(own + 1, depth + 1));
                } else if is_item(rest) || split(rest).is_some() {
                    items.extend(self.block(own + 1, depth + 1));
                } else {
                    self.next += 1;
                    items.push(self.scalar(rest, line.at + offset, own));
                }
            }
            self.skip(own);
            return Some(Value::List(items));
        }
        let mut members = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent == own) {
            let Some((name, rest)) = split(line.body) else { break };
            self.next += 1;
            let value = match rest {
                "" => {
                    // A sequence may stand as far left as its name.
                    let deeper = self.peek().map_or(own + 1, |next| if is_item(next.body) { own } else { own + 1 });
                    self.block(deeper, depth + 1).unwrap_or_else(|| Value::Text(String::new(), None))
                }
                rest => self.scalar(rest, line.at + name.len() + offset(line.body, rest, name), own),
            };
            members.push((unquoted(name).0, value));
        }
        self.skip(own);
        Some(Value::Map(members))
    }

    /// Passes over what could not be read.
    fn skip(&mut self, indent: usize) {
        while self.peek().is_some_and(|line| line.indent > indent) {
            self.next += 1;
        }
    }

    /// A text, plain or quoted, a sequence in brackets, or the lines of a block that are indented more than `indent`.
    fn scalar(&mut self, written: &str, at: usize, indent: usize) -> Value {
        if written.starts_with(['|', '>']) && written.len() <= 3 {
            let folds = written.starts_with('>');
            let mut text = String::new();
            let mut start = None;
            let mut own = None;
            while let Some(line) = self.lines.get(self.next).copied() {
                if !line.body.is_empty() && line.indent <= indent {
                    break;
                }
                let own = *own.get_or_insert(line.indent);
                start.get_or_insert(line.at);
                text.push_str(&" ".repeat(line.indent.saturating_sub(own)));
                text.push_str(line.body);
                text.push(if folds { ' ' } else { '\n' });
                self.next += 1;
            }
            return Value::Text(text.trim_end().to_owned(), start.filter(|_| !text.trim_end().contains('\n')));
        }
        if let Some(inner) = written.strip_prefix('[').and_then(|inner| without_comment(inner).strip_suffix(']')) {
            let items = inner.split(',').map(str::trim).filter(|item| !item.is_empty());
            return Value::List(items.map(|item| Value::Text(unquoted(item).0, None)).collect_vec());
        }
        let (text, offset) = unquoted(without_comment(written));
        Value::Text(text, Some(at + offset))
    }
}

/// How far the value begins behind the colon.
fn offset(body: &str, rest: &str, name: &str) -> usize {
    let behind = &body[name.len()..];
    behind.find(rest).unwrap_or(0)
}

fn is_item(body: &str) -> bool {
    body == "-" || body.starts_with("- ")
}

/// The name before the colon, and what follows it.
fn split(body: &str) -> Option<(&str, &str)> {
    let quoted = body.chars().next().filter(|c| matches!(c, '"' | '\''));
    let from = quoted.and_then(|quote| body[1..].find(quote)).map_or(0, |end| end + 1);
    let colon = from
        + body[from..].match_indices(':').find_map(|(at, _)| {
            let after = &body[from + at + 1..];
            (after.is_empty() || after.starts_with([' ', '\t'])).then_some(at)
        })?;
    let (name, rest) = (&body[..colon], body[colon + 1..].trim());
    // A colon within a text or a template is none of a mapping.
    let is_name =
        !name.is_empty() && !name.contains(['{', '[', '$', '`']) && (quoted.is_some() || !name.contains(['"', '\'']));
    is_name.then(|| (name, if rest.starts_with('#') { "" } else { rest }))
}

/// Without the comment at its end.
fn without_comment(text: &str) -> &str {
    let from = match text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        Some(quote) => text[1..].rfind(quote).map_or(0, |end| end + 2),
        None => 0,
    };
    text[from..].find(" #").map_or(text, |at| &text[..from + at]).trim_end()
}

/// A text without its quotes, and how far it begins behind them.
fn unquoted(text: &str) -> (String, usize) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote)) {
            let inner = match quote {
                '"' => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
                _ => inner.replace("''", "'"),
            };
            return (inner, 1);
        }
    }
    (text.to_owned(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &Value) -> String {
        match value {
            Value::Text(text, _) => format!("{text:?}"),
            Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(" ")),
            Value::Map(members) => {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
                format!("{{{}}}", members.join(" "))
            }
        }
    }

    #[test]
    fn blocks_are_read() {
        for (text, expected) in [
            ("a: 1 # one\nb:\n  c: 'x: y'\n\n  d: [p, \"q\"]\n", r#"{a="1" b={c="x: y" d=["p" "q"]}}"#),
            (
                "cmds:\n- go build -o a:b\n- task: x\n  vars: {A: 1}\n- - y\n",
                r#"{cmds=["go build -o a:b" {task="x" vars="{A: 1}"} ["y"]]}"#,
            ),
            ("a: |\n  one\n    two\nb: >\n  x\n  y\nc:\n", r#"{a="one\n  two" b="x y" c=""}"#),
            ("---\n- a: 1\n  b: 2\n-\n  c: 3\n", r#"[{a="1" b="2"} {c="3"}]"#),
            ("'a:b': \"c#d\" # e\n", r#"{a:b="c#d"}"#),
            ("a:\n      b: 1\n  c: 2\n", r#"{a={b="1"}}"#),
        ] {
            assert_eq!(read(text).as_ref().map(shown).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(read("# nothing\n"), None);
    }

    #[test]
    fn texts_know_their_place() {
        let text = "cmds:\n  - go build # it\n  - cmd: \"make x\"\nrun: |\n  one line\n";
        let value = read(text).unwrap();
        let place = |value: &Value| match value {
            Value::Text(inside, Some(at)) => assert!(text[*at..].starts_with(inside.as_str()), "{inside}"),
            other => panic!("{other:?}"),
        };
        let items = value.get("cmds").unwrap().items();
        place(&items[0]);
        place(items[1].get("cmd").unwrap());
        place(value.get("run").unwrap());
    }

    #[test]
    fn hostile_texts_end() {
        let deep: String = (0..2000).map(|n| format!("{}- a:\n", " ".repeat(n))).collect();
        let dashes = "- ".repeat(50_000);
        for text in [deep.as_str(), dashes.as_str(), ":", "- :\n\t: x", "a: [", "\"", "'a: b", "a: '"] {
            let _ = read(text);
        }
    }
}
