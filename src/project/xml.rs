//! The elements of a project file of MSBuild or Maven: where each stands, its attributes and its text.
//!
//! Comments are left out; entities stay as they are written, which no name or version has.

/// An element, told when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'t> {
    /// The names that lead to it: `project/parent/version`.
    pub path: String,
    attributes: &'t str,
    /// Its text, trimmed; empty where it holds other elements.
    pub text: &'t str,
}

/// So deep a file nests: a `pom.xml` stays below ten.
const DEEPEST: usize = 40;

/// So many elements are read.
const MAXIMUM: usize = 20_000;

impl<'t> Element<'t> {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'t str> {
        let (_, rest) = self.attributes.match_indices(name).find_map(|(at, _)| {
            let before = self.attributes[..at].chars().next_back();
            let rest = self.attributes[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
            before.is_none_or(char::is_whitespace).then_some((at, rest))
        })?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        Some(rest[1..].split_once(quote)?.0)
    }
}

/// Every element, in the order in which they end.
#[must_use]
pub fn elements(text: &str) -> Vec<Element<'_>> {
    let mut found = Vec::new();
    // The length of the path before each open element, its attributes, where its text begins, whether it holds others.
    let mut open: Vec<(usize, &str, usize, bool)> = Vec::new();
    let mut path = String::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('<').map(|found| at + found) {
        let rest = &text[start..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">")];
        if let Some((begin, end)) = skipped.iter().find(|(begin, _)| rest.starts_with(begin)) {
            let Some(length) = rest[begin.len()..].find(end) else { break };
            at = start + begin.len() + length + end.len();
            continue;
        }
        let Some(length) = tag_length(rest) else { break };
        at = start + length;
        let tag = &rest[1..length - 1];
        if tag.starts_with('/') {
            let Some((before, attributes, begin, holds_others)) = open.pop() else { break };
            let text = if holds_others { "" } else { text[begin..start].trim() };
            found.push(Element { path: path.clone(), attributes, text });
            path.truncate(before);
        } else {
            if let Some((.., holds_others)) = open.last_mut() {
                *holds_others = true;
            }
            let is_empty = tag.ends_with('/');
            let tag = tag.trim_end_matches('/');
            let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            let before = path.len();
            if before > 0 {
                path.push('/');
            }
            path.push_str(name);
            if is_empty {
                found.push(Element { path: path.clone(), attributes, text: "" });
                path.truncate(before);
            } else {
                open.push((before, attributes, at, false));
            }
        }
        if open.len() > DEEPEST || found.len() > MAXIMUM || path.len() > 4096 {
            break;
        }
    }
    found
}

/// The length of a tag with its brackets; a bracket in quotes does not end it.
fn tag_length(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_told_with_their_place() {
        let told = |text: &str| {
            let all = elements(text).into_iter();
            all.map(|element| format!("{}={}", element.path, element.text)).collect::<Vec<_>>().join(" ")
        };
        for (text, expected) in [
            ("<a><b> 1 </b><!-- <c>2</c> --><d x='>'/></a>", "a/b=1 a/d= a="),
            ("<?xml version=\"1.0\"?><a>x<b/>y</a>", "a/b= a="),
            ("<a><b>", ""),
            ("</a>", ""),
            ("<a", ""),
            ("no markup", ""),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        assert_eq!(told(&"<a>".repeat(100_000)), "");
        let element = &elements("<P Include = \"X\" XInclude='Y'></P>")[0];
        assert_eq!((element.attribute("Include"), element.attribute("clude")), (Some("X"), None));
    }
}
