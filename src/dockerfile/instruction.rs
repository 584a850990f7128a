//! What the words of an instruction mean (`frontend/dockerfile/instructions/parse.go` in BuildKit).
//!
//! `dockerfile-parser` reads plain FROM and COPY instructions. It is not asked where it and BuildKit differ: flags that
//! it takes for sources, lists without blanks, single quotes, an `escape` directive, heredocs, several ARGs on a line;
//! nor for long texts, on which its grammar recurses.

use super::arguments::{self, Cut, Name};
use super::flags::{Flags, Form};
use super::problem::Refusal;
use super::{Arguments, Command, Copy, From, Healthcheck, Heredoc, Kind, Run, Spanned, duration, heredoc, mount};
use crate::source::{Excerpt, Span};
use crate::text;
use crate::text::Text;

/// The longest text that is handed to `dockerfile-parser`.
const LONGEST_PLAIN: usize = 512;

/// The shortest interval of a HEALTHCHECK that is not zero: `container.MinimumDuration`, a millisecond.
const SHORTEST_INTERVAL: i64 = 1_000_000;

/// The kind of an instruction that is cut up. ONBUILD is read by its caller, which has the trigger.
pub(super) fn kind(cut: &Cut, heredocs: &[Heredoc], syntax: Option<&str>) -> Result<Kind, Refusal> {
    let Some(name) = cut.name else {
        return Err(Refusal {
            span: Some(cut.keyword.span),
            message: text! {
                en: "unknown instruction: `{keyword}`",
                ja: "`{keyword}` という命令はありません",
                keyword: &cut.keyword.value,
            },
        });
    };
    let reader = Reader { cut, name };
    match name {
        Name::From => reader.from(),
        Name::Copy => reader.copy(heredocs).map(Kind::Copy),
        Name::Add => reader.copy(heredocs).map(Kind::Add),
        Name::Arg => reader.arg(),
        Name::Env => reader.pairs().map(Kind::Env),
        Name::Label => reader.pairs().map(Kind::Label),
        Name::Run => reader.run(syntax),
        Name::Cmd => reader.no_flags().map(|()| Kind::Cmd(reader.command())),
        Name::Entrypoint => reader.no_flags().map(|()| Kind::Entrypoint(reader.command())),
        Name::Shell => reader.shell(),
        Name::Healthcheck => reader.healthcheck(),
        Name::Expose => reader.some_words().map(Kind::Expose),
        Name::Volume => reader.volume(),
        Name::Workdir => reader.one_word(true).map(Kind::Workdir),
        Name::User => reader.one_word(true).map(Kind::User),
        Name::Maintainer => reader.one_word(true).map(Kind::Maintainer),
        Name::StopSignal => reader.one_word(false).map(Kind::StopSignal),
        Name::OnBuild => Ok(Kind::Unreadable),
    }
}

/// Why the flags of an instruction that knows none are refused.
pub(super) fn no_flags(cut: &Cut) -> Option<Refusal> {
    Flags::read(&cut.flags, &[]).err()
}

struct Reader<'c> {
    cut: &'c Cut,
    name: Name,
}

impl Reader<'_> {
    fn words(&self) -> &[Spanned<String>] {
        match &self.cut.arguments {
            Arguments::Words { words, .. } => words,
            _ => &[],
        }
    }

    fn array(&self) -> Option<Span> {
        match &self.cut.arguments {
            Arguments::Words { array, .. } => *array,
            _ => None,
        }
    }

    fn flags(&self, known: &[(&str, Form)]) -> Result<Flags, Refusal> {
        Flags::read(&self.cut.flags, known)
    }

    fn no_flags(&self) -> Result<(), Refusal> {
        self.flags(&[]).map(|_| ())
    }

    fn at_least_one(&self) -> Refusal {
        Refusal::whole(text! {
            en: "{instruction} requires at least one argument",
            ja: "{instruction} には引数が 1 つ以上必要です",
            instruction: self.name.word(),
        })
    }

    /// One word, and flags or no look at them.
    fn one_word(&self, no_flags: bool) -> Result<Spanned<String>, Refusal> {
        let [word] = self.words() else {
            return Err(Refusal::whole(text! {
                en: "{instruction} requires exactly one argument",
                ja: "{instruction} にはちょうど 1 つの引数が必要です",
                instruction: self.name.word(),
            }));
        };
        if no_flags {
            self.no_flags()?;
        }
        Ok(word.clone())
    }

    fn some_words(&self) -> Result<Vec<Spanned<String>>, Refusal> {
        if self.words().is_empty() {
            return Err(self.at_least_one());
        }
        self.no_flags()?;
        Ok(self.words().to_vec())
    }

    fn volume(&self) -> Result<Kind, Refusal> {
        let mut volumes = self.some_words()?;
        for volume in &mut volumes {
            volume.value = volume.value.trim().to_owned();
            if volume.value.is_empty() {
                return Err(Refusal {
                    span: Some(volume.span),
                    message: text! {
                        en: "VOLUME specified can not be an empty string",
                        ja: "VOLUME に空の文字列は指定できません",
                    },
                });
            }
        }
        Ok(Kind::Volume(volumes))
    }

    fn blank_name(&self, span: Span) -> Refusal {
        Refusal {
            span: Some(span),
            message: text! {
                en: "{instruction} names can not be blank",
                ja: "{instruction} の名前は空にできません",
                instruction: self.name.word(),
            },
        }
    }

    fn pairs(&self) -> Result<Vec<super::Variable>, Refusal> {
        self.no_flags()?;
        let pairs = match &self.cut.arguments {
            Arguments::Pairs { pairs, .. } => pairs.as_slice(),
            _ => &[],
        };
        if pairs.is_empty() {
            return Err(self.at_least_one());
        }
        match pairs.iter().find(|pair| pair.name.value.is_empty()) {
            Some(blank) => Err(self.blank_name(blank.name.span)),
            None => Ok(pairs.to_vec()),
        }
    }

    /// ARG does not look at its flags.
    fn arg(&self) -> Result<Kind, Refusal> {
        if self.words().is_empty() {
            return Err(self.at_least_one());
        }
        let variables: Vec<_> = self.words().iter().map(arguments::argument).collect();
        match variables.iter().find(|variable| variable.value.is_some() && variable.name.value.is_empty()) {
            Some(blank) => Err(self.blank_name(blank.name.span)),
            None => Ok(Kind::Arg(variables)),
        }
    }

    fn from(&self) -> Result<Kind, Refusal> {
        let (image, name) = match self.words() {
            [image] => (image, None),
            [image, word, name] if is_as(&word.value) => (image, Some(name)),
            _ => {
                return Err(Refusal::whole(text! {
                    en: "FROM requires either one or three arguments",
                    ja: "FROM の引数は 1 つか 3 つです(イメージ、または イメージ AS 名前)",
                }));
            }
        };
        let lower = name.map(|name| Spanned { value: name.value.to_lowercase(), span: name.span });
        if let (Some(name), Some(lower)) = (name, &lower) {
            let first = lower.value.starts_with(|c: char| c.is_ascii_lowercase());
            let rest = lower.value.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'));
            if !(first && rest) {
                return Err(Refusal {
                    span: Some(name.span),
                    message: text! {
                        en: "invalid name for build stage: `{name}` can't start with a number or contain symbols",
                        ja: "ステージ名 `{name}` は使えません。数字で始めたり、記号を含めたりできません",
                        name: &name.value,
                    },
                });
            }
        }
        let platform = self.flags(&[("platform", Form::Text)])?.text("platform");
        let mut from = From { image: image.clone(), name: lower, platform };
        if let Some(plain) = self.plain()
            && let dockerfile_parser::Instruction::From(read) = plain
        {
            from.image.value = read.image.content;
        }
        Ok(Kind::From(from))
    }

    fn copy(&self, heredocs: &[Heredoc]) -> Result<Copy, Refusal> {
        const COMMON: &[(&str, Form)] =
            &[("chown", Form::Text), ("chmod", Form::Text), ("link", Form::Bool), ("exclude", Form::Texts)];
        const OF_COPY: &[(&str, Form)] = &[("from", Form::Text), ("parents", Form::Bool)];
        const OF_ADD: &[(&str, Form)] =
            &[("checksum", Form::Text), ("keep-git-dir", Form::Bool), ("unpack", Form::Bool)];

        let Some((destination, sources)) = self.words().split_last().filter(|(_, sources)| !sources.is_empty()) else {
            return Err(Refusal::whole(text! {
                en: "{instruction} requires at least two arguments, but only one was provided: the destination could \
                     not be determined",
                ja: "{instruction} には引数が 2 つ以上必要です。コピー先がわかりません",
                instruction: self.name.word(),
            }));
        };
        let own = if self.name == Name::Copy { OF_COPY } else { OF_ADD };
        let flags = self.flags(&[COMMON, own].concat())?;
        if heredoc::of_word(&destination.value).is_some() {
            return Err(Refusal {
                span: Some(destination.span),
                message: text! {
                    en: "{instruction} cannot accept a heredoc as a destination",
                    ja: "{instruction} のコピー先にヒアドキュメントは指定できません",
                    instruction: self.name.word(),
                },
            });
        }
        let mut copy = Copy {
            sources: sources.to_vec(),
            destination: destination.clone(),
            from: flags.text("from"),
            chown: flags.text("chown"),
            chmod: flags.text("chmod"),
            link: flags.bool("link").unwrap_or(false),
            parents: flags.bool("parents").unwrap_or(false),
            exclude: flags.all("exclude").cloned().collect(),
            checksum: flags.text("checksum"),
            keep_git_dir: flags.bool("keep-git-dir"),
            unpack: flags.bool("unpack"),
        };
        if heredocs.is_empty()
            && self.name == Name::Copy
            && let Some(dockerfile_parser::Instruction::Copy(read)) = self.plain()
            && read.sources.len() == copy.sources.len()
        {
            copy.destination.value = read.destination.content;
        }
        Ok(copy)
    }

    /// The instruction without its flags as `dockerfile-parser` reads it, where it is to be trusted: words of letters,
    /// digits and the punctuation of paths and image names.
    fn plain(&self) -> Option<dockerfile_parser::Instruction> {
        let text = &self.cut.text.text;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ./:_-".contains(&byte);
        if text.len() > LONGEST_PLAIN || !text.bytes().all(is_plain) || text.contains(" -") || text.starts_with('-') {
            return None;
        }
        let instruction = format!("{} {text}", self.name.word());
        dockerfile_parser::Dockerfile::parse(&instruction).ok()?.instructions.pop()
    }

    /// A shell or exec form; the shell form of no words is an empty one.
    fn command(&self) -> Command {
        match self.array() {
            Some(span) => Command::Exec { words: self.words().to_vec(), span },
            None => Command::Shell(self.cut.text.clone()),
        }
    }

    fn run(&self, syntax: Option<&str>) -> Result<Kind, Refusal> {
        let mut known = vec![("mount", Form::Texts), ("network", Form::Text), ("security", Form::Text)];
        // Known to the experimental frontends alone.
        if syntax.is_some_and(|syntax| syntax.contains("labs")) {
            known.push(("device", Form::Texts));
        }
        let flags = self.flags(&known)?;
        let mounts = flags.all("mount").map(mount::read).collect::<Result<_, _>>()?;
        let one_of = |name: &str, values: &[&str], message: fn(&str) -> Text| match flags.given(name) {
            Some(flag) if !values.contains(&flag.value.as_str()) => {
                Err(Refusal { span: Some(flag.span), message: message(&flag.value) })
            }
            flag => Ok(flag.cloned()),
        };
        let network = one_of("network", &["default", "none", "host"], |value| {
            text! { en: "invalid network mode `{value}`", ja: "ネットワークモード `{value}` はありません", value: value }
        })?;
        let security = one_of("security", &["sandbox", "insecure"], |value| {
            text! { en: "security `{value}` is not valid", ja: "security に `{value}` は指定できません", value: value }
        })?;
        Ok(Kind::Run(Run { command: self.command(), mounts, network, security }))
    }

    fn shell(&self) -> Result<Kind, Refusal> {
        self.no_flags()?;
        if self.words().is_empty() {
            return Err(self.at_least_one());
        }
        match self.array() {
            Some(_) => Ok(Kind::Shell(self.words().to_vec())),
            None => Err(Refusal::whole(text! {
                en: "SHELL requires the arguments to be in JSON form",
                ja: "SHELL の引数は JSON 形式で書く必要があります",
            })),
        }
    }

    fn healthcheck(&self) -> Result<Kind, Refusal> {
        let Some((kind, command)) = self.words().split_first() else { return Err(self.at_least_one()) };
        let mut check =
            Healthcheck { command: None, interval: 0, timeout: 0, start_period: 0, start_interval: 0, retries: 0 };
        let upper = kind.value.to_uppercase();
        // NONE does not look at its flags.
        if upper == "NONE" {
            if let Some(first) = command.first() {
                return Err(Refusal {
                    span: Some(first.span),
                    message: text! {
                        en: "HEALTHCHECK NONE takes no arguments",
                        ja: "HEALTHCHECK NONE に引数は指定できません",
                    },
                });
            }
            return Ok(Kind::Healthcheck(check));
        }
        let flags = self.flags(&[
            ("interval", Form::Text),
            ("timeout", Form::Text),
            ("start-period", Form::Text),
            ("start-interval", Form::Text),
            ("retries", Form::Text),
        ])?;
        if upper != "CMD" {
            return Err(Refusal {
                span: Some(kind.span),
                message: text! {
                    en: "unknown type `{kind}` in HEALTHCHECK (try CMD)",
                    ja: "HEALTHCHECK に `{kind}` という種類はありません(CMD ではありませんか)",
                    kind: &kind.value,
                },
            });
        }
        check.command = Some(match self.array() {
            _ if command.is_empty() => {
                return Err(Refusal::whole(text! {
                    en: "missing command after HEALTHCHECK CMD",
                    ja: "HEALTHCHECK CMD の後にコマンドがありません",
                }));
            }
            Some(span) => Command::Exec { words: command.to_vec(), span },
            None => Command::Shell(self.behind(kind)),
        });
        check.interval = interval(&flags, "interval")?;
        check.timeout = interval(&flags, "timeout")?;
        check.start_period = interval(&flags, "start-period")?;
        check.start_interval = interval(&flags, "start-interval")?;
        if let Some(retries) = flags.text("retries") {
            let digits = retries.value.strip_prefix('+').unwrap_or(&retries.value);
            check.retries = match digits.parse::<i32>() {
                Ok(count) if !digits.starts_with('+') => u32::try_from(count).ok(),
                _ => None,
            }
            .ok_or_else(|| Refusal {
                span: Some(retries.span),
                message: text! {
                    en: "`--retries={value}` is no number that can be used",
                    ja: "`--retries={value}` は使える数値ではありません",
                    value: &retries.value,
                },
            })?;
        }
        Ok(Kind::Healthcheck(check))
    }

    /// The text behind the first word.
    fn behind(&self, first: &Spanned<String>) -> Excerpt {
        let text = &self.cut.text;
        let rest = text.text[first.value.len()..].trim_start();
        text.slice(text.text.len() - rest.len(), text.text.len())
    }
}

/// `AS` in any case; Unicode folds the long s to an s.
fn is_as(word: &str) -> bool {
    let mut chars = word.chars();
    matches!((chars.next(), chars.next(), chars.next()), (Some('a' | 'A'), Some('s' | 'S' | 'ſ'), None))
}

/// An interval in nanoseconds: zero, or no shorter than a millisecond.
fn interval(flags: &Flags, name: &str) -> Result<u64, Refusal> {
    let Some(flag) = flags.text(name) else { return Ok(0) };
    let refuse = |message| Refusal { span: Some(flag.span), message };
    let value = duration::parse(&flag.value).map_err(refuse)?;
    if value != 0 && value < SHORTEST_INTERVAL {
        return Err(refuse(text! {
            en: "interval `{name}` cannot be less than 1ms",
            ja: "`{name}` は 1 ミリ秒より短くできません",
            name: name,
        }));
    }
    Ok(value.unsigned_abs())
}
