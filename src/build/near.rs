//! Near misses: paths that a missing one may have been meant for.

use crate::lists::{self, Collect};
use crate::project::Project;
use crate::tree::{Node, Tree};

/// At most so many are worth showing.
const MAXIMUM: usize = 3;

/// Files of a tree with the same name elsewhere, in another case, or one or two letters away; best first.
pub(crate) fn in_tree(tree: &Tree, path: &str) -> Vec<String> {
    let files = tree.below("/").filter(|(_, entry)| entry.node != Node::Directory);
    // A name like that of a base image's own file is chance.
    best(files.map(|(path, entry)| (&**path, !entry.from.is_of_image())), path)
}

/// The same for the files of a project.
pub(crate) fn in_project(project: &Project, path: &str) -> Vec<String> {
    best(project.paths_below("").map(|path| (path, true)), path)
}

/// Whether two names differ in their case or by a slip of the fingers alone.
pub(crate) fn is_near(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.len() >= 8 && is_typo(a, b)
}

/// `paths` come with whether a misspelt name counts.
fn best<'p>(paths: impl Iterator<Item = (&'p str, bool)>, wanted: &str) -> Vec<String> {
    let wanted = wanted.trim_end_matches('/');
    let name = wanted.rsplit('/').next().unwrap_or_default();
    if name.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, usize, &str)> = Vec::new();
    for (path, typos) in paths.filter(|(path, _)| *path != wanted) {
        let other = path.rsplit('/').next().unwrap_or_default();
        let rank = if other == name {
            0
        } else if other.eq_ignore_ascii_case(name) {
            1
        } else if typos && name.len() >= 4 && is_typo(name, other) {
            2
        } else {
            continue;
        };
        found.push((rank, shared(path, wanted), path));
    }
    lists::sort_by(&mut found, |a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
    found.into_iter().take(MAXIMUM).map(|(_, _, path)| path.to_owned()).collect_vec()
}

/// How many leading characters two paths share.
fn shared(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// Whether two names differ by one inserted, dropped, changed or swapped letter, or lack an extension.
fn is_typo(a: &str, b: &str) -> bool {
    let stem = |name: &str| name.split_once('.').map_or(name.to_owned(), |(stem, _)| stem.to_owned());
    if a != b && (stem(a) == b || stem(b) == a) {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect_vec(), b.chars().collect_vec());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left_a, left_b) = (a.len() - start - end, b.len() - start - end);
    let swapped = left_a == 2 && left_b == 2 && a[start] == b[start + 1] && a[start + 1] == b[start];
    left_a <= 1 && left_b <= 1 || swapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_ranked() {
        let paths = ["/out/server", "/bin/Server", "/srv/sever", "/usr/local/bin/server", "/bin/other"];
        let check = |wanted: &str, expected: &[&str]| {
            assert_eq!(best(paths.into_iter().map(|path| (path, true)), wanted), expected, "{wanted}");
        };
        check("/usr/bin/server", &["/usr/local/bin/server", "/out/server", "/bin/Server"]);
        check("/srvr", &[]);
        check("/a/othre", &["/bin/other"]);
    }
}
