//! Image references as FROM and COPY write them (distribution/reference).

/// Completes a reference with its tag, and leaves out the default host and its `library/`.
///
/// # Errors
/// In the words of the reference parser.
pub fn complete(written: &str) -> Result<String, String> {
    let malformed = || "invalid reference format".to_owned();
    let (rest, digest) = match written.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (written, None),
    };
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) if is_host(host) => (Some(host), path),
        _ => (None, rest),
    };
    let (path, tag) = match path.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (path, None),
    };
    if path.bytes().any(|b| b.is_ascii_uppercase())
        && path.split('/').all(|part| is_component(&part.to_ascii_lowercase()))
    {
        let library = if host.is_none() && !path.contains('/') { "library/" } else { "" };
        return Err(format!("{}: repository name ({library}{path}) must be lowercase", malformed()));
    }
    let tag_is_fine = tag.is_none_or(|tag| {
        (1..=128).contains(&tag.len())
            && tag
                .bytes()
                .enumerate()
                .all(|(n, b)| b.is_ascii_alphanumeric() || b == b'_' || n > 0 && matches!(b, b'.' | b'-'))
    });
    let digest_is_fine = digest.is_none_or(|digest| {
        let Some((algorithm, hex)) = digest.split_once(':') else { return false };
        !algorithm.is_empty() && hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
    });
    if !path.split('/').all(is_component) || !tag_is_fine || !digest_is_fine {
        return Err(malformed());
    }
    let default_host = host.is_none_or(|host| matches!(host, "docker.io" | "index.docker.io"));
    let mut name = String::new();
    if !default_host {
        name.push_str(host.unwrap_or_default());
        name.push('/');
    }
    name.push_str(path.strip_prefix("library/").filter(|rest| default_host && !rest.contains('/')).unwrap_or(path));
    match (tag, digest) {
        (Some(tag), _) => name = format!("{name}:{tag}"),
        (None, None) => name.push_str(":latest"),
        (None, Some(_)) => {}
    }
    if let Some(digest) = digest {
        name = format!("{name}@{digest}");
    }
    Ok(name)
}

/// The first part is a host when it looks like one: a dot, a port, `localhost`, or capitals.
fn is_host(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':']) || part.bytes().any(|b| b.is_ascii_uppercase())
}

/// Letters and digits, separated by `.`, `_`, `__` or any number of `-`.
fn is_component(part: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends = bytes.first().is_some_and(|b| alphanumeric(*b)) && bytes.last().is_some_and(|b| alphanumeric(*b));
    let separators = bytes.split(|b| alphanumeric(*b)).all(|between| {
        between.is_empty() || matches!(between, b"." | b"_" | b"__") || between.iter().all(|b| *b == b'-')
    });
    ends && separators
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_completed_or_refused() {
        for (written, complete_name) in [
            ("alpine", "alpine:latest"),
            ("docker.io/library/alpine:3.20", "alpine:3.20"),
            ("docker.io/grafana/loki", "grafana/loki:latest"),
            ("gcr.io/distroless/static:nonroot", "gcr.io/distroless/static:nonroot"),
            ("localhost:5000/x", "localhost:5000/x:latest"),
            ("a__b/c---d:T.1", "a__b/c---d:T.1"),
            ("alpine@sha256:0123456789abcdef0123456789abcdef", "alpine@sha256:0123456789abcdef0123456789abcdef"),
        ] {
            assert_eq!(complete(written).as_deref(), Ok(complete_name));
        }
        for wrong in ["", "alpine:", "alpine:3.20:latest", "a..b", "-a", "a/", "Alpine", "al pine", "a@sha256:1"] {
            assert!(complete(wrong).is_err(), "{wrong}");
        }
    }
}
