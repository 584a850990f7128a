//! Paths as BuildKit joins and cleans them (util/system/path.go).

/// Whether paths are those of Windows; for Windows the drive is dropped and backslashes separate.
fn slashes(path: &str, windows: bool) -> String {
    if !windows {
        return path.to_owned();
    }
    let path = path.replace('\\', "/");
    match path.as_bytes() {
        [drive, b':', ..] if drive.is_ascii_alphabetic() => path[2..].to_owned(),
        _ => path,
    }
}

/// Go's `path.Clean` for a path that is made absolute.
fn clean(path: &str) -> String {
    crate::tree::normalize("/", path)
}

/// WORKDIR: an absolute path stays as it was written, a relative one is joined and cleaned.
pub(super) fn work_directory(current: &str, written: &str, windows: bool) -> String {
    let written = slashes(written, windows);
    let current = slashes(if current.is_empty() { "/" } else { current }, windows);
    let path = if written.is_empty() {
        current
    } else if written.starts_with('/') {
        written
    } else {
        clean(&format!("{current}/{written}"))
    };
    if windows { path.replace('/', "\\") } else { path }
}

/// The same path with slashes and without a drive.
pub(super) fn plain(path: &str, windows: bool) -> String {
    slashes(path, windows)
}

pub(super) fn cleaned(path: &str, windows: bool) -> String {
    clean(&slashes(path, windows))
}

/// The destination of a copy: absolute and cleaned, a slash or `/.` at its end kept.
pub(super) fn destination(directory: &str, written: &str, windows: bool) -> String {
    let directory = slashes(if directory.is_empty() { "/" } else { directory }, windows);
    let written = slashes(written, windows);
    if written.is_empty() {
        return directory;
    }
    let written = if written == "." { "./".to_owned() } else { written };
    let joined = if written.starts_with('/') { written.clone() } else { format!("{directory}/{written}") };
    let mut path = clean(&joined);
    if written.ends_with('/') && !path.ends_with('/') {
        path.push('/');
    } else if written.ends_with("/.") {
        if path != "/" {
            path.push('/');
        }
        path.push('.');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_keep_what_makes_them_directories() {
        for (directory, written, expected) in [
            ("/w/d", "rel", "/w/d/rel"),
            ("/w/d", ".", "/w/d/"),
            ("/w/d", "..", "/w"),
            ("/w/d", "../x/", "/w/x/"),
            ("/w/d", "/x/.", "/x/."),
            ("/", "./", "/"),
            ("/w", "", "/w"),
        ] {
            assert_eq!(destination(directory, written, false), expected, "{written}");
        }
        assert_eq!(destination("/app", "C:\\conf\\", true), "/conf/");
    }

    #[test]
    fn work_directories_are_joined() {
        for (current, written, expected) in [
            ("", "/a//b/../c/", "/a//b/../c/"),
            ("/a//b/../c/", "d/../e/", "/a/c/e"),
            ("/a", "", "/a"),
            ("", "~/x", "/~/x"),
        ] {
            assert_eq!(work_directory(current, written, false), expected, "{written}");
        }
        assert_eq!(work_directory("\\app", "logs", true), "\\app\\logs");
    }
}
