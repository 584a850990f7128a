//! The output of a few commands that only turn text into text: what `$(…)` and pipes between known texts come to.

use crate::lists::Collect;
use crate::word::Word;

use super::{Redirection, RedirectionKind};

/// The output of a command, where its words and its input tell it.
pub(super) fn known(words: &[Word], redirections: &[Redirection], input: Option<&str>) -> Option<String> {
    let words = words.iter().map(|word| word.known().map(std::borrow::Cow::into_owned)).collect::<Option<Vec<_>>>()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect_vec();
    let (name, arguments) = words.split_first()?;
    let reads = redirections.iter().rev().find(|from| from.kind == RedirectionKind::Read && from.descriptor == 0);
    let document = reads.and_then(|from| from.text.as_ref()).and_then(Word::known);
    let input = if reads.is_some() { document.as_deref() } else { input };
    match (name.rsplit('/').next()?, arguments) {
        ("echo", arguments) => echo(arguments),
        ("printf", [format, arguments @ ..]) => printf(format, arguments),
        ("cat", [] | ["-"]) => input.map(str::to_owned),
        ("basename", [path]) => Some(base_name(path).to_owned()),
        ("basename", [path, suffix]) if !path.starts_with('-') => {
            let name = base_name(path);
            Some(name.strip_suffix(suffix).filter(|name| !name.is_empty()).unwrap_or(name).to_owned())
        }
        ("dirname", [path]) => Some(directory_name(path).to_owned()),
        ("tr", ["-d", set]) => {
            let set = character_set(set)?;
            Some(input?.chars().filter(|c| !set.contains(c)).collect())
        }
        ("tr", [from, to]) if !from.starts_with('-') => translate(input?, from, to),
        ("cut", options) => cut(input?, options),
        ("head", ["-1"] | ["-n1"] | ["-n", "1"]) => Some(input?.lines().next().unwrap_or_default().to_owned()),
        ("tail", ["-1"] | ["-n1"] | ["-n", "1"]) => Some(input?.lines().last().unwrap_or_default().to_owned()),
        ("sed", [script] | ["-e" | "-E" | "-r", script]) => sed(input?, &[script]),
        ("sed", ["-e", first, "-e", second]) => sed(input?, &[first, second]),
        ("sed", ["-e", first, "-e", second, "-e", third]) => sed(input?, &[first, second, third]),
        _ => None,
    }
}

fn echo(arguments: &[&str]) -> Option<String> {
    let (ends, arguments) = match arguments {
        ["-n", rest @ ..] => ("", rest),
        ["-e" | "-ne" | "-en", ..] => return None,
        rest => ("\n", rest),
    };
    let text = arguments.join(" ");
    // dash and bash differ over escapes.
    (!text.contains('\\')).then(|| text + ends)
}

fn printf(format: &str, arguments: &[&str]) -> Option<String> {
    let format = format.replace("\\n", "\n");
    if format.contains('\\') {
        return None;
    }
    let pieces: Vec<&str> = format.split("%s").collect_vec();
    if pieces.iter().any(|piece| piece.contains('%')) {
        return None;
    }
    let slots = pieces.len() - 1;
    if slots == 0 {
        return Some(format);
    }
    let mut text = String::new();
    // The format is used again until no argument is left.
    for turn in arguments.chunks(slots).chain(arguments.is_empty().then_some(&[][..])) {
        for (n, piece) in pieces.iter().enumerate() {
            text.push_str(piece);
            if n < slots {
                text.push_str(turn.get(n).copied().unwrap_or_default());
            }
        }
    }
    Some(text)
}

fn base_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    if path.is_empty() { "/" } else { path.rsplit('/').next().unwrap_or(path) }
}

fn directory_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        None => ".",
        Some((parent, _)) if parent.trim_end_matches('/').is_empty() => "/",
        Some((parent, _)) => parent.trim_end_matches('/'),
    }
}

/// `a-z`, `[:upper:]`, `.`
fn character_set(set: &str) -> Option<Vec<char>> {
    match set {
        "[:upper:]" => return Some(('A'..='Z').collect_vec()),
        "[:lower:]" => return Some(('a'..='z').collect_vec()),
        "[:digit:]" => return Some(('0'..='9').collect_vec()),
        "\\n" => return Some(vec!['\n']),
        _ => {}
    }
    let characters: Vec<char> = set.chars().collect_vec();
    if characters.iter().any(|c| matches!(c, '[' | '\\')) {
        return None;
    }
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(from) = characters.get(at) {
        match (characters.get(at + 1), characters.get(at + 2)) {
            (Some('-'), Some(to)) if from.is_ascii() && to.is_ascii() => {
                all.extend(*from..=*to);
                at += 3;
            }
            _ => {
                all.push(*from);
                at += 1;
            }
        }
    }
    Some(all)
}

fn translate(input: &str, from: &str, to: &str) -> Option<String> {
    let (from, to) = (character_set(from)?, character_set(to)?);
    let last = *to.last()?;
    let change = |c: char| match from.iter().rposition(|known| *known == c) {
        Some(n) => to.get(n).copied().unwrap_or(last),
        None => c,
    };
    Some(input.chars().map(change).collect())
}

/// `cut -d/ -f2`
fn cut(input: &str, options: &[&str]) -> Option<String> {
    let mut delimiter = '\t';
    let mut field = None;
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        let (letter, value) = (option.get(..2)?, option.get(2..)?);
        let value = if value.is_empty() { rest.next()? } else { value };
        match letter {
            "-d" => delimiter = value.chars().next().filter(|_| value.chars().count() == 1)?,
            "-f" => field = Some(value.to_owned()),
            _ => return None,
        }
    }
    let field = field?;
    let (first, last) = match field.split_once('-') {
        None => (field.parse::<usize>().ok()?, field.parse::<usize>().ok()?),
        Some((first, "")) => (first.parse().ok()?, usize::MAX),
        Some(("", last)) => (1, last.parse().ok()?),
        Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
    };
    let line = |line: &str| {
        if !line.contains(delimiter) {
            return line.to_owned();
        }
        let fields = line.split(delimiter).skip(first.saturating_sub(1));
        let fields: Vec<&str> = fields.take((last - first.min(last)).saturating_add(1)).collect_vec();
        fields.join(&delimiter.to_string())
    };
    Some(input.lines().map(line).collect_vec().join("\n"))
}

/// `s/a/b/`, several of them apart by `;`, when what is sought is plain text.
fn sed(input: &str, scripts: &[&str]) -> Option<String> {
    let mut lines: Vec<String> = input.lines().map(str::to_owned).collect_vec();
    for script in scripts.iter().flat_map(|script| script.split(';')) {
        let mut characters = script.trim().chars();
        if characters.next() != Some('s') {
            return None;
        }
        let separator = characters.next()?;
        let parts: Vec<&str> = characters.as_str().split(separator).collect_vec();
        let [sought, with, flags] = parts.as_slice() else { return None };
        if !matches!(*flags, "" | "g") || with.contains(['\\', '&']) || sought.is_empty() {
            return None;
        }
        let (start, body) = sought.strip_prefix('^').map_or((false, *sought), |body| (true, body));
        let (end, body) = body.strip_suffix('$').map_or((false, body), |body| (true, body));
        if body.contains(['\\', '.', '*', '[', '^', '$', '+', '?', '(', '|', '{']) {
            return None;
        }
        for line in &mut lines {
            *line = match (start, end) {
                (true, true) if line == body => (*with).to_owned(),
                (true, true) => line.clone(),
                (true, false) => line.strip_prefix(body).map_or(line.clone(), |rest| format!("{with}{rest}")),
                (false, true) => line.strip_suffix(body).map_or(line.clone(), |rest| format!("{rest}{with}")),
                (false, false) if *flags == "g" => line.replace(body, with),
                (false, false) => line.replacen(body, with, 1),
            };
        }
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_tools_do_what_they_do() {
        for (command, input, expected) in [
            ("echo a b", "", Some("a b\n")),
            ("echo -n a", "", Some("a")),
            ("echo a\\tb", "", None),
            ("printf %s a", "", Some("a")),
            ("printf %s,%s; a b c", "", Some("a,b;c,;")),
            ("printf %d 1", "", None),
            ("basename /a/b.sh .sh", "", Some("b")),
            ("basename /", "", Some("/")),
            ("dirname /a/b/", "", Some("/a")),
            ("dirname a", "", Some(".")),
            ("dirname /a", "", Some("/")),
            ("tr -d v", "v1.2", Some("1.2")),
            ("tr a-z A-Z", "amd64", Some("AMD64")),
            ("tr [:upper:] [:lower:]", "ARM", Some("arm")),
            ("cut -d/ -f2", "linux/arm64", Some("arm64")),
            ("cut -d / -f 1-2", "linux/arm/v7", Some("linux/arm")),
            ("cut -d. -f2-", "1.2.3", Some("2.3")),
            ("sed s/x86_64/amd64/", "x86_64", Some("amd64")),
            ("sed s/^v//", "v1", Some("1")),
            ("sed s/x86_64/amd64/;s/aarch64/arm64/", "aarch64", Some("arm64")),
            ("sed s/[0-9]//", "1", None),
            ("awk x", "1", None),
        ] {
            let words: Vec<Word> = command.split(' ').map(Word::new).collect();
            assert_eq!(known(&words, &[], Some(input)).as_deref(), expected, "{command}");
        }
    }
}
