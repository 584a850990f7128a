//! Packages that surely do not bring a library, though their content is not recorded.

use crate::lists::{self, Collect};
use std::sync::OnceLock;

use super::Manager;
use crate::image::catalog::Table;

const TABLE: Table = Table(include_str!("../catalog/brings.tsv"));

/// The row of all packages that were looked at.
const ALL: &str = "*";

/// The libraries of which the table tells.
pub(super) fn libraries() -> impl Iterator<Item = &'static str> {
    TABLE.rows().filter(|[of]| *of != ALL).flat_map(|[of]| of.split(' '))
}

/// Whether a package, with all that comes along with it, brings a library in no release.
pub(super) fn lacks(manager: Manager, package: &str, library: &str) -> bool {
    let column = match manager {
        Manager::Apt => 1,
        Manager::Apk => 2,
        _ => return false,
    };
    let names = |row: [&'static str; 3]| row[column].split(' ');
    let Some(row) = TABLE.rows().find(|[of, ..]: &[&str; 3]| of.split(' ').any(|one| one == library)) else {
        return false;
    };
    known(column).binary_search(&package).is_ok() && !names(row).any(|name| name == package)
}

/// The packages of which the table tells, by the column of their manager.
fn known(column: usize) -> &'static [&'static str] {
    static KNOWN: OnceLock<[Vec<&'static str>; 3]> = OnceLock::new();
    let of = |row: [&'static str; 3]| row.map(sorted);
    &KNOWN.get_or_init(|| TABLE.rows().find(|row: &[&str; 3]| row[0] == ALL).map(of).unwrap_or_default())[column]
}

fn sorted(names: &'static str) -> Vec<&'static str> {
    let mut names = names.split(' ').collect_vec();
    lists::sort(&mut names);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_lack_what_they_do_not_bring() {
        for (manager, package, library, expected) in [
            (Manager::Apt, "libsm6", "libGL.so.1", true),
            (Manager::Apt, "libgl1", "libGL.so.1", false),
            (Manager::Apt, "libgl1-mesa-glx", "libGL.so.1", false),
            (Manager::Apt, "libpq-dev", "libpq.so.5", false),
            (Manager::Apt, "git", "libpq.so.5", true),
            (Manager::Apt, "a-package-of-ours", "libpq.so.5", false),
            (Manager::Apt, "git", "libssl.so.3", false),
            (Manager::Apk, "mariadb-client", "libmariadb.so.3", true),
            (Manager::Apk, "mariadb-dev", "libmariadb.so.3", false),
            (Manager::Apk, "libsm6", "libGL.so.1", false),
            (Manager::Dnf, "git", "libpq.so.5", false),
        ] {
            assert_eq!(lacks(manager, package, library), expected, "{package} {library}");
        }
    }

    #[test]
    fn rows_name_known_packages_in_order() {
        for row in TABLE.rows::<3>() {
            for column in [1, 2] {
                let names: Vec<&str> = row[column].split(' ').filter(|name| !name.is_empty()).collect();
                assert!(names.is_sorted_by(|a, b| a < b), "{}", row[0]);
                assert!(names.iter().all(|name| known(column).contains(name)), "{}", row[0]);
            }
        }
    }
}
