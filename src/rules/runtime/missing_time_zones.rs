//! # There is no time zone data
//!
//! The program loads a time zone by name, and neither the image nor the program has the data.
//!
//! ## What happens
//!
//! ```text
//! panic: unknown time zone Asia/Tokyo
//! zoneinfo._common.ZoneInfoNotFoundError: 'No time zone found with key Asia/Tokyo'
//! Fatal error: Error raised at top level: could not find time zone data
//! ```
//!
//! ## Why
//!
//! The names of zones live in `/usr/share/zoneinfo`.
//! `scratch`, `alpine`, `ubuntu` and `busybox` do not have it; Debian's images do.
//!
//! ## Example
//!
//! ```text,file=go.mod
//! module example.com/app
//!
//! go 1.22
//! ```
//!
//! ```go,file=main.go
//! package main
//!
//! import "time"
//!
//! func main() {
//!     if _, err := time.LoadLocation("Asia/Tokyo"); err != nil {
//!         panic(err)
//!     }
//! }
//! ```
//!
//! ```dockerfile,warns
//! FROM golang:1.22 AS build
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /app .
//! FROM alpine:3.20
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22 AS build
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /app .
//! FROM alpine:3.20
//! RUN apk add --no-cache tzdata
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Install `tzdata`. The image grows by 1 to 3 MB.
//! 2. For Go, embed the data: `import _ "time/tzdata"`, or build with `-tags timetzdata`. The program grows by 450 kB.
//! 3. On `scratch`, copy `/usr/share/zoneinfo` from a stage that has it.
//!
//! ## When this is wrong
//!
//! When only UTC is used, which needs no data.
//!
//! ## References
//!
//! - Go, `src/time/zoneinfo_unix.go`; Python, `zoneinfo`

use super::soon;
use crate::diagnostic::RuntimeMessage;
use crate::fact::Step;
use crate::fix::{Aim, Fix};
use crate::launch::Launch;
use crate::needs::Trait;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "missing-time-zones",
    moment: Moment::Runtime,
    summary: Template {
        en: "time zone data neither in the image nor embedded",
        ja: "タイムゾーンデータがイメージにもプログラムにもありません",
    },
    symptoms: &[
        Symptom { pattern: "unknown time zone {}", speaker: "Go" },
        Symptom { pattern: "ZoneInfoNotFoundError", speaker: "Python" },
        Symptom { pattern: "No time zone found with key {}", speaker: "Python" },
    ],
    check: Check::Launch(check),
};

/// Where programs look (Go's `zoneinfo_unix.go`).
const PLACES: [&str; 4] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"];

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(elf) = soon::program(launch) else { return Outcome::Inapplicable };
    let Some(uses) = soon::does(elf, Trait::UsesTimeZones) else { return Outcome::Inapplicable };
    if soon::does(elf, Trait::EmbedsTimeZones).is_some() || launch.environment.get("ZONEINFO").is_some() {
        return Outcome::Inapplicable;
    }
    if soon::installs(launch.image, "tzdata") || !soon::has_none(launch.image, &PLACES) {
        return Outcome::Pass(Vec::new());
    }
    let (program, image) = (launch.name(), &launch.image.reference);
    let message = text! {
        en: "`{program}` loads time zones, and `{image}` has no time zone data",
        ja: "`{program}` はタイムゾーンを読み込みますが、`{image}` にタイムゾーンデータがありません",
        program: program, image: image,
    };
    let uses = Step {
        claim: text! { en: "it loads time zones by name", ja: "名前でタイムゾーンを読み込みます" },
        from: uses.from.clone(),
    };
    let claim = text! { en: "`{image}` has no `{place}`", ja: "`{image}` に `{place}` はありません", image: image, place: PLACES[0] };
    let lacks = Step { claim, from: lookup::absence(launch) };
    let mut found = soon::warning(RULE.name, launch, message, vec![uses, lacks]);
    found.at = soon::base(launch);
    found.runtime_messages.push(RuntimeMessage { engine: "Go", text: "unknown time zone …".into(), exit_code: None });
    found.fixes.extend(install(launch));
    let aimed = elf.remedies.iter().filter(|remedy| remedy.aim == Aim::Embed);
    found.fixes.extend(aimed.map(|remedy| remedy.fix.clone()));
    Outcome::Fail(Box::new(found))
}

fn install(launch: &Launch<'_>) -> Option<Fix> {
    let build = launch.build?;
    Some(Fix {
        title: text! { en: "install `tzdata`", ja: "`tzdata` をインストールする" },
        tradeoff: text! { en: "the image grows by 1 to 3 MB", ja: "イメージが 1〜3 MB 大きくなります" },
        edits: vec![mend::install(build, build.stages.get(launch.stage?)?, "tzdata")?],
    })
}
