//! # The image does not know the user
//!
//! `USER` names a user that the image's `/etc/passwd` does not list.
//!
//! ## What happens
//!
//! ```text
//! docker: Error response from daemon: unable to find user app: no matching entries in passwd file
//! Error: unable to find user app: no matching entries in passwd file
//! ```
//!
//! ## Why
//!
//! The kernel knows users by number; the engine looks a name up in `/etc/passwd` of the image.
//! `scratch` has no such file, and a user that was made in the build stage does not come along with the program.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM scratch
//! COPY app /app
//! USER nonroot
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM scratch
//! COPY app /app
//! USER 65532:65532
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Write the number: `USER 65532:65532`. It works in every image; programs that ask for the user's name or home get none.
//! 2. Or make the user in this stage (`RUN adduser -D app` on Alpine, `RUN useradd app` on Debian).
//! 3. Or copy the list: `COPY --from=build /etc/passwd /etc/passwd`.
//!
//! ## When this is wrong
//!
//! Where the content of `/etc/passwd` is not known, execlens says nothing.
//!
//! ## References
//!
//! - moby, `daemon/oci_linux.go`: `getUser`
//! - runs of Docker 20.10, 26.1, 28.5 and Podman 4.3, 5.4

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::Kind;
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::launch::{Caller, Launch, Purpose};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::text;
use crate::text::Template;
use crate::tree::{Content, Lookup, Node};

pub(super) static RULE: Rule = Rule {
    name: "unknown-user",
    moment: Moment::Engine,
    summary: Template {
        en: "a USER that the image does not know",
        ja: "イメージに存在しないユーザーが USER に指定されています",
    },
    symptoms: &[
        Symptom { pattern: "unable to find user {}: no matching entries in passwd file", speaker: "docker" },
        Symptom { pattern: "unable to find group {}: no matching entries in group file", speaker: "docker" },
        Symptom { pattern: "linux spec user: unable to find user {}", speaker: "docker" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    // The engine asks once, before the first program.
    if launch.caller != Caller::Engine || launch.purpose != Purpose::Start {
        return Outcome::Inapplicable;
    }
    let user = launch.config.user.split(':').next().unwrap_or_default();
    if matches!(user, "" | "root") || user.bytes().all(|byte| byte.is_ascii_digit()) {
        return Outcome::Inapplicable;
    }
    let from = match launch.image.tree.lookup("/etc/passwd") {
        Lookup::Missing { .. } => lookup::absence(launch),
        Lookup::Found { entry, .. } => match &entry.node {
            Node::File(Content::Bytes(passwd)) if !lists(passwd, user) => entry.from.clone(),
            _ => return Outcome::Inapplicable,
        },
        Lookup::Unknown(_) => return Outcome::Inapplicable,
    };
    let image = &launch.image.reference;
    let message = text! {
        en: "`{image}` has no user `{user}`",
        ja: "`{image}` にユーザー `{user}` がいません",
        image: image, user: user,
    };
    let set = launch.build.zip(launch.stage).and_then(|(build, stage)| build.stages.get(stage)?.set_by.user.clone());
    let at = set.clone().unwrap_or_else(|| place::of(launch));
    let mut found = Diagnostic::new(RULE.name, at, Effect::StartFails, message);
    let claim = text! { en: "the container runs as the user `{user}`", ja: "コンテナーはユーザー `{user}` として実行されます", user: user };
    found.evidence.push(Step { claim, from: set.map_or_else(|| lookup::recorded(launch), Provenance::Read) });
    let claim = text! {
        en: "no line of `/etc/passwd` in `{image}` is about it",
        ja: "`{image}` の `/etc/passwd` にその行がありません",
        image: image,
    };
    found.evidence.push(Step { claim, from });
    found.runtime_messages = messages(user);
    found.fixes.extend(number(launch));
    Outcome::Fail(Box::new(found))
}

/// Whether `/etc/passwd` has a line for the user (passwd(5)).
fn lists(passwd: &[u8], user: &str) -> bool {
    passwd
        .split(|byte| *byte == b'\n')
        .any(|line| line.strip_prefix(user.as_bytes()).is_some_and(|rest| rest.first() == Some(&b':')))
}

fn messages(user: &str) -> Vec<RuntimeMessage> {
    let text = format!("unable to find user {user}: no matching entries in passwd file");
    vec![
        RuntimeMessage {
            engine: "Docker",
            text: format!("docker: Error response from daemon: {text}"),
            exit_code: Some(125),
        },
        RuntimeMessage { engine: "Podman", text: format!("Error: {text}"), exit_code: Some(126) },
    ]
}

/// A number in place of the name, which every image knows: 65532, as distroless images call their `nonroot`.
fn number(launch: &Launch<'_>) -> Option<Fix> {
    let build = launch.build?;
    let set = build.stages.get(launch.stage?)?.set_by.user.as_ref()?;
    let Kind::User(user) = &place::instruction(build, set)?.kind else { return None };
    Some(Fix {
        title: text! { en: "write a number instead of the name", ja: "名前の代わりに番号を書く" },
        tradeoff: text! {
            en: "a program that asks for its user's name or home directory gets none",
            ja: "ユーザー名やホームディレクトリを調べるプログラムは、それを得られません",
        },
        edits: vec![mend::replace(&build.dockerfile, user.span, "65532:65532")],
    })
}
