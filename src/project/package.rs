//! `package.json`: its scripts, and the packages that it names.
//!
//! Only the part of JSON that leads there is read: the members of the outermost object, and of those objects in it.

/// A script and where its text begins in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    pub name: String,
    pub command: String,
    /// Byte offset behind the opening quote.
    pub at: usize,
}

/// The `scripts` of a `package.json`, in order.
#[must_use]
pub fn scripts(text: &str) -> Vec<Script> {
    let Some(start) = member(text, "scripts") else { return Vec::new() };
    let mut scripts = Vec::new();
    members(text, start, |name, at| {
        if let Some((command, _)) = string(text, at) {
            scripts.push(Script { name, command, at: at + 1 });
        }
    });
    scripts
}

/// The names and texts of an object in the outermost one: the packages of `dependencies` and their versions.
#[must_use]
pub fn entries(text: &str, object: &str) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    if let Some(start) = member(text, object) {
        members(text, start, |name, at| {
            entries.push((name, string(text, at).map(|(value, _)| value).unwrap_or_default()))
        });
    }
    entries
}

/// Where the value of a member of the outermost object begins.
fn member(text: &str, wanted: &str) -> Option<usize> {
    let mut found = None;
    let start = blank(text, 0);
    members(text, start, |name, at| {
        if name == wanted && found.is_none() {
            found = Some(at);
        }
    });
    found
}

/// Tells of each member of the object that begins at `start`: its name, and where its value begins.
fn members(text: &str, start: usize, mut each: impl FnMut(String, usize)) {
    if text.as_bytes().get(start) != Some(&b'{') {
        return;
    }
    let mut at = start + 1;
    loop {
        at = blank(text, at);
        if text.as_bytes().get(at) == Some(&b',') {
            at = blank(text, at + 1);
        }
        let Some((name, end)) = string(text, at) else { return };
        at = blank(text, end);
        if text.as_bytes().get(at) != Some(&b':') {
            return;
        }
        at = blank(text, at + 1);
        each(name, at);
        at = value_end(text, at);
    }
}

/// The end of the value that begins at `at`: behind its closing bracket or quote, or at what follows it.
fn value_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let Some((_, end)) = string(text, at) else { return text.len() };
                at = end;
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 0 { at } else { at + 1 },
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The string that begins at `at`, without its escapes, and where it ends.
fn string(text: &str, at: usize) -> Option<(String, usize)> {
    let inner = text.get(at..)?.strip_prefix('"')?;
    let mut whole = String::new();
    let mut characters = inner.char_indices();
    while let Some((offset, c)) = characters.next() {
        match c {
            '"' => return Some((whole, at + 1 + offset + 1)),
            '\\' => match characters.next()?.1 {
                'n' => whole.push('\n'),
                't' => whole.push('\t'),
                'r' => whole.push('\r'),
                'u' => {
                    let digits: String = characters.by_ref().take(4).map(|(_, digit)| digit).collect();
                    let number = u32::from_str_radix(&digits, 16).ok()?;
                    whole.push(char::from_u32(number).unwrap_or('\u{fffd}'));
                }
                other => whole.push(other),
            },
            c => whole.push(c),
        }
    }
    None
}

fn blank(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + (rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_where_they_stand() {
        let text = r#"{ "name": "x{}", "config": {"scripts": {"no": "1"}, "l": [1, {"a": "]"}]}, "private": true,
            "scripts": { "build": "tsc && echo \"done\"", "start":"node ." , "odd": 1 }, "dependencies": {"a": "1"} }"#;
        let found: Vec<_> = scripts(text).into_iter().map(|script| (script.name, script.command)).collect();
        let expected = [("build", "tsc && echo \"done\""), ("start", "node .")];
        assert_eq!(found, expected.map(|(name, command)| (name.to_owned(), command.to_owned())));
        let start = scripts(text).pop().unwrap();
        assert!(text[start.at..].starts_with("node ."));
        assert_eq!(entries(text, "dependencies"), [("a".to_owned(), "1".to_owned())]);
    }

    #[test]
    fn what_is_no_manifest_has_no_scripts() {
        for text in
            ["", "{", "[]", "{\"scripts\"", "{\"scripts\": {\"a", "{\"scripts\": {\"a\": \"\\", "{\"a\": [[[[", "null"]
        {
            assert_eq!(scripts(text), [], "{text}");
            assert_eq!(entries(text, "a"), [], "{text}");
        }
    }
}
