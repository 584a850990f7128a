//! Commands that print, filter and rewrite text: what a file holds after them.

use crate::lists::Collect;
use std::sync::Arc;

use super::answers::answer;
use super::options::Options;
use super::{Call, Runner, not_known};
use crate::shell::{RedirectionKind, Status};
use crate::tree::{Content, Lookup};
use crate::word::UNKNOWN;

/// Text that is followed through commands; beyond it, it is not known.
const MAXIMUM_TEXT: usize = 1 << 20;

/// echo, printf and cat only print; where to, their redirections tell.
pub(super) fn print(_: &mut Runner<'_, '_>, _: &Call<'_>) -> Status {
    Status::Success
}

/// What a command prints, where that is known.
pub(super) fn output(runner: &Runner<'_, '_>, call: &Call<'_>) -> Option<String> {
    let text = match call.name.as_str() {
        "echo" => echo(&call.arguments, runner.echo())?,
        "printf" => printf(&call.arguments)?,
        "cat" => cat(runner, call)?,
        "tr" if call.arguments.iter().map(String::as_str).eq(["-d", "\\r"]) => input(runner, call)?.replace('\r', ""),
        name => {
            let words: Vec<&str> = std::iter::once(name).chain(call.arguments.iter().map(String::as_str)).collect_vec();
            answer(&words, call.path(".").as_deref(), &runner.work().image.platform)? + "\n"
        }
    };
    (text.len() <= MAXIMUM_TEXT && !text.contains(UNKNOWN)).then_some(text)
}

/// How the shell's own echo treats escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::build) enum Echo {
    /// dash: always, and `-e` is a word like any other.
    Always,
    /// bash, busybox: after `-e`.
    OnDemand,
    Unknown,
}

fn echo(arguments: &[String], kind: Echo) -> Option<String> {
    let mut words = arguments;
    let mut newline = true;
    let mut escapes = kind == Echo::Always;
    while let Some((first, rest)) = words.split_first() {
        let letters = first.strip_prefix('-').filter(|letters| !letters.is_empty());
        let is_option = letters.is_some_and(|letters| match kind {
            Echo::Always => letters == "n",
            Echo::OnDemand | Echo::Unknown => letters.chars().all(|c| "neE".contains(c)),
        });
        if !is_option {
            break;
        }
        for letter in first.chars() {
            match letter {
                'n' => newline = false,
                'e' if kind == Echo::Unknown => return None,
                'e' => escapes = true,
                'E' => escapes = false,
                _ => {}
            }
        }
        words = rest;
    }
    let text = words.join(" ");
    if kind == Echo::Unknown && text.contains('\\') {
        return None;
    }
    let mut text = if escapes { unescape(&text) } else { text };
    if newline {
        text.push('\n');
    }
    Some(text)
}

/// printf with `%s`, `%b`, `%d` and `%%`; its format is used again while there are words.
fn printf(arguments: &[String]) -> Option<String> {
    let arguments = if arguments.first().is_some_and(|first| first == "--") { &arguments[1..] } else { arguments };
    let (format, words) = arguments.split_first()?;
    let mut words = words.iter();
    let mut out = String::new();
    loop {
        let mut used = false;
        let mut rest = format.as_str();
        while let Some(at) = rest.find('%') {
            out.push_str(&unescape(&rest[..at]));
            let conversion = rest[at + 1..].chars().next()?;
            match conversion {
                '%' => out.push('%'),
                's' | 'd' | 'i' => {
                    out.push_str(words.next().map(String::as_str).unwrap_or_default());
                    used = true;
                }
                'b' => {
                    out.push_str(&unescape(words.next().map(String::as_str).unwrap_or_default()));
                    used = true;
                }
                _ => return None,
            }
            rest = &rest[at + 1 + conversion.len_utf8()..];
        }
        out.push_str(&unescape(rest));
        if !used || words.len() == 0 || out.len() > MAXIMUM_TEXT {
            return Some(out);
        }
    }
}

/// `\n`, `\t`, `\\`, `\0…` and their kin.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('e') => out.push('\u{1b}'),
            Some('\\') => out.push('\\'),
            Some(digit @ '0'..='7') => {
                let mut value = digit as u32 - '0' as u32;
                for _ in 0..3 {
                    let Some(next) = rest.peek().and_then(|c| c.to_digit(8)) else { break };
                    value = value * 8 + next;
                    rest.next();
                }
                out.extend(char::from_u32(value));
            }
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
    out
}

/// The files that are named, or what is redirected into it.
fn cat(runner: &Runner<'_, '_>, call: &Call<'_>) -> Option<String> {
    let options = Options::read(&call.arguments, "", &[]);
    if options.operands.is_empty() || options.operands == ["-"] {
        return input(runner, call);
    }
    let mut whole = String::new();
    for operand in options.operands {
        let bytes = runner.bytes(&call.path(operand)?)?;
        whole.push_str(std::str::from_utf8(&bytes).ok()?);
        if whole.len() > MAXIMUM_TEXT {
            return None;
        }
    }
    Some(whole)
}

fn input(runner: &Runner<'_, '_>, call: &Call<'_>) -> Option<String> {
    let redirection = call.command.redirections.iter().rev().find(|from| from.kind == RedirectionKind::Read)?;
    if let Some(text) = &redirection.text {
        return text.known().map(std::borrow::Cow::into_owned);
    }
    let path = call.path(&redirection.file.as_ref()?.pattern())?;
    String::from_utf8(runner.bytes(&path)?.to_vec()).ok()
}

pub(super) fn tee(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "", &[]);
    let appends = options.has(&["a", "append"]);
    let text = input(runner, call).filter(|_| !appends);
    for operand in &options.operands {
        let Some(path) = call.path(operand).filter(|path| !path.starts_with("/dev/")) else { continue };
        let content = match &text {
            Some(text) => Content::Bytes(Arc::from(text.as_bytes())),
            None => Content::Unknown(not_known(&path, call.at())),
        };
        runner.write(&path, content, None, call.command);
    }
    Status::Unknown
}

pub(super) fn sed(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let in_place = call.arguments.iter().any(|word| {
        word.starts_with("--in-place") || word.starts_with('-') && !word.starts_with("--") && word.contains('i')
    });
    if !in_place {
        return Status::Unknown;
    }
    let options = Options::read(&call.arguments, "ef", &["expression", "file"]);
    let by_option = options.options.iter().filter(|(name, _)| name == "e" || name == "expression");
    let mut script: Vec<&str> = by_option.filter_map(|(_, value)| *value).collect_vec();
    let mut operands = options.operands.as_slice();
    if script.is_empty() && !options.has(&["f", "file"]) {
        let Some((first, rest)) = operands.split_first() else { return Status::Unknown };
        script.push(first);
        operands = rest;
    }
    for operand in operands {
        let Some(path) = call.path(operand) else { continue };
        let paths = if operand.contains(['*', '?', '[']) { runner.matching(&path) } else { vec![path] };
        for path in paths {
            strip_returns(runner, call, &path, &script.join("\n"));
        }
    }
    Status::Unknown
}

pub(super) fn dos2unix(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "ci", &["convmode", "info"]);
    for operand in &options.operands {
        let Some(path) = call.path(operand) else { continue };
        let paths = if operand.contains(['*', '?', '[']) { runner.matching(&path) } else { vec![path] };
        for path in paths {
            strip_returns(runner, call, &path, "dos2unix");
        }
    }
    Status::Unknown
}

/// Rewrites a file: one that only takes carriage returns off leaves a text that is known, any other does not.
pub(super) fn strip_returns(runner: &mut Runner<'_, '_>, call: &Call<'_>, path: &str, script: &str) {
    let strips = script.contains("dos2unix")
        || ["s/\\r$//", "s/\\r//", "s/\r$//", "s/\r//", "s/^M$//", "s/\\x0d$//", "s/\\x0D$//", "s/\\r\\n/\\n/"]
            .iter()
            .any(|known| script.contains(known))
        || script.contains("s|\\r")
        || script.contains("s#\\r")
        || script.contains("s/\\r\\+$//");
    match (runner.bytes(path), strips) {
        (Some(bytes), true) => {
            let mut kept = Vec::with_capacity(bytes.len());
            for (at, byte) in bytes.iter().enumerate() {
                if *byte != b'\r' || bytes.get(at + 1).is_some_and(|next| *next != b'\n') {
                    kept.push(*byte);
                }
            }
            if kept.len() != bytes.len() {
                rewrite(runner, call, path, Content::Bytes(Arc::from(kept)));
            }
        }
        (Some(_), false) => rewrite(runner, call, path, Content::Unknown(not_known(path, call.at()))),
        (None, _) => {
            if let Lookup::Unknown(need) = runner.tree().lookup(path) {
                runner.write(path, Content::Unknown(need), None, call.command);
            }
        }
    }
}

fn rewrite(runner: &mut Runner<'_, '_>, call: &Call<'_>, path: &str, content: Content) {
    let mode = runner.found(path).and_then(|(_, entry)| entry.mode);
    runner.write(path, content, mode, call.command);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn echo_follows_its_shell() {
        for (kind, arguments, expected) in [
            (Echo::Always, &["a\\nb"][..], Some("a\nb\n")),
            (Echo::Always, &["-e", "#!/bin/sh"], Some("-e #!/bin/sh\n")),
            (Echo::OnDemand, &["-e", "a\\nb"], Some("a\nb\n")),
            (Echo::OnDemand, &["a\\nb"], Some("a\\nb\n")),
            (Echo::OnDemand, &["-n", "x", "y"], Some("x y")),
            (Echo::Unknown, &["x"], Some("x\n")),
            (Echo::Unknown, &["-e", "x"], None),
        ] {
            assert_eq!(echo(&words(arguments), kind).as_deref(), expected, "{arguments:?}");
        }
    }

    #[test]
    fn printf_repeats_its_format() {
        for (arguments, expected) in [
            (&["#!/bin/sh\\nexec %s\\n", "/app"][..], Some("#!/bin/sh\nexec /app\n")),
            (&["%s\\n", "a", "b"], Some("a\nb\n")),
            (&["100%%"], Some("100%")),
            (&["%5.2f", "1"], None),
        ] {
            assert_eq!(printf(&words(arguments)).as_deref(), expected, "{arguments:?}");
        }
    }
}
