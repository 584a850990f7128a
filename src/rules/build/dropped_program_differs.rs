//! # The dropped program is not what this Dockerfile builds
//!
//! The Dockerfile and the program that was dropped beside it contradict each other.
//!
//! ## What happens
//!
//! Nothing is printed. The answer is about the dropped program, and what the Dockerfile builds may behave otherwise.
//!
//! ## Why
//!
//! The command in the Dockerfile surely makes a static program, and the dropped one asks for a loader; or the other way round, or they are for different machines.
//! The program then comes from another build: an older one, one made on the host, or one of another branch.
//!
//! ## Example
//!
//! With a program that was built on the host, cgo on, beside it:
//!
//! ```dockerfile
//! FROM golang:1.22 AS build
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /server .
//!
//! FROM scratch
//! COPY --from=build /server /server
//! CMD ["/server"]
//! ```
//!
//! ## What to do
//!
//! 1. Take the program out of the image that this Dockerfile builds (`docker cp`), and drop that one.
//! 2. Or remove the dropped program; the answer is then about what the Dockerfile builds.
//!
//! ## When this is wrong
//!
//! If the Dockerfile copies the program from the build context and builds another one under the same name, the two are rightly different.
//!
//! ## References
//!
//! - `docker cp` in Docker's command reference

use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::Step;
use crate::launch::{Launch, Purpose};
use crate::needs::{ElfNeeds, Needs};
use crate::rules::{Check, Moment, Outcome, Rule, place};
use crate::text;
use crate::text::{Template, Text};

pub(super) static RULE: Rule = Rule {
    name: "dropped-program-differs",
    moment: Moment::Build,
    summary: Template {
        en: "the dropped program is not what this Dockerfile builds",
        ja: "渡されたプログラムは、この Dockerfile がビルドするものではありません",
    },
    symptoms: &[],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(found) = launch.found().filter(|_| launch.purpose == Purpose::Start) else { return Outcome::Inapplicable };
    let (Needs::Elf(read), Some(Needs::Elf(made))) = (&found.needs, found.predicted.as_deref()) else {
        return Outcome::Inapplicable;
    };
    // A prediction that hangs on a condition is settled by the program, not contradicted.
    let certain = made.linkage.from.conditions().is_empty() && made.interpreter.from.conditions().is_empty();
    let same_machine = read.machine.value.number == made.machine.value.number;
    let same_form = read.interpreter.value.is_some() == made.interpreter.value.is_some();
    if !certain || same_machine && same_form {
        return Outcome::Pass(Vec::new());
    }
    let at = made.linkage.from.location().cloned().unwrap_or_else(|| place::of(launch));
    let message = text! {
        en: "the dropped `{program}` is {read}, and this Dockerfile builds one that is {made}",
        ja: "渡された `{program}` は{read}ですが、この Dockerfile がビルドするものは{made}です",
        program: launch.name(), read: form(read), made: form(made),
    };
    let mut diagnostic = Diagnostic::new(RULE.name, at, Effect::Note, message);
    let claim = text! { en: "the command makes one that is {made}", ja: "このコマンドが作るものは{made}です", made: form(made) };
    diagnostic.evidence.push(Step { claim, from: made.linkage.from.clone() });
    let claim = text! { en: "the dropped one is {read}", ja: "渡されたものは{read}です", read: form(read) };
    diagnostic.evidence.push(Step { claim, from: read.linkage.from.clone() });
    Outcome::Fail(Box::new(diagnostic))
}

/// How a program is linked, and for what.
fn form(needs: &ElfNeeds) -> Text {
    let machine = needs.machine.value.architecture().unwrap_or("?");
    match &needs.interpreter.value {
        Some(loader) => text! {
            en: "dynamic for {machine} (`{loader}`)",
            ja: "{machine} 用の動的リンク（`{loader}`）",
            machine: machine, loader: loader,
        },
        None => text! { en: "static for {machine}", ja: "{machine} 用の静的リンク", machine: machine },
    }
}
