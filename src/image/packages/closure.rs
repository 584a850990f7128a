//! What an installation brings in all: the packages that are named, and those that they need.

use crate::lists::{Collect, Set};

use super::table::{Family, Package};

/// Packages and all that they need.
pub(super) struct Closure {
    pub packages: Vec<Package>,
    /// Names that no row of the release has.
    pub unknown: Vec<String>,
}

impl Closure {
    pub(super) fn of(family: &Family, names: &[String], recommends: bool) -> Self {
        let mut found = Self { packages: Vec::new(), unknown: Vec::new() };
        let mut seen = Set::new();
        let mut next: Vec<String> = names.iter().rev().cloned().collect_vec();
        while let Some(name) = next.pop() {
            if !seen.add(&name) || family.is_base(&name) {
                continue;
            }
            let Some(package) = family.package(&name) else {
                if !is_data(&name) {
                    found.unknown.push(name);
                }
                continue;
            };
            let mut add = |names: &str| next.extend(names.split(' ').filter(|n| !n.is_empty()).map(str::to_owned));
            add(&package.needs);
            if recommends {
                add(&package.recommends);
            }
            found.packages.push(package);
        }
        found
    }
}

/// Fonts, manuals and what shells complete words by decide no start, whatever package brings them.
pub(super) fn is_data(name: &str) -> bool {
    ["fonts-", "font-", "ttf-"].iter().any(|front| name.starts_with(front))
        || ["-doc", "-lang", "-bash-completion", "-zsh-completion", "-fish-completion"]
            .iter()
            .any(|end| name.ends_with(end))
}
