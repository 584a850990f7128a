//! Real programs judged against the catalog's images, beside what happened in the real roots of those images.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::collections::{BTreeMap, BTreeSet};

use execlens::build::Request;
use execlens::judge;
use execlens::options::Options;
use execlens::platform::Platform;
use execlens::verdict::Verdict;
use fixtures::Table;

/// The image whose files a root has.
fn image(root: &str) -> Option<String> {
    let root = root.trim_start_matches("arm64-");
    Some(match root {
        "debian-bullseye" => "debian:11".into(),
        "debian-bookworm" => "debian:12".into(),
        "debian-trixie" => "debian:13".into(),
        "debian-sid" => "debian:sid".into(),
        "distroless-base-11" => "gcr.io/distroless/base-debian11".into(),
        "distroless-base-12" => "gcr.io/distroless/base-debian12".into(),
        "distroless-base-13" => "gcr.io/distroless/base-debian13".into(),
        "distroless-cc-12" => "gcr.io/distroless/cc-debian12".into(),
        "distroless-cc-13" => "gcr.io/distroless/cc-debian13".into(),
        "distroless-static-12" => "gcr.io/distroless/static-debian12".into(),
        "real-busybox-glibc" => "busybox:glibc".into(),
        "real-busybox-musl" => "busybox:musl".into(),
        "real-busybox-uclibc" => "busybox:uclibc".into(),
        "scratch" => "scratch".into(),
        _ => {
            let release = root.strip_prefix("real-alpine-").filter(|release| !release.contains(['+', 'e']))?;
            format!("alpine:{release}")
        }
    })
}

/// Whether a program that ran with another file beside it is left out: an image has no such file.
fn stands_alone(id: &str) -> bool {
    id != "fx-c-runpath"
}

/// What a program did in the root of an image.
struct Run<'t> {
    image: String,
    started: bool,
    outcome: &'t str,
}

#[test]
fn the_catalog_agrees_with_the_real_roots() {
    let table = Table::read("outcomes.tsv");
    let mut by_program: BTreeMap<(&str, bool), Vec<Run<'_>>> = BTreeMap::new();
    for row in table.rows().filter(|row| stands_alone(row.get("id"))) {
        let Some(image) = image(row.get("root")) else { continue };
        let outcome = row.get("outcome");
        let started = outcome == "started" || outcome.starts_with("runtime error");
        let key = (row.get("id"), row.get("root").starts_with("arm64-"));
        by_program.entry(key).or_default().push(Run { image, started, outcome });
    }
    let (mut wrong, mut unknown, mut count) = (Vec::new(), Vec::new(), 0);
    for ((id, arm), rows) in by_program {
        let platform = Platform::linux(if arm { "arm64" } else { "amd64" });
        let images: BTreeSet<String> = rows.iter().map(|run| run.image.clone()).collect();
        let request = Request { platform, ..Request::default() };
        let options = Options { request, images: Some(images.into_iter().collect()), ..Options::default() };
        let judged = judge::dropped(&fixtures::input(id), &options);
        for Run { image, started, outcome } in rows {
            let verdict = judged.images.iter().find(|one| one.reference == image).unwrap();
            let reason = verdict.reason.as_ref().map(|(code, text)| format!("{code}: {text:?}")).unwrap_or_default();
            let line = format!("{id} in {image}: {outcome}; the answer is {} {reason}", verdict.verdict.name());
            count += 1;
            match verdict.verdict {
                Verdict::Starts if started => {}
                Verdict::Fails if !started => {}
                Verdict::Unknown => unknown.push(format!("{line} {:?}", verdict.need.as_ref().map(|need| &need.text))),
                _ => wrong.push(line),
            }
        }
    }
    assert!(count > 1100, "only {count} rows");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unknown.is_empty(), "{} of {count} are unknown:\n{}", unknown.len(), unknown.join("\n"));
}
