//! Images that add a tool to an official image, and say in their tag which one it is.
//!
//! - `lukemathwalker/cargo-chef:latest-rust-1.80-slim` is `rust:1.80-slim` (cargo-chef, `docker/Dockerfile`)
//! - `ghcr.io/astral-sh/uv:python3.12-bookworm-slim` is `python:3.12-slim-bookworm` (uv documentation, "Docker")
//! - `hexpm/elixir:1.14-erlang-25-debian-bullseye-20230612-slim` is `debian:bullseye-slim` (hexpm/bob)

/// The official image that an image is made of, by repository and tag.
pub(super) fn official(repository: &str, tag: &str) -> Option<String> {
    match repository {
        "lukemathwalker/cargo-chef" => {
            let (_, rust) = tag.split_once("rust-")?;
            Some(format!("rust:{rust}"))
        }
        "ghcr.io/astral-sh/uv" => {
            let (version, variant) = tag.split_once("python").map(|(_, rest)| rest.split_once('-'))??;
            let variant = match variant.strip_suffix("-slim") {
                Some(release) => format!("slim-{release}"),
                None => variant.to_owned(),
            };
            version.starts_with(|c: char| c.is_ascii_digit()).then(|| format!("python:{version}-{variant}"))
        }
        "hexpm/elixir" | "hexpm/erlang" => {
            let (_, system) = ["debian-", "alpine-", "ubuntu-"].iter().find_map(|name| {
                let at = tag.rfind(name)?;
                Some((at, &tag[at..]))
            })?;
            let mut parts = system.split('-');
            let (name, release) = (parts.next()?, parts.next()?);
            // Alpine's patch release is part of the tag, and the catalog goes by the minor one.
            let release =
                if name == "alpine" { release.rsplit_once('.').map_or(release, |(minor, _)| minor) } else { release };
            let slim = if tag.ends_with("-slim") { "-slim" } else { "" };
            Some(format!("{name}:{release}{slim}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_the_official_image() {
        for (repository, tag, expected) in [
            ("lukemathwalker/cargo-chef", "latest-rust-1", Some("rust:1")),
            ("lukemathwalker/cargo-chef", "0.1.66-rust-1.80-slim-bookworm", Some("rust:1.80-slim-bookworm")),
            ("lukemathwalker/cargo-chef", "latest", None),
            ("ghcr.io/astral-sh/uv", "python3.12-bookworm-slim", Some("python:3.12-slim-bookworm")),
            ("ghcr.io/astral-sh/uv", "0.5-python3.13-alpine", Some("python:3.13-alpine")),
            ("ghcr.io/astral-sh/uv", "latest", None),
            ("hexpm/elixir", "1.14.0-erlang-24.3.4.2-debian-bullseye-20210902-slim", Some("debian:bullseye-slim")),
            ("hexpm/elixir", "1.15.7-erlang-26.1.2-alpine-3.18.4", Some("alpine:3.18")),
            ("hexpm/erlang", "26.1-ubuntu-jammy-20230126", Some("ubuntu:jammy")),
            ("library/rust", "1.80", None),
        ] {
            assert_eq!(official(repository, tag).as_deref(), expected, "{repository}:{tag}");
        }
    }
}
