//! Which of the dropped files are the build context of a Dockerfile.

use crate::dockerfile::{Dockerfile, Kind};
use crate::input::Input;
use crate::project::Project;

/// The build context of a Dockerfile: the folder, among its own and those above it, that has most of what it copies.
///
/// What was dropped as a folder is taken as whole: a file that is not there is nowhere.
pub(super) fn of(dockerfile: &Dockerfile, files: &[Input]) -> Project {
    let folder = folder_of(&dockerfile.path);
    let whole = !folder.is_empty();
    let sources = sources(dockerfile);
    let mut best = Project::new(files, folder, whole);
    let mut most = found(&best, &sources);
    let mut above = folder;
    while let Some((parent, _)) = above.rsplit_once('/') {
        above = parent;
        let candidate = Project::new(files, above, whole);
        let count = found(&candidate, &sources);
        // The nearest folder wins a tie: that is where `docker build .` is usually called.
        if count > most {
            (best, most) = (candidate, count);
        }
    }
    best
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The paths of the context that are copied by name.
fn sources(dockerfile: &Dockerfile) -> Vec<&str> {
    let plain =
        |source: &&str| !source.contains(['$', '*', '?', '[', '<', ':']) && !matches!(*source, "." | "./" | "/");
    let mut paths = Vec::new();
    for instruction in &dockerfile.instructions {
        if let Kind::Copy(copy) | Kind::Add(copy) = &instruction.kind {
            if copy.from.is_none() {
                paths.extend(copy.sources.iter().map(|source| source.value.as_str()).filter(plain));
            }
        }
    }
    paths
}

fn found(project: &Project, sources: &[&str]) -> usize {
    sources.iter().filter(|source| project.paths_at(source).next().is_some()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::read;

    #[track_caller]
    fn check(dockerfile_path: &str, text: &str, others: &[&str], file: &str) {
        let mut files = vec![Input::new(dockerfile_path, text)];
        files.extend(others.iter().map(|path| Input::new(path, "")));
        let dockerfile = read(&dockerfile_path.into(), text.as_bytes());
        assert!(of(&dockerfile, &files).file(file).is_some(), "{dockerfile_path}: {file}");
    }

    #[test]
    fn the_context_is_where_the_copied_files_are() {
        check("p/Dockerfile", "FROM a\nCOPY go.mod .\n", &["p/go.mod"], "go.mod");
        check("p/docker/Dockerfile", "FROM a\nCOPY go.mod .\n", &["p/go.mod", "p/docker/x"], "docker/x");
        check("p/docker/Dockerfile", "FROM a\nCOPY x .\n", &["p/go.mod", "p/docker/x"], "x");
        check("Dockerfile", "FROM a\nCOPY x .\n", &["x"], "x");
    }
}
