//! Other tags of the same family, and the base images that programs are judged against: what fixes propose.

use super::Distribution;
use super::bases::Base;
use super::reference::Reference;
use super::tags::{self, DEBIAN};
use crate::lists::Collect;

/// The images that a dropped program is judged against when the user names none: what most Dockerfiles end in.
#[must_use]
pub fn usual() -> &'static [&'static str] {
    &[
        "alpine:3.24",
        "alpine:3.20",
        "alpine:3.16",
        "debian:13-slim",
        "debian:12-slim",
        "debian:11-slim",
        "ubuntu:26.04",
        "ubuntu:24.04",
        "ubuntu:22.04",
        "ubuntu:20.04",
        "gcr.io/distroless/static-debian13",
        "gcr.io/distroless/base-debian13",
        "gcr.io/distroless/cc-debian13",
        "gcr.io/distroless/static-debian12",
        "gcr.io/distroless/base-debian12",
        "gcr.io/distroless/cc-debian12",
        "cgr.dev/chainguard/static",
        "cgr.dev/chainguard/glibc-dynamic",
        "cgr.dev/chainguard/wolfi-base",
        "registry.access.redhat.com/ubi9-minimal",
        "registry.access.redhat.com/ubi8-minimal",
        "amazonlinux:2023",
        "amazonlinux:2",
        "busybox:glibc",
        "busybox:musl",
        "scratch",
    ]
}

/// The same image on Alpine: `golang:1.18` has `golang:1.18-alpine`; `None` where no such tag is recorded.
#[must_use]
pub fn alpine_variant(reference: &str) -> Option<String> {
    let (parsed, plain) = parts(reference)?;
    let tag = if plain.is_empty() { "alpine".to_owned() } else { format!("{plain}-alpine") };
    let base = tags::meaning(&parsed.repository, &tag)?.base;
    (tags::is_listed(&parsed.repository, &tag) && base.starts_with("alpine:")).then(|| with_tag(reference, &tag))
}

/// The same image on a distribution with glibc: `node:20-alpine` has `node:20-slim`.
#[must_use]
pub fn glibc_variant(reference: &str) -> Option<String> {
    let (parsed, plain) = parts(reference)?;
    let slim = if plain.is_empty() { "slim".to_owned() } else { format!("{plain}-slim") };
    let full = if plain.is_empty() { "latest".to_owned() } else { plain };
    [slim, full].into_iter().find_map(|tag| {
        // A family without slim images answers `1.22-slim` as if it were `1.22`.
        let slim = tag.ends_with("slim") && tags::variant(&parsed.repository, &tag) != "slim";
        let base = tags::meaning(&parsed.repository, &tag)?.base;
        let sound = !slim && tags::is_listed(&parsed.repository, &tag) && has_glibc(&base);
        sound.then(|| with_tag(reference, &tag))
    })
}

/// The small image of the release that a build image stands on: `golang:1.18` gives `debian:bullseye-slim`.
#[must_use]
pub fn same_release_runtime(reference: &str) -> Option<String> {
    let parsed = Reference::parse(reference);
    let base = super::resolve::base_of(&parsed)?;
    let name = match base.split_once(':')? {
        ("debian", codename) => format!("debian:{codename}-slim"),
        ("alpine" | "ubuntu" | "amazonlinux" | "fedora", _) => base,
        _ => return None,
    };
    Some(name)
}

/// The build image's tag that stands on another release: `golang:1.21` on Debian 11 is `golang:1.21-bullseye`.
///
/// The families that name releases in their tags publish each version for the Debian release that was stable then and
/// for the one before it, and for the two newest Alpine releases.
#[must_use]
pub fn builder_on(reference: &str, release: &Distribution) -> Option<String> {
    let (parsed, plain) = parts(reference)?;
    if !["golang", "rust", "python", "node", "ruby", "php", "gcc"].contains(&parsed.repository.as_str()) {
        return None;
    }
    let join = |suffix: &str| if plain.is_empty() { suffix.to_owned() } else { format!("{plain}-{suffix}") };
    let own = parsed.tag.as_deref().unwrap_or("latest");
    match release.id.as_str() {
        "debian" | "distroless" => {
            let place = |codename: &str| DEBIAN.iter().position(|(name, _)| *name == codename);
            let (codename, _) = DEBIAN.iter().find(|(_, version)| *version == release.version)?;
            let slim = own.split('-').any(|part| part == "slim");
            let usual = if plain.is_empty() { "latest" } else { plain.as_str() };
            let default = tags::meaning(&parsed.repository, usual)?.base;
            let default = place(default.strip_prefix("debian:")?)?;
            let wanted = place(codename)?;
            let published = wanted == default || wanted + 1 == default;
            published.then(|| {
                with_tag(reference, &join(&if slim { format!("slim-{codename}") } else { (*codename).to_owned() }))
            })
        }
        "alpine" => {
            let default = tags::meaning(&parsed.repository, &join("alpine"))?.base;
            let (default, wanted) = (tags::numbers(default.strip_prefix("alpine:")?), tags::numbers(&release.version));
            let published = default.first() == wanted.first()
                && (default.get(1) == wanted.get(1) || default.get(1) == wanted.get(1).map(|minor| minor + 1).as_ref());
            published.then(|| with_tag(reference, &join(&format!("alpine{}", release.version))))
        }
        _ => None,
    }
}

/// The reference's parts, and its tag without the words that name a variant or a release: `1.18` of `1.18-bullseye`.
fn parts(reference: &str) -> Option<(Reference, String)> {
    let parsed = Reference::parse(reference);
    let tag = parsed.tag.clone()?;
    let kept = tag.split('-').filter(|part| {
        let variant = matches!(*part, "slim" | "latest") || part.starts_with("alpine");
        !variant && tags::named(part).is_none()
    });
    let plain = kept.collect_vec().join("-");
    Some((parsed, plain))
}

/// The reference as written, with another tag and without a digest.
fn with_tag(reference: &str, tag: &str) -> String {
    let name = reference.split('@').next().unwrap_or(reference);
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let end = name[slash..].find(':').map_or(name.len(), |colon| slash + colon);
    format!("{}:{tag}", &name[..end])
}

fn has_glibc(base: &str) -> bool {
    Base::find(base).and_then(|base| base.libc).is_some_and(|libc| libc.family == super::LibcFamily::Glibc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_propose_tags_that_exist() {
        let debian = |version: &str| Distribution { id: "debian".into(), version: version.into(), name: String::new() };
        for (found, expected) in [
            (alpine_variant("golang:1.18"), Some("golang:1.18-alpine")),
            (alpine_variant("golang:1.18-bullseye"), Some("golang:1.18-alpine")),
            (alpine_variant("docker.io/library/golang"), Some("docker.io/library/golang:alpine")),
            (alpine_variant("gcc:13"), None),
            (alpine_variant("team/app:1"), None),
            (glibc_variant("node:20-alpine"), Some("node:20-slim")),
            (glibc_variant("golang:1.22-alpine3.19"), Some("golang:1.22")),
            (same_release_runtime("golang:1.18"), Some("debian:bullseye-slim")),
            (same_release_runtime("golang:1.22-alpine3.19"), Some("alpine:3.19")),
            (same_release_runtime("team/app:1"), None),
            (builder_on("golang:1.21", &debian("11")), Some("golang:1.21-bullseye")),
            (builder_on("golang:1.21", &debian("9")), None),
            (builder_on("python:3.12-slim", &debian("12")), Some("python:3.12-slim-bookworm")),
            (builder_on("golang:1.21", &debian("10")), None),
        ] {
            assert_eq!(found.as_deref(), expected);
        }
    }
}
