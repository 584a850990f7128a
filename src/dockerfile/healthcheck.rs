//! HEALTHCHECK and its intervals.

use super::flags::{Flags, Form};
use super::instruction::Reader;
use super::problem::Refusal;
use super::{Command, Healthcheck, Kind, duration};
use crate::text;

/// The shortest interval of a HEALTHCHECK that is not zero: `container.MinimumDuration`, a millisecond.
const SHORTEST_INTERVAL: i64 = 1_000_000;

impl Reader<'_> {
    pub(super) fn healthcheck(&self) -> Result<Kind, Refusal> {
        let Some((kind, command)) = self.words().split_first() else { return Err(self.at_least_one()) };
        let mut check =
            Healthcheck { command: None, interval: 0, timeout: 0, start_period: 0, start_interval: 0, retries: 0 };
        let upper = kind.value.to_ascii_uppercase();
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
        let Some(first) = command.first() else {
            return Err(Refusal::whole(text! {
                en: "missing command after HEALTHCHECK CMD",
                ja: "HEALTHCHECK CMD の後にコマンドがありません",
            }));
        };
        let text = &self.cut.text;
        check.command = Some(match self.array() {
            Some(span) => Command::Exec { words: command.to_vec(), span },
            // The shell form is all that follows the kind.
            None => Command::Shell(text.slice(text.text.len() - first.value.len(), text.text.len())),
        });
        check.interval = interval(&flags, "interval")?;
        check.timeout = interval(&flags, "timeout")?;
        check.start_period = interval(&flags, "start-period")?;
        check.start_interval = interval(&flags, "start-interval")?;
        if let Some(retries) = flags.text("retries") {
            let count = retries.value.parse::<i32>().ok().and_then(|count| u32::try_from(count).ok());
            check.retries = count.ok_or_else(|| Refusal {
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
