//! What a tag of a family means: the distribution that its name says, or the history of moving tags and version ranges.

use super::catalog::{MOVING, RANGES};
use crate::lists::Collect;

/// The base that a tag stands on, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// An id of `bases.tsv`: `debian:bookworm`.
    pub base: String,
    pub how: How,
    /// What a moving tag meant, oldest first: (base, since).
    pub moves: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The tag names the distribution: `1.22-alpine3.19`.
    Named,
    /// The history of the tag is recorded.
    Listed,
    /// The version lies in a recorded range.
    Ranged,
    /// The version is newer than the records; it is taken to stand where the newest recorded one does.
    Beyond(String),
    /// What it stood on when it was observed, without a history that tells more.
    Observed,
    /// A distribution's release newer than the records.
    Near,
}

/// Debian releases by codename, oldest first (debian.org/releases).
pub(super) const DEBIAN: [(&str, &str); 11] = [
    ("squeeze", "6"),
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("sid", ""),
    ("unstable", ""),
];

/// Ubuntu releases by the first word of their codename (wiki.ubuntu.com/Releases).
pub(super) const UBUNTU: [(&str, &str); 24] = [
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("zesty", "17.04"),
    ("artful", "17.10"),
    ("bionic", "18.04"),
    ("cosmic", "18.10"),
    ("disco", "19.04"),
    ("eoan", "19.10"),
    ("focal", "20.04"),
    ("groovy", "20.10"),
    ("hirsute", "21.04"),
    ("impish", "21.10"),
    ("jammy", "22.04"),
    ("kinetic", "22.10"),
    ("lunar", "23.04"),
    ("mantic", "23.10"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
    ("stonking", "26.10"),
    ("precise", "12.04"),
    ("yakkety", "16.10"),
];

/// Node's release names, which are tags too (nodejs/Release, `schedule.json`).
const NODE: [(&str, &str); 11] = [
    ("argon", "4"),
    ("boron", "6"),
    ("carbon", "8"),
    ("dubnium", "10"),
    ("erbium", "12"),
    ("fermium", "14"),
    ("gallium", "16"),
    ("hydrogen", "18"),
    ("iron", "20"),
    ("jod", "22"),
    ("krypton", "24"),
];

/// What `repository:tag` stands on.
pub(super) fn meaning(repository: &str, tag: &str) -> Option<Meaning> {
    if let Some(base) = named(tag) {
        return Some(Meaning { base, how: How::Named, moves: Vec::new() });
    }
    let tag = &plain(repository, tag);
    if let Some(base) = named(tag).filter(|_| repository == "debian") {
        return Some(Meaning { base, how: How::Named, moves: Vec::new() });
    }
    listed(repository, tag).or_else(|| ranged(repository, tag))
}

/// Whether the tables know the tag itself, and not only a rule that fits it.
pub(super) fn is_listed(repository: &str, tag: &str) -> bool {
    let tag = &plain(repository, tag);
    listed(repository, tag).is_some() || ranged(repository, tag).is_some_and(|meaning| meaning.how == How::Ranged)
}

/// The variant that a tag asks for: `alpine`, `slim`, another name that the ranges use, or none.
pub(super) fn variant(repository: &str, tag: &str) -> &'static str {
    let mut known = RANGES.rows::<2>().filter(|[name, variant]| *name == repository && !variant.is_empty());
    let rest = tag.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | 'v'));
    let has = |word: &str| rest.split(['-', '_']).any(|part| part.starts_with(word));
    known.find(|[_, variant]| has(variant)).map_or("", |[_, variant]| variant)
}

/// The newest version that a tag without one means: `1.27.0` for `alpine`.
///
/// A tag that names a release of a distribution stays with the last version that was made for it. New versions are made for
/// the newest release and the one before (docker-library/official-images), so an older one tells nothing.
pub(super) fn newest(repository: &str, tag: &str) -> Option<&'static str> {
    let newest =
        ranges(repository, variant(repository, tag))?.max_by(|(_, a, _), (_, b, _)| numbers(a).cmp(&numbers(b)));
    let (_, version, base) = newest?;
    let is_served = named(tag).is_none_or(|named| match (release(&named), release(&base)) {
        (Some((one, old)), Some((other, new))) => one == other && (new.saturating_sub(1)..=new).contains(&old),
        _ => false,
    });
    is_served.then_some(version)
}

/// A distribution and its releases counted: those of Debian by number, those of Alpine by the second.
fn release(base: &str) -> Option<(&str, u32)> {
    let (distribution, name) = base.split_once(':')?;
    let number = match distribution {
        "debian" => DEBIAN.iter().find(|(codename, _)| *codename == name)?.1,
        _ => name.rsplit('.').next()?,
    };
    Some((distribution, number.parse().ok()?))
}

fn plain(repository: &str, tag: &str) -> String {
    if repository == "node" {
        for (name, version) in NODE {
            if let Some(rest) = tag.strip_prefix("lts-").unwrap_or(tag).strip_prefix(name) {
                return format!("{version}{rest}");
            }
        }
    }
    if repository == "debian" {
        // `12.5-slim` is bookworm, whatever the point release.
        let digits = tag.bytes().take_while(u8::is_ascii_digit).count();
        if let Some((codename, _)) = DEBIAN.iter().find(|(_, version)| digits > 0 && *version == &tag[..digits]) {
            return (*codename).to_owned();
        }
    }
    tag.to_owned()
}

/// The distribution that a tag's own words name; true without exception in the recorded history of official images.
pub(super) fn named(tag: &str) -> Option<String> {
    let parts: Vec<&str> = tag.split('-').collect_vec();
    let mut found = None;
    for (at, part) in parts.iter().enumerate() {
        let next = parts.get(at + 1).copied().unwrap_or("");
        let after = |word: &str| part.strip_prefix(word).filter(|rest| is_version(rest));
        let name = if let Some(version) = after("alpine") {
            format!("alpine:{version}")
        } else if *part == "alpine" && is_version(next) && next.contains('.') {
            format!("alpine:{next}")
        } else if let Some((codename, _)) = DEBIAN.iter().find(|(codename, _)| codename == part) {
            format!("debian:{}", if *codename == "unstable" { "sid" } else { codename })
        } else if let Some((codename, _)) = after("debian").and_then(|of| DEBIAN.iter().find(|(_, is)| *is == of)) {
            format!("debian:{codename}")
        } else if let Some((_, version)) = UBUNTU.iter().find(|(codename, _)| codename == part) {
            format!("ubuntu:{version}")
        } else if let Some(version) = after("ubuntu") {
            format!("ubuntu:{version}")
        } else if let Some(version) = after("ubi") {
            let flavour = if matches!(next, "minimal" | "micro") { format!("-{next}") } else { String::new() };
            format!("ubi{version}{flavour}")
        } else if let Some(version) = after("amazonlinux").or_else(|| after("al")) {
            format!("amazonlinux:{version}")
        } else if let Some(version) = after("oraclelinux").or_else(|| after("ol")) {
            format!("oraclelinux:{version}-slim")
        } else if let Some(version) = after("centos") {
            format!("centos:{version}")
        } else if let Some(version) = after("fedora") {
            format!("fedora:{version}")
        } else if part.starts_with("windowsservercore") || part.starts_with("nanoserver") {
            return Some("windows".to_owned());
        } else {
            continue;
        };
        found = Some(name);
    }
    found
}

fn listed(repository: &str, tag: &str) -> Option<Meaning> {
    let mut rows = MOVING.rows::<3>().filter(|[name, ..]| *name == repository);
    let [_, _, history] = rows.find(|[_, tags, _]| tags.split(',').any(|listed| listed == tag))?;
    let entry = |text: &'static str| {
        let (base, since) = text.split_once('@')?;
        Some((full(base), since.to_owned()))
    };
    let moves: Vec<_> = history.split(' ').filter_map(entry).collect_vec();
    Some(Meaning { base: moves.last()?.0.clone(), how: How::Listed, moves })
}

fn ranged(repository: &str, tag: &str) -> Option<Meaning> {
    let text = tag.strip_prefix('v').unwrap_or(tag);
    let length = text.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'u')).count();
    let wanted = numbers(&text[..length]);
    if wanted.is_empty() {
        return None;
    }
    // `1.18` means the newest 1.18.x, so its upper end is open.
    let above = |version: &str| numbers(version) > wanted && !numbers(version).starts_with(&wanted);
    let below = |version: &str| numbers(version) < wanted;
    let variant = variant(repository, tag);
    let ranges: Vec<_> = ranges(repository, variant)?.collect_vec();
    if let Some((.., base)) = ranges.iter().rev().find(|(from, to, _)| !above(from) && !below(to)) {
        return Some(Meaning { base: base.clone(), how: How::Ranged, moves: Vec::new() });
    }
    // Patches newer than the records of their own release line, or a release line newer than all.
    let (_, to, base) = ranges.iter().filter(|(_, to, _)| below(to)).max_by_key(|(_, to, _)| numbers(to))?;
    let newest = ranges.iter().all(|(from, ..)| !above(from));
    let known = numbers(to);
    let same_line =
        known.first() == wanted.first() && (wanted[0] >= 2 && known.len() < 3 || known.get(1) == wanted.get(1));
    (newest || same_line).then(|| Meaning { base: base.clone(), how: How::Beyond((*to).to_owned()), moves: Vec::new() })
}

/// The recorded ranges, oldest first: from, to, base.
fn ranges(
    repository: &str,
    variant: &str,
) -> Option<impl Iterator<Item = (&'static str, &'static str, String)> + use<>> {
    let [_, _, ranges] = RANGES.rows::<3>().find(|[name, of, _]| *name == repository && *of == variant)?;
    Some(ranges.split(' ').filter_map(|range| {
        let (versions, base) = range.split_once('=')?;
        let (from, to) = versions.split_once("..").unwrap_or((versions, versions));
        Some((from, to, full(base)))
    }))
}

/// `bookworm` is short for `debian:bookworm`, `3.19` for `alpine:3.19`.
pub(super) fn full(base: &str) -> String {
    if is_version(base) {
        format!("alpine:{base}")
    } else if DEBIAN.iter().any(|(codename, _)| *codename == base) {
        format!("debian:{base}")
    } else {
        base.to_owned()
    }
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// The numbers of a version, for comparing: `1.18.10` is `[1, 18, 10]`.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    version
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().unwrap_or(u32::MAX))
        .collect_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_mean_bases() {
        for (repository, tag, base) in [
            ("golang", "1.18", "debian:bullseye"),
            ("golang", "1.18.10", "debian:bullseye"),
            ("golang", "1.19", "debian:bookworm"),
            ("golang", "1.19.4", "debian:bullseye"),
            ("golang", "1.20-buster", "debian:buster"),
            ("golang", "1.22.1-alpine3.19", "alpine:3.19"),
            ("golang", "1.17-alpine", "alpine:3.16"),
            ("golang", "1.23-windowsservercore-ltsc2022", "windows"),
            ("golang", "latest", "debian:trixie"),
            ("node", "20-slim", "debian:bookworm"),
            ("node", "20-alpine", "alpine:3.23"),
            ("node", "lts-iron", "debian:bookworm"),
            ("node", "iron-alpine3.18", "alpine:3.18"),
            ("rust", "1.61", "debian:bullseye"),
            ("python", "3.6-slim", "debian:bullseye"),
            ("postgres", "12", "debian:bookworm"),
            ("swift", "5.6-focal", "ubuntu:20.04"),
            ("python", "3.13-debian13-dev", "debian:trixie"),
        ] {
            assert_eq!(meaning(repository, tag).map(|m| m.base).as_deref(), Some(base), "{repository}:{tag}");
        }
    }

    #[test]
    fn what_the_records_do_not_reach_is_said() {
        assert_eq!(meaning("golang", "1.99.1").map(|m| m.how), Some(How::Beyond("1.27.0".into())));
        assert_eq!(meaning("golang", "1.18.99").map(|m| m.how), Some(How::Ranged));
        for (repository, tag) in [("golang", "nonsense"), ("golang", "0.1"), ("nobody", "1")] {
            assert_eq!(meaning(repository, tag), None, "{repository}:{tag}");
        }
    }
}
