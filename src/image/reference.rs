//! Image references: which repository and tag a `FROM` names, whatever registry or mirror it goes through.

/// An image reference in its parts, with the well-known detours taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// The repository in its shortest form: `golang`, `gcr.io/distroless/static`.
    pub repository: String,
    /// The tag; `None` when only a digest names the image.
    pub tag: Option<String>,
    /// Whether a digest pins it, so that its tag may mean something else by now.
    pub pinned: bool,
}

/// Mirrors of Docker Hub's official images (`public.ecr.aws` documents its own, `mirror.gcr.io` is a pull-through cache),
/// and the ways in which Docker itself writes them (distribution/reference, `normalize.go`).
const OFFICIAL: [&str; 7] = [
    "docker.io/library/",
    "index.docker.io/library/",
    "registry-1.docker.io/library/",
    "registry.hub.docker.com/library/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
    "library/",
];

/// Docker Hub itself: what is left is `name` or `organisation/name`.
const HUB: [&str; 6] = [
    "docker.io/",
    "index.docker.io/",
    "registry-1.docker.io/",
    "registry.hub.docker.com/",
    "mirror.gcr.io/",
    // HashiCorp's pull-through cache, which its own Dockerfiles name.
    "docker.mirror.hashicorp.services/",
];

/// Repositories of one architecture that hold the same images (docker-library, "Architectures other than amd64").
const ARCHITECTURES: [&str; 9] =
    ["amd64/", "arm64v8/", "arm32v5/", "arm32v6/", "arm32v7/", "i386/", "ppc64le/", "s390x/", "riscv64/"];

/// Other names of the same repository.
const RENAMED: [(&str, &str); 10] = [
    ("mcr.microsoft.com/dotnet/core/", "mcr.microsoft.com/dotnet/"),
    ("registry.redhat.io/ubi", "registry.access.redhat.com/ubi"),
    ("redhat/ubi", "registry.access.redhat.com/ubi"),
    ("us.gcr.io/distroless/", "gcr.io/distroless/"),
    ("eu.gcr.io/distroless/", "gcr.io/distroless/"),
    ("asia.gcr.io/distroless/", "gcr.io/distroless/"),
    ("public.ecr.aws/amazonlinux/amazonlinux", "amazonlinux"),
    ("public.ecr.aws/ubuntu/ubuntu", "ubuntu"),
    ("public.ecr.aws/debian/debian", "debian"),
    ("chainguard/", "cgr.dev/chainguard/"),
];

impl Reference {
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        let (name, pinned) = match text.split_once('@') {
            Some((name, _)) => (name, true),
            None => (text, false),
        };
        let name = name.strip_prefix("docker://").unwrap_or(name);
        // A colon before the last slash belongs to a registry's port.
        let slash = name.rfind('/').map_or(0, |at| at + 1);
        let (repository, tag) = match name[slash..].find(':') {
            Some(colon) => (&name[..slash + colon], Some(&name[slash + colon + 1..])),
            None => (name, None),
        };
        let tag = match tag {
            Some(tag) => Some(tag.to_owned()),
            None if pinned => None,
            None => Some("latest".to_owned()),
        };
        Self { repository: shortest(repository), tag, pinned }
    }
}

/// Whether two references name the same image, whatever registry or mirror they go through.
#[must_use]
pub fn same_reference(one: &str, other: &str) -> bool {
    let (one, other) = (Reference::parse(one), Reference::parse(other));
    one.tag.is_some() && (one.repository, one.tag) == (other.repository, other.tag)
}

/// A reference without the host that everybody leaves out: `docker.io/library/alpine:3.19` is `alpine:3.19`.
#[must_use]
pub fn short_reference(reference: &str) -> &str {
    let hosts = OFFICIAL.iter().filter(|host| host.contains("docker.")).chain(["docker.io/"].iter());
    hosts.into_iter().find_map(|host| reference.strip_prefix(host)).unwrap_or(reference)
}

fn shortest(repository: &str) -> String {
    let mut name = repository;
    for official in OFFICIAL {
        if let Some(rest) = name.strip_prefix(official) {
            name = rest;
            break;
        }
    }
    for hub in HUB {
        if let Some(rest) = name.strip_prefix(hub) {
            name = rest;
            break;
        }
    }
    for architecture in ARCHITECTURES {
        match name.strip_prefix(architecture) {
            Some(rest) if !rest.contains('/') => {
                name = rest;
                break;
            }
            _ => {}
        }
    }
    for (other, usual) in RENAMED {
        if let Some(rest) = name.strip_prefix(other) {
            return format!("{usual}{rest}");
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_come_down_to_repository_and_tag() {
        for (written, repository, tag) in [
            ("golang", "golang", Some("latest")),
            ("golang:1.18", "golang", Some("1.18")),
            ("docker.io/library/golang:1.22.1", "golang", Some("1.22.1")),
            ("public.ecr.aws/docker/library/node:20", "node", Some("20")),
            ("mirror.gcr.io/library/python:3.12-slim", "python", Some("3.12-slim")),
            ("docker.io/oven/bun:1", "oven/bun", Some("1")),
            ("arm64v8/alpine:3.20", "alpine", Some("3.20")),
            ("amd64/team/app", "amd64/team/app", Some("latest")),
            ("localhost:5000/team/app", "localhost:5000/team/app", Some("latest")),
            ("localhost:5000/team/app:2", "localhost:5000/team/app", Some("2")),
            ("alpine@sha256:00", "alpine", None),
            ("alpine:3.20@sha256:00", "alpine", Some("3.20")),
            ("redhat/ubi9-minimal", "registry.access.redhat.com/ubi9-minimal", Some("latest")),
            ("registry.redhat.io/ubi8/ubi:8.10", "registry.access.redhat.com/ubi8/ubi", Some("8.10")),
            ("public.ecr.aws/lambda/python:3.12", "public.ecr.aws/lambda/python", Some("3.12")),
            ("public.ecr.aws/amazonlinux/amazonlinux:2023", "amazonlinux", Some("2023")),
            ("", "", Some("latest")),
            (":", "", Some("")),
        ] {
            let reference = Reference::parse(written);
            assert_eq!((reference.repository.as_str(), reference.tag.as_deref()), (repository, tag), "{written}");
        }
    }
}
