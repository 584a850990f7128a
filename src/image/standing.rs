//! What an image stands on, as an argument: the base, how that is known, and under which condition.

use super::bases::Base;
use super::catalog::{MOVING, RANGES, Table, source};
use super::reference::Reference;
use super::resolve::ANY_TAG;
use super::tags::{self, How, Meaning};
use super::{Image, LibcFamily};
use crate::fact::{Knowledge, Provenance, Settler, Step};
use crate::text;

/// Where the reference stands, as an argument: what it is built on, and what that is.
pub(super) fn of(
    parsed: &Reference,
    tag: &str,
    meaning: &Meaning,
    base: Option<&Base>,
    own: &Provenance,
) -> Provenance {
    let image = match tag {
        ANY_TAG => parsed.repository.clone(),
        tag => format!("{}:{tag}", parsed.repository),
    };
    let Some(base) = base else { return own.clone() };
    if base.id == image || parsed.repository == base.distribution.id && meaning.how == How::Named {
        return base.source();
    }
    let stands = text! {
        en: "`{image}` is built on {base}",
        ja: "`{image}` は {base} の上に作られています",
        image: &image,
        base: &base.distribution.name,
    };
    let from = match &meaning.how {
        How::Named => own.clone(),
        // A digest pins what the moving tag meant on some day.
        How::Listed if parsed.pinned && meaning.moves.len() > 1 => still(&image, base),
        How::Observed => still(&image, base),
        How::Near => Provenance::assumed(
            text! {
                en: "`{image}` is as {base} was",
                ja: "`{image}` が {base} と同じである",
                image: &image,
                base: &base.distribution.name,
            },
            vec![Settler::Image(image.clone())],
        ),
        How::Listed => table_source(&MOVING, parsed, tag),
        How::Ranged => table_source(&RANGES, parsed, tag),
        How::Beyond(version) => Provenance::assumed(
            text! {
                en: "`{image}` stands on {base}, as `{repository}:{version}` does",
                ja: "`{image}` が `{repository}:{version}` と同じく {base} の上に作られている",
                image: &image,
                base: &base.distribution.name,
                repository: &parsed.repository,
                version: version,
            },
            vec![Settler::Image(image.clone())],
        ),
    };
    let libc = match &base.libc {
        Some(libc) => {
            let family = if libc.family == LibcFamily::Musl { "musl" } else { "glibc" };
            text! {
                en: "{base} has {family} {version}",
                ja: "{base} の C ライブラリは {family} {version} です",
                base: &base.distribution.name,
                family: family,
                version: &libc.version,
            }
        }
        None => text! {
            en: "{base} has no C library",
            ja: "{base} には C ライブラリがありません",
            base: &base.distribution.name,
        },
    };
    Provenance::derived(vec![Step { claim: stands, from }, Step { claim: libc, from: base.source() }])
}

/// Where an image stands that is made from another one of the catalog.
pub(super) fn on_image(image: &str, parent: &Image, how: &How, own: &Provenance) -> Provenance {
    let stands = text! {
        en: "`{image}` is built on `{parent}`",
        ja: "`{image}` は `{parent}` の上に作られています",
        image: image,
        parent: &parent.reference,
    };
    let from = match how {
        How::Observed => Provenance::assumed(
            text! {
                en: "`{image}` is built on `{parent}`",
                ja: "`{image}` が `{parent}` の上に作られている",
                image: image,
                parent: &parent.reference,
            },
            vec![Settler::Image(image.to_owned())],
        ),
        _ => own.clone(),
    };
    let mut steps = vec![Step { claim: stands, from }];
    if let Knowledge::Known(record) = &parent.record {
        match &record.from {
            Provenance::Derived(inference) => steps.extend(inference.premises.iter().cloned()),
            other => steps.push(Step {
                claim: text! {
                    en: "the record of `{parent}` says what it holds",
                    ja: "`{parent}` の内容は記録に載っています",
                    parent: &parent.reference,
                },
                from: other.clone(),
            }),
        }
    }
    Provenance::derived(steps)
}

fn still(image: &str, base: &Base) -> Provenance {
    Provenance::assumed(
        text! {
            en: "`{image}` stands on {base}",
            ja: "`{image}` が {base} の上に作られている",
            image: image,
            base: &base.distribution.name,
        },
        vec![Settler::Image(image.to_owned())],
    )
}

pub(super) fn table_source(table: &Table, parsed: &Reference, tag: &str) -> Provenance {
    source(&format!("{}:{tag}", parsed.repository), table.note("source"), table.note("observed"))
}

/// A release newer than the records is taken to be as the newest recorded one, under a condition that says so.
pub(super) fn nearest(base: &str) -> Option<Meaning> {
    let (distribution, version) = base.split_once(':')?;
    let (newest, version_of) = match distribution {
        "alpine" => ("alpine:edge", "3.24"),
        "ubuntu" => ("ubuntu:26.10", "26.10"),
        "fedora" => ("fedora:45", "45"),
        _ => return None,
    };
    let newer = tags::numbers(version) > tags::numbers(version_of);
    newer.then(|| Meaning { base: newest.to_owned(), how: How::Near, moves: Vec::new() })
}
