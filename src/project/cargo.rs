//! `Cargo.toml`, `Cargo.lock` and `.cargo/config.toml`: the lines that decide where programs land and what they link.
//!
//! Only the part of TOML that these files use for those lines is read: tables, strings, and arrays of strings.

use super::{Project, clean};
use crate::lists::Collect;

/// What a `Cargo.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `package.name`
    pub package: Option<String>,
    /// The names of the `[[bin]]` tables.
    pub programs: Vec<String>,
    /// `workspace.members`, patterns included; `None` when there is no workspace.
    pub members: Option<Vec<String>>,
    /// `package.autobins = false`
    pub no_auto_programs: bool,
}

/// A string or an array of strings, with the table it stands in: (`build`, `target`, [`x86_64-unknown-linux-musl`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub table: String,
    pub key: String,
    pub values: Vec<String>,
}

/// Every string and array of strings of a TOML file, in order; anything else is skipped.
#[must_use]
pub fn settings(text: &str) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut table = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.starts_with('[') {
            table = line.trim_matches(['[', ']', ' ']).replace(['"', '\''], "");
            // A table of an array starts anew each time it is named.
            if line.starts_with("[[") {
                found.push(Setting { table: table.clone(), key: String::new(), values: Vec::new() });
            }
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            let mut value = value.trim().to_owned();
            while value.starts_with('[') && !value.contains(']') {
                let Some(next) = lines.next() else { break };
                value.push_str(next.split('#').next().unwrap_or_default());
            }
            let key = key.trim().trim_matches(['"', '\'']).to_owned();
            found.push(Setting { table: table.clone(), key, values: strings(&value) });
        }
    }
    found
}

/// The quoted strings of a value; a bare word counts as one.
fn strings(value: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut rest = value;
    while let Some(open) = rest.find(['"', '\'']) {
        let quote = &rest[open..=open];
        let Some((string, after)) = rest[open + 1..].split_once(quote) else { break };
        strings.push(string.to_owned());
        rest = after;
    }
    let bare = value.split('#').next().unwrap_or_default().trim();
    if strings.is_empty() && !bare.is_empty() && !bare.starts_with(['[', '{']) {
        strings.push(bare.to_owned());
    }
    strings
}

/// Reads a `Cargo.toml`.
#[must_use]
pub fn manifest(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    for Setting { table, key, values } in settings(text) {
        match (table.as_str(), key.as_str()) {
            ("package", "name") => manifest.package = values.into_iter().next(),
            ("package", "autobins") => manifest.no_auto_programs = values == ["false"],
            ("bin", "name") => manifest.programs.extend(values),
            ("workspace", key) => {
                let members = manifest.members.get_or_insert_default();
                if key == "members" {
                    members.extend(values);
                }
            }
            _ => {}
        }
    }
    manifest
}

/// The names of the packages that a `Cargo.lock` lists.
#[must_use]
pub fn locked(text: &str) -> Vec<String> {
    let settings = settings(text).into_iter();
    settings
        .filter(|s| s.table == "package" && s.key == "name")
        .filter_map(|s| s.values.into_iter().next())
        .collect_vec()
}

/// The programs of the package in a directory of the context; `None` when its manifest was not dropped.
///
/// Cargo's own rules (`cargo help build`, "Cargo Targets" of the Cargo book): `src/main.rs` is called like the package,
/// `src/bin/x.rs` and `src/bin/x/main.rs` are called `x`.
#[must_use]
pub fn programs(project: &Project, directory: &str) -> Option<Vec<String>> {
    let manifest = manifest(&project.text(&clean(&format!("{directory}/Cargo.toml")))?);
    let mut programs = own_programs(project, directory, &manifest);
    // A member is no workspace itself, so one step is all there is.
    for member in members(project, directory, manifest.members.as_deref().unwrap_or_default()) {
        let text = project.text(&format!("{member}/Cargo.toml")).unwrap_or_default();
        programs.extend(own_programs(project, &member, &self::manifest(&text)));
    }
    Some(programs)
}

fn own_programs(project: &Project, directory: &str, manifest: &Manifest) -> Vec<String> {
    let at = |path: &str| clean(&format!("{directory}/{path}"));
    let mut programs = manifest.programs.clone();
    let mut add = |name: &str| {
        if !programs.iter().any(|known| known == name) {
            programs.push(name.to_owned());
        }
    };
    if let Some(package) = manifest.package.as_deref().filter(|_| !manifest.no_auto_programs) {
        let has_main = project.file(&at("src/main.rs")).is_some();
        // Where the sources were not dropped, a package without other programs is taken for one.
        if has_main || (!project.has_directory(&at("src")) && manifest.programs.is_empty()) {
            add(package);
        }
        for path in project.paths_below(&at("src/bin")) {
            let rest = &path[at("src/bin").len() + 1..];
            match rest.split_once('/') {
                None => rest.strip_suffix(".rs").into_iter().for_each(&mut add),
                Some((name, "main.rs")) => add(name),
                Some(_) => {}
            }
        }
    }
    programs
}

/// The directories that a workspace's patterns name.
fn members(project: &Project, directory: &str, patterns: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for pattern in patterns {
        let pattern = clean(&format!("{directory}/{pattern}"));
        let Some((before, after)) = pattern.split_once('*') else {
            // A workspace that names itself would be read for ever.
            found.extend(Some(pattern).filter(|member| *member != clean(directory)));
            continue;
        };
        let root = before.rsplit_once('/').map_or("", |(root, _)| root);
        for path in project.paths_below(root) {
            if let Some(member) = path.strip_suffix("/Cargo.toml")
                && member.starts_with(before)
                && member.ends_with(after)
                && !member[before.len()..].contains('/')
            {
                found.push(member.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;

    #[test]
    fn programs_are_found_as_cargo_finds_them() {
        let inputs = [
            ("Cargo.toml", "[package]\nname = \"shop\" # the shop\n\n[[bin]]\nname = 'admin'\n[workspace]\nmembers = [\n \"crates/*\", # all\n \"tool\",\n]\n"),
            ("src/main.rs", ""),
            ("src/bin/once.rs", ""),
            ("src/bin/more/main.rs", ""),
            ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n"),
            ("crates/a/src/lib.rs", ""),
            ("crates/b/Cargo.toml", "[package]\nname = \"b\"\n"),
            ("tool/Cargo.toml", "[package]\nname=\"tool\"\nautobins = false\n"),
        ]
        .map(|(path, text)| Input::new(path, text));
        let project = Project::new(&inputs, "", true);
        assert_eq!(programs(&project, "").unwrap(), ["admin", "shop", "more", "once", "b"]);
        assert_eq!(programs(&project, "nowhere"), None);
    }

    #[test]
    fn a_lock_file_names_its_packages() {
        let text =
            "version = 3\n\n[[package]]\nname = \"openssl-sys\"\nversion = \"0.9\"\ndependencies = [\n \"cc\",\n]\n";
        assert_eq!(locked(text), ["openssl-sys"]);
    }

    #[test]
    fn settings_know_their_table() {
        let text = "[target.x86_64-unknown-linux-gnu]\nrustflags = [\"-C\", \"target-feature=+crt-static\"]\n";
        let setting = &settings(text)[0];
        assert_eq!((setting.table.as_str(), setting.values.len()), ("target.x86_64-unknown-linux-gnu", 2));
    }
}
