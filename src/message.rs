//! What a terminal printed, decoded: who spoke, how old it is, and which rules it points to.
//!
//! The split that nobody explains: "stat …" and "not found in $PATH" say that the *file* is missing; "exec /x: no such
//! file or directory" and `standard_init_linux.go` say that the file is there and its *interpreter* is missing.

use crate::lists::{self, Collect};
use crate::rules::{self, Rule};
use crate::text::{Template, Text};

/// What a message says.
#[derive(Clone, Debug)]
pub struct Meaning {
    /// The line that was understood.
    pub line: String,
    pub meaning: Text,
    /// The rules that it can come from, the likeliest first.
    pub rules: Vec<&'static str>,
    /// Who printed it, with its age where the wording tells.
    pub speaker: String,
    /// Whether the other dropped files bear it out.
    pub confirmed: Option<bool>,
}

/// A terminal's output is searched this far; what matters is among its last lines, and a paste is rarely longer.
const MAXIMUM_LINES: usize = 400;

/// A line is looked at this far: engines chain their messages, but not for longer.
const MAXIMUM_LENGTH: usize = 4000;

/// Whether a text is something that a terminal printed about a start.
#[must_use]
pub fn is_message(text: &str) -> bool {
    text.lines().take(MAXIMUM_LINES).any(|line| decode_line(line).is_some())
}

/// Every line that is understood, each meaning once.
#[must_use]
pub fn decode(text: &str) -> Vec<Meaning> {
    let mut meanings: Vec<Meaning> = Vec::new();
    for meaning in text.lines().take(MAXIMUM_LINES).filter_map(decode_line) {
        if !meanings.iter().any(|known| known.rules == meaning.rules) {
            meanings.push(meaning);
        }
    }
    meanings
}

fn decode_line(line: &str) -> Option<Meaning> {
    let line = line.trim();
    let shown = line.char_indices().nth(MAXIMUM_LENGTH).map_or(line, |(end, _)| &line[..end]);
    let class = CLASSES.iter().find(|class| class.signs.iter().any(|sign| matches(sign, shown)));
    let mut matched = matching_rules(shown);
    if let Some(class) = class {
        // What only this class knows comes first; a rule that also has these words stays in the list.
        matched.retain(|rule| !class.rules.contains(&rule.name));
    }
    let named = class.map(|class| class.rules).unwrap_or_default().iter().copied();
    let names: Vec<&'static str> = named.chain(matched.iter().map(|rule| rule.name)).collect_vec();
    let first = names.first().and_then(|name| rules::find(name));
    let meaning = match (class, first) {
        (Some(class), _) => Text::plain(&class.meaning),
        (None, Some(rule)) => Text::plain(&rule.summary),
        (None, None) => return None,
    };
    let speaker = speaker(shown).or_else(|| first.and_then(|rule| spoken_by(rule, shown))).unwrap_or_default();
    Some(Meaning { line: shown.to_owned(), meaning, rules: names, speaker, confirmed: None })
}

/// The rules that a line points to, the one with the most of its words first.
fn matching_rules(line: &str) -> Vec<&'static Rule> {
    let literal = |pattern: &str| pattern.split("{}").map(str::len).sum::<usize>();
    let best = |rule: &Rule| {
        rule.symptoms
            .iter()
            .filter(|symptom| matches(symptom.pattern, line))
            .map(|symptom| literal(symptom.pattern))
            .max()
    };
    let mut found: Vec<_> = rules::all().filter_map(|rule| Some((best(rule)?, rule))).collect_vec();
    lists::sort_by_key(&mut found, |(length, _)| std::cmp::Reverse(*length));
    found.into_iter().map(|(_, rule)| rule).collect_vec()
}

fn spoken_by(rule: &Rule, line: &str) -> Option<String> {
    let symptom = rule.symptoms.iter().find(|symptom| matches(symptom.pattern, line))?;
    Some(symptom.speaker.to_owned())
}

/// Whether a line holds a pattern; `{}` stands for anything, and nothing too.
#[must_use]
pub fn matches(pattern: &str, line: &str) -> bool {
    let mut rest = line;
    pattern.split("{}").all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

/// A kind of message that several rules share, and what it says.
struct Class {
    signs: &'static [&'static str],
    meaning: Template,
    /// The likeliest first.
    rules: &'static [&'static str],
}

static CLASSES: &[Class] = &[
    Class {
        signs: &["sh: [{}: not found", "sh: {}: [{}: not found", "sh: [: missing ]", "sh: {}: [: missing ]"],
        meaning: Template {
            en: "an exec form is not JSON, so a shell runs the brackets as a command",
            ja: "exec 形式が JSON になっていないため、シェルが角括弧をコマンドとして実行しています",
        },
        rules: &["malformed-exec-form"],
    },
    Class {
        signs: &["exec \"{}\": stat {}: permission denied", "exec: \"{}\": stat {}: permission denied"],
        meaning: Template {
            en: "a directory on the way to the program is closed to the container's user",
            ja: "プログラムまでの途中に、コンテナーのユーザーが入れないディレクトリがあります",
        },
        rules: &["program-not-reachable"],
    },
    Class {
        signs: &[
            "exec: \"/bin/sh\": stat",
            "exec: \"/bin/bash\": stat",
            "executable file `/bin/sh` not found",
            "executable file '/bin/sh' not found",
        ],
        meaning: Template {
            en: "the command is in shell form, and the image has no such shell",
            ja: "コマンドがシェル形式ですが、イメージにそのシェルがありません",
        },
        rules: &["missing-shell", "no-shell-for-run"],
    },
    Class {
        signs: &[
            "exec: \"{}\": stat {}: no such file or directory",
            "Container command '/{}' not found or does not exist",
        ],
        meaning: Template {
            en: "the program's file itself is missing: the engine looked for it (\"stat\") and did not find it",
            ja: "プログラムのファイル自体がありません。エンジンが探しましたが（stat）見つかりませんでした",
        },
        rules: &[],
    },
    Class {
        signs: &[
            "standard_init_linux.go:{}: exec user process caused{}no such file or directory",
            "exec container process (missing dynamic library?) {}: No such file or directory",
            "exec /{}: no such file or directory",
            "exec ./{}: no such file or directory",
            "fork/exec {}: no such file or directory",
            "[8] System error: no such file or directory",
            "cannot execute: required file not found",
        ],
        meaning: Template {
            en: "the file is there, and what it needs to start is not: its loader (for a program) or the interpreter of its `#!` line (for a script, also when the line ends in a carriage return)",
            ja: "ファイル自体はありますが、その起動に必要なものがありません。プログラムならローダー、スクリプトなら `#!` 行のインタープリターです（行末に CR がある場合も含みます）",
        },
        rules: &["missing-interpreter", "missing-script-interpreter", "carriage-return-after-shebang"],
    },
    Class {
        signs: &[
            "standard_init_linux.go:{}: exec user process caused{}exec format error",
            "exec container process {}: Exec format error",
            "exec /{}: exec format error",
            "exec ./{}: exec format error",
            "cannot execute binary file: Exec format error",
            "failed to load {}: exec format error",
            "line 1: \u{7f}ELF",
            "line 1: ELF",
        ],
        meaning: Template {
            en: "the kernel does not know the file's format: a program for another processor or system, or a script without `#!` at its very start",
            ja: "カーネルがファイルの形式を認識できません。別のプロセッサーやシステム向けのプログラムか、先頭に `#!` のないスクリプトです",
        },
        rules: &["wrong-architecture", "missing-shebang", "not-a-linux-program", "cross-build-not-applied"],
    },
    Class {
        signs: &[
            "standard_init_linux.go:{}: exec user process caused{}permission denied",
            "exec container process {}: Permission denied",
            "exec /{}: permission denied",
            "exec ./{}: permission denied",
        ],
        meaning: Template {
            en: "the container's user may not execute the file, or may not enter a directory on the way",
            ja: "コンテナーのユーザーがファイルを実行できないか、途中のディレクトリに入れません",
        },
        rules: &["program-not-reachable", "program-not-executable"],
    },
    Class {
        signs: &["sh: {}/{}: not found", "sh: {}: {}/{}: not found", "sh: {}/{}: No such file or directory"],
        meaning: Template {
            en: "a shell could not execute the file: it is missing, or it is there and its loader or interpreter is missing (a shell says the same words for both)",
            ja: "シェルがファイルを実行できませんでした。ファイルがないか、ファイルはあってもローダーやインタープリターがありません（シェルの文言はどちらも同じです）",
        },
        rules: &["missing-interpreter", "missing-script-interpreter", "program-missing"],
    },
];

/// Who prints it, by the wording, with the time in which it did.
fn speaker(line: &str) -> Option<String> {
    if let Some(number) = number_after(line, "standard_init_linux.go:") {
        return Some(dated("runc", age(number, STANDARD_INIT)));
    }
    if let Some(number) = number_after(line, "container_linux.go:") {
        return Some(dated("runc", age(number, CONTAINER_LINUX)));
    }
    let known = [
        ("[8] System error", "Docker 1.7 – 1.9 (2015)"),
        ("Container command '", "Docker 1.11 (2016)"),
        ("error during container init: ", "runc 1.2+ (2024)"),
        ("exec container process", "crun"),
        ("OCI runtime attempted to invoke a command that was not found", "Podman"),
        ("unable to start container process: ", "runc 1.1+ (2022)"),
        ("Application failed to start: failed to load", "Cloud Run"),
        ("fork/exec /var/task/", "AWS Lambda"),
    ];
    let found = known.iter().find(|(words, _)| line.contains(words)).map(|(_, speaker)| (*speaker).to_owned());
    found.or_else(|| {
        ["exec /", "exec ./"].iter().any(|words| line.starts_with(words)).then(|| "runc 1.1+ (2022)".to_owned())
    })
}

fn dated(engine: &str, age: Option<&str>) -> String {
    age.map_or_else(|| engine.to_owned(), |age| format!("{engine} {age}"))
}

fn number_after(line: &str, words: &str) -> Option<u32> {
    let (_, after) = line.split_once(words)?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).take(5).collect();
    digits.parse().ok()
}

fn age(number: u32, table: &[(u32, &'static str)]) -> Option<&'static str> {
    table.iter().find(|(line, _)| *line == number).map(|(_, age)| *age)
}

/// The line that speaks, by release (tags of opencontainers/runc).
const STANDARD_INIT: &[(u32, &str)] = &[
    (175, "1.0.0-rc2 (2016-09)"),
    (178, "1.0.0-rc2 – rc3 (2017)"),
    (187, "1.0.0-rc3 (2017)"),
    (185, "1.0.0-rc4 (2017)"),
    (190, "1.0.0-rc5 (2018-02)"),
    (207, "1.0.0-rc6 (2018-11)"),
    (211, "1.0.0-rc7 – rc10 (2019-03 – 2020-01)"),
    (219, "1.0.0-rc91 – rc93 (2020-06 – 2021-02)"),
    (239, "1.0.0-rc93, Debian's (2021)"),
    (228, "1.0.0-rc94 – 1.0.3 (2021-05 – 2021-12)"),
];

const CONTAINER_LINUX: &[(u32, &str)] = &[
    (247, "1.0.0-rc2 (2016-09)"),
    (259, "1.0.0-rc3 (2017)"),
    (265, "1.0.0-rc4 (2017)"),
    (348, "1.0.0-rc5 (2018-02)"),
    (344, "1.0.0-rc6 (2018-11)"),
    (345, "1.0.0-rc8 (2019-04)"),
    (349, "1.0.0-rc10 (2020-01)"),
    (370, "1.0.0-rc92 (2020-08)"),
    (367, "1.0.0-rc91 – rc93 (2020-06 – 2021-02)"),
    (377, "1.0.0-rc93, Debian's (2021)"),
    (380, "1.0.0-rc95 – 1.0.3 (2021-05 – 2021-12)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, first: &str, speaker: &str) {
        let meanings = decode(line);
        let meaning = meanings.first().unwrap_or_else(|| panic!("not understood: {line}"));
        assert_eq!(meaning.rules.first().copied(), Some(first), "{line}: {:?}", meaning.rules);
        assert!(meaning.speaker.starts_with(speaker), "{line}: {}", meaning.speaker);
    }

    #[test]
    fn messages_lead_to_their_rule_and_age() {
        for (line, rule, speaker) in [
            (
                "standard_init_linux.go:211: exec user process caused \"no such file or directory\"",
                "missing-interpreter",
                "runc 1.0.0-rc7",
            ),
            (
                "standard_init_linux.go:228: exec user process caused: exec format error",
                "wrong-architecture",
                "runc 1.0.0-rc94",
            ),
            (
                "docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"./server\": stat ./server: no such file or directory: unknown.",
                "program-missing",
                "runc 1.1",
            ),
            ("exec /root/server: no such file or directory", "missing-interpreter", "runc 1.1"),
            ("exec ./server: no such file or directory", "missing-interpreter", "runc 1.1"),
            ("exec ./server: exec format error", "wrong-architecture", "runc 1.1"),
            ("exec ./server: permission denied", "program-not-reachable", "runc 1.1"),
            ("exec: \"$APP\": executable file not found in $PATH", "unexpanded-exec-form", "runc"),
            ("exec: \"npm start\": executable file not found in $PATH", "command-in-one-string", "runc"),
            ("exec: \"bash\": executable file not found in $PATH", "program-not-in-path", "runc"),
            (
                "{\"msg\":\"exec container process (missing dynamic library?) `/app`: No such file or directory\",\"level\":\"error\"}",
                "missing-interpreter",
                "crun",
            ),
            ("exec: \"/bin/sh\": stat /bin/sh: no such file or directory", "missing-shell", "runc"),
            ("/bin/sh: [/app]: not found", "malformed-exec-form", "busybox"),
            ("runtime/cgo: pthread_create failed: Operation not permitted", "old-engine", "Go"),
            (
                "docker: Error response from daemon: unable to find user app: no matching entries in passwd file.",
                "unknown-user",
                "docker",
            ),
        ] {
            check(line, rule, speaker);
        }
    }

    #[test]
    fn other_texts_are_no_messages() {
        for text in ["", "hello", "Error: something else", "FROM alpine", "no such file or directory"] {
            assert!(!is_message(text), "{text}");
        }
    }
}
