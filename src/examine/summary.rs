//! The verdict over everything that was dropped, and the sentence that says it.

use super::Part;
use crate::analysis::{Analysis, Judged, Recognised};
use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::Condition;
use crate::recognise::Kind;
use crate::text;
use crate::text::Text;
use crate::verdict::Verdict;

/// What is said when nothing that was dropped starts anything; of a single file, why.
pub(super) fn nothing(inputs: &[Recognised]) -> Text {
    match inputs {
        [Recognised { path, kind: Some(Kind::Empty), .. }] => {
            text! { en: "`{path}` is empty", ja: "`{path}` は空です", path: path }
        }
        [Recognised { path, kind: Some(Kind::Other), .. }] => text! {
            en: "`{path}` is neither a program nor an archive, and it is no text",
            ja: "`{path}` は、プログラムでもアーカイブでもテキストでもありません",
            path: path,
        },
        _ => text! {
            en: "nothing that was dropped starts a program",
            ja: "渡されたファイルの中に、プログラムを起動するものがありません",
        },
    }
}

/// The worst of the parts is the answer; what was found stays in the order of the parts.
pub(super) fn conclude(analysis: &mut Analysis, parts: Vec<Part>) {
    let several = parts.len() > 1;
    let worst = parts.iter().min_by_key(|part| gravity(part.verdict));
    if let Some(part) = worst {
        analysis.verdict = part.verdict;
        analysis.summary = sentence(part);
        if several {
            let (path, summary) = (&part.path, &analysis.summary);
            analysis.summary = text! { en: "{path}: {summary}", ja: "{path}：{summary}", path: path, summary: summary };
        }
    }
    for part in parts {
        analysis.diagnostics.extend(part.findings.diagnostics);
        if part.verdict == Verdict::Unknown || part.verdict == Verdict::Conditional {
            for need in part.findings.unknowns {
                if !analysis.unknowns.contains(&need) {
                    analysis.unknowns.push(need);
                }
            }
        }
    }
}

/// A program that was dropped by itself: in all images the same, or it depends on the image.
pub(super) fn of_program(analysis: &mut Analysis, program: &Judged) {
    let path = &program.path;
    let count = |verdict: Verdict| program.images.iter().filter(|image| image.verdict == verdict).count();
    let (all, starts, fails) = (program.images.len(), count(Verdict::Starts), count(Verdict::Fails));
    let (verdict, summary) = if all > 0 && starts == all {
        let text = text! {
            en: "`{path}` starts in every image that was looked at",
            ja: "`{path}` は、調べたすべてのイメージで起動します",
            path: path,
        };
        (Verdict::Starts, text)
    } else if all > 0 && fails == all {
        let reason = program.images[0].reason.as_ref().map(|(_, reason)| reason.clone());
        let text = text! {
            en: "`{path}` starts in none of the images that were looked at: {reason}",
            ja: "`{path}` は、調べたどのイメージでも起動しません：{reason}",
            path: path, reason: reason.unwrap_or_else(|| nothing(&[])),
        };
        (Verdict::Fails, text)
    } else if starts + fails == 0 && count(Verdict::Conditional) == 0 {
        let text = text! {
            en: "it cannot be told where `{path}` starts",
            ja: "`{path}` がどこで起動するかは判断できません",
            path: path,
        };
        (Verdict::Unknown, text)
    } else {
        let text = text! {
            en: "whether `{path}` starts depends on the image: it does in {starts} of {all}",
            ja: "`{path}` が起動するかどうかはイメージによります（{all} 個中 {starts} 個で起動します）",
            path: path, starts: starts, all: all,
        };
        (Verdict::Conditional, text)
    };
    analysis.verdict = verdict;
    analysis.summary = summary;
}

fn gravity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fails => 0,
        Verdict::Conditional => 1,
        Verdict::Unknown => 2,
        Verdict::Starts => 3,
        Verdict::NoProgram => 4,
    }
}

fn sentence(part: &Part) -> Text {
    match part.verdict {
        Verdict::Fails | Verdict::Conditional => part.findings.decisive().map(failure).unwrap_or_else(|| nothing(&[])),
        Verdict::Unknown => match part.findings.unknowns.first() {
            Some(need) => {
                text! { en: "it cannot be told: {reason}", ja: "判断できません：{reason}", reason: &need.text }
            }
            None => text! {
                en: "this is an image for Windows, which execlens does not judge",
                ja: "これは Windows 用のイメージで、execlens の対象外です",
            },
        },
        Verdict::Starts => {
            let later = part.findings.diagnostics.iter().find(|found| found.effect == Effect::FailsLater);
            match later {
                Some(found) => text! {
                    en: "it starts, but may fail later: {message}",
                    ja: "起動しますが、後で失敗する可能性があります：{message}",
                    message: &found.message,
                },
                None => {
                    text! { en: "it starts: everything that was checked holds", ja: "起動します。確認した項目はすべて問題ありません" }
                }
            }
        }
        Verdict::NoProgram => text! {
            en: "the image has no command to start",
            ja: "イメージに起動するコマンドがありません",
        },
    }
}

fn failure(found: &Diagnostic) -> Text {
    let message = &found.message;
    let conditions = found.conditions();
    let builds = found.effect == Effect::BuildStops;
    match conditions.as_slice() {
        [] if builds => {
            text! { en: "the build stops: {message}", ja: "ビルドが止まります：{message}", message: message }
        }
        [] => text! { en: "it will not start: {message}", ja: "起動しません：{message}", message: message },
        conditions => {
            let condition = all(conditions.iter().map(|condition| &**condition));
            if builds {
                text! {
                    en: "the build stops if {condition}: {message}",
                    ja: "{condition}場合、ビルドが止まります：{message}",
                    condition: condition, message: message,
                }
            } else {
                text! {
                    en: "it will not start if {condition}: {message}",
                    ja: "{condition}場合、起動しません：{message}",
                    condition: condition, message: message,
                }
            }
        }
    }
}

fn all<'c>(mut conditions: impl Iterator<Item = &'c Condition>) -> Text {
    let first = conditions.next().map(|condition| condition.text.clone());
    let first = first.unwrap_or_else(|| text! { en: "…", ja: "…" });
    conditions.fold(first, |all, next| {
        text! { en: "{all}, and {next}", ja: "{all}、かつ{next}", all: all, next: &next.text }
    })
}
