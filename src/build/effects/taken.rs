//! Accounts that an image has already: who adds a user or a group of that name or number is refused.

use super::{Call, Runner};
use crate::build::{EventKind, Failure, FailureKind};
use crate::fix::{Edit, Fix};
use crate::lists::Collect;
use crate::source::Span;
use crate::text;
use crate::tree::{Content, Node};

/// What the commands look into, and how they call it.
pub(super) struct Database {
    pub(super) file: &'static str,
    pub(super) kind: &'static str,
    pub(super) id: &'static str,
    pub(super) is_busybox: bool,
}

/// Numbers of people's accounts, which images hand out once; those of services differ from release to release.
const REGULAR: std::ops::Range<u32> = 1000..60000;

/// Takes down that the build stops, where the name or the number belongs to an account of the image already.
///
/// BusyBox, `loginutils/adduser.c` and `addgroup.c`; shadow, `src/useradd.c` and `src/groupadd.c`; Debian's adduser.
pub(super) fn refuse_taken(
    runner: &mut Runner<'_, '_>,
    call: &Call<'_>,
    database: &Database,
    name: &str,
    id: Option<&str>,
) {
    if runner.goes_on_without(call) {
        return;
    }
    let Some((_, entry)) = runner.found(database.file) else { return };
    let Node::File(Content::Bytes(bytes)) = &entry.node else { return };
    let lines = String::from_utf8_lossy(bytes);
    let accounts = lines.lines().filter_map(|line| {
        let mut fields = line.split(':');
        Some((fields.next()?, fields.nth(1)?))
    });
    let is_regular = |id: &str| id.parse().is_ok_and(|id| REGULAR.contains(&id));
    let mut regular = accounts.filter(|(_, known)| is_regular(known));
    let Some((known, number)) = regular.find(|(known, number)| *known == name || id == Some(number)) else { return };
    // Ubuntu's own user came with a release that a moving tag had not reached yet, and images built on it may delete it.
    let image = &runner.work().image;
    let is_pinned = image.moves.is_none() && runner.work().base.reference.starts_with("ubuntu:");
    if known == "ubuntu" && !is_pinned || runner.stops() {
        return;
    }
    let Database { kind, id, is_busybox, .. } = *database;
    let program = &call.name;
    let (message, claim) = if known == name {
        let message = match (program.as_str(), is_busybox) {
            ("adduser" | "addgroup", true) => format!("{program}: {kind} '{name}' in use"),
            _ => format!("{program}: {kind} '{name}' already exists"),
        };
        let claim = text! {
            en: "the image has a {kind} `{name}` already, so `{program}` fails",
            ja: "イメージにはすでに {kind} `{name}` があるため、`{program}` は失敗します",
            kind: kind, name: name, program: program,
        };
        (message, claim)
    } else {
        let message = match (program.as_str(), is_busybox) {
            ("adduser" | "addgroup", true) => format!("{program}: {id} '{number}' in use"),
            ("adduser" | "addgroup", false) => {
                format!("{program}: The {} {number} is already in use.", id.to_uppercase())
            }
            _ => format!("{program}: {} {number} is not unique", id.to_uppercase()),
        };
        let claim = text! {
            en: "the image has {id} {number} already, as `{known}`, so `{program}` fails",
            ja: "イメージではすでに `{known}` が {id} {number} を使っているため、`{program}` は失敗します",
            id: id, number: number, known: known, program: program,
        };
        (message, claim)
    };
    let fix = if known == name { use_the_one_there(runner, name) } else { another_number(runner, number, &lines) };
    let fixes = fix.into_iter().collect_vec();
    let failure = Failure { kind: FailureKind::NameTaken, message, claim, from: entry.from.clone(), fixes };
    super::products::event(runner, call, EventKind::Failure(failure));
}

/// Gives the new account a free number, wherever the instruction has the taken one.
fn another_number(runner: &Runner<'_, '_>, number: &str, database: &str) -> Option<Fix> {
    let dockerfile = runner.executor.dockerfile;
    let is_taken = |id: u32| database.lines().any(|line| line.split(':').nth(2) == Some(&id.to_string()));
    let free = (number.parse::<u32>().ok()?..REGULAR.end).find(|id| !is_taken(*id))?.to_string();
    let text = runner.span.of(&dockerfile.text);
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    let places = text.match_indices(number).map(|(at, _)| at);
    let whole = places.filter(|at| {
        let (before, after) = (&text[..*at], &text[at + number.len()..]);
        !is_part(before.chars().next_back()) && !is_part(after.chars().next())
    });
    let start = runner.span.start;
    let place = |at: usize| start + u32::try_from(at).unwrap_or(u32::MAX);
    let edits: Vec<Edit> = whole
        .map(|at| dockerfile.replace(Span { start: place(at), end: place(at + number.len()) }, free.clone()))
        .collect();
    let fix = Fix {
        title: text! { en: "take the number {free}", ja: "番号 {free} を使う", free: &free },
        tradeoff: text! {
            en: "files on mounted volumes that belong to {number} do not belong to it",
            ja: "マウントしたボリュームにある、{number} が所有するファイルの所有者とは異なります",
            number: number,
        },
        edits,
    };
    (!fix.edits.is_empty()).then_some(fix)
}

/// Leaves out the commands that make the account, so that the image's own is used.
fn use_the_one_there(runner: &Runner<'_, '_>, name: &str) -> Option<Fix> {
    let dockerfile = runner.executor.dockerfile;
    let instruction = dockerfile.instructions.iter().find(|one| one.span == runner.span)?;
    let edits = match without_account(instruction.span.of(&dockerfile.text), name)? {
        Shorter::Nothing => vec![dockerfile.remove(instruction)],
        Shorter::Commands(text) => vec![dockerfile.replace(instruction.span, text)],
    };
    Some(Fix {
        title: text! {
            en: "use the `{name}` that the image has",
            ja: "イメージにある `{name}` をそのまま使う",
            name: name,
        },
        tradeoff: text! {
            en: "its number, home directory and shell are those that the image gives",
            ja: "番号、ホームディレクトリ、シェルはイメージのものになります",
        },
        edits,
    })
}

/// What is left of a RUN.
#[derive(Debug, PartialEq)]
enum Shorter {
    Nothing,
    Commands(String),
}

/// A RUN without the commands that make an account; `None` where it has none, or is more than a chain of commands.
fn without_account(run: &str, name: &str) -> Option<Shorter> {
    let (keyword, commands) = run.split_at_checked(3)?;
    // What else there is may need them for more than the account.
    if !keyword.eq_ignore_ascii_case("run") || commands.contains(['|', ';', '(', '{', '#', '<', '"', '\'']) {
        return None;
    }
    let parts = commands.split("&&").collect_vec();
    let (made, kept): (Vec<&str>, Vec<&str>) = parts.iter().partition(|part| makes_account(part, name));
    match (made.as_slice(), kept.as_slice()) {
        ([], _) => None,
        (_, []) => Some(Shorter::Nothing),
        (_, [first, rest @ ..]) => {
            // The first one follows the keyword, and the last one ends the instruction.
            let mut text = format!("{keyword} {}", first.trim_start_matches(is_blank));
            rest.iter().for_each(|part| text.extend(["&&", part]));
            Some(Shorter::Commands(text.trim_end_matches(is_blank).to_owned()))
        }
    }
}

fn makes_account(command: &str, name: &str) -> bool {
    let words = command.split(is_blank).filter(|word| !word.is_empty()).collect_vec();
    matches!(words.first(), Some(&("adduser" | "addgroup" | "useradd" | "groupadd"))) && words.last() == Some(&name)
}

/// Blanks, and lines that are continued.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(run: &str, left: Option<&str>) {
        let shorter = without_account(run, "node").map(|shorter| match shorter {
            Shorter::Nothing => String::new(),
            Shorter::Commands(text) => text,
        });
        assert_eq!(shorter.as_deref(), left, "{run}");
    }

    #[test]
    fn only_the_commands_that_make_the_account_are_left_out() {
        check("RUN adduser -D node", Some(""));
        check("run groupadd node && useradd -g node node", Some(""));
        check("RUN addgroup -S node && \\\n    adduser -S node && \\\n    apk add curl", Some("RUN apk add curl"));
        check("RUN apk add curl \\\n && adduser -D node", Some("RUN apk add curl"));
        check("RUN a && adduser -D node && b", Some("RUN a && b"));
        check("RUN adduser -D nodes", None);
        check("RUN adduser -D node || true", None);
        check("RUN [\"adduser\", \"node\"]", None);
        check("RUN --mount=type=cache,target=/c adduser -D node", None);
        check("RUN", None);
    }
}
