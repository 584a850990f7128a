//! What Python's manifests and lock files ask for: `requirements.txt`, `pyproject.toml`, `Pipfile`, and the lock files of
//! Poetry, PDM, uv and Pipenv.

use super::modules::Package;
use crate::lists::Collect;
use crate::project::package;

/// The lines of a `requirements.txt`; an extra counts as the package that projects name so (`psycopg[binary]`).
pub(super) fn lines(text: &str) -> Vec<Package> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '-']));
    lines.flat_map(requirement).collect_vec()
}

/// One requirement: `Name[extra] >=1.2,<2; marker # comment`.
fn requirement(line: &str) -> Vec<Package> {
    let line = line.split([';', '#']).next().unwrap_or_default();
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.is_empty() {
        return Vec::new();
    }
    let (extras, bounds) = match rest.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((extras, bounds)) => (extras, bounds),
        None => ("", rest),
    };
    let name = normal(name);
    let version = version(bounds);
    let extras = extras.split(',').map(|extra| extra.trim()).filter(|extra| !extra.is_empty());
    let extras: Vec<Package> =
        extras.map(|extra| Package::new(format!("{name}-{}", normal(extra)), version.clone())).collect_vec();
    std::iter::once(Package::new(name, version)).chain(extras).collect_vec()
}

/// A name in the spelling that the index compares (PEP 503).
fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// The start of the version that bounds leave: `==4.2.0` as it is, of `~=4.2`, `^4.2` and `<5` a version 4; empty for the
/// newest (PEP 440, Poetry's "Dependency specification").
fn version(bounds: &str) -> String {
    let bounds = bounds.trim().trim_matches(['(', ')']);
    let parts = || bounds.split(',').map(str::trim);
    let behind = |operator: &str| parts().find_map(|part| part.strip_prefix(operator)).map(str::trim);
    let numbers = |text: &str| -> Vec<u32> { text.split('.').map_while(|part| part.trim().parse().ok()).collect_vec() };
    let joined = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect_vec().join(".");
    if let Some(exact) = behind("===").or_else(|| behind("==")) {
        return exact.trim_end_matches(".*").to_owned();
    }
    if let Some(caret) = behind("^") {
        return joined(&numbers(caret)[..numbers(caret).len().min(1)]);
    }
    if let Some(least) = behind("~=").or_else(|| behind("~")) {
        let least = numbers(least);
        return joined(&least[..least.len().saturating_sub(1)]);
    }
    if let Some(last) = behind("<=") {
        return last.to_owned();
    }
    if let Some(end) = behind("<") {
        let mut end = numbers(end);
        while end.last() == Some(&0) {
            end.pop();
        }
        if let Some(last) = end.last_mut() {
            *last -= 1;
        }
        return joined(&end);
    }
    if bounds.starts_with(|c: char| c.is_ascii_digit()) { bounds.to_owned() } else { String::new() }
}

/// The packages of a lock file in TOML: each table `[[package]]` with a `name` and a `version`.
pub(super) fn locked(text: &str) -> Vec<Package> {
    let value = |block: &str, key: &str| {
        let mut lines = block.lines().take_while(|line| !line.starts_with('['));
        lines.find_map(|line| {
            Some(line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().trim_matches('"').to_owned())
        })
    };
    let package =
        |block: &str| Some(Package::new(normal(&value(block, "name")?), value(block, "version").unwrap_or_default()));
    text.split("[[package]]").skip(1).filter_map(package).collect_vec()
}

/// `default` of a `Pipfile.lock`.
pub(super) fn pipfile_lock(text: &str) -> Vec<Package> {
    package::entries(text, "default").into_iter().map(|(name, _)| Package::new(normal(&name), "")).collect_vec()
}

/// The packages of a `Pipfile` or a `pyproject.toml`: the keys of a table of packages, and the list of the project's own.
pub(super) fn project(text: &str) -> Vec<Package> {
    let mut packages = Vec::new();
    let mut table = "";
    let mut in_list = false;
    for line in text.lines().map(str::trim) {
        if !in_list && line.starts_with('[') {
            table = line.trim_matches(['[', ']']);
            continue;
        }
        let list = match line.strip_prefix("dependencies") {
            Some(rest) if table == "project" && !in_list => rest.trim_start().strip_prefix('='),
            _ => in_list.then_some(line),
        };
        if let Some(list) = list {
            packages.extend(list.split(['"', '\'']).skip(1).step_by(2).flat_map(requirement));
            // A bracket behind the last quote ends the list; one of an extra stands inside quotes.
            in_list = !list.rsplit(['"', '\'']).next().unwrap_or_default().contains(']');
        } else if matches!(table, "packages" | "tool.poetry.dependencies")
            && let Some((name, value)) = line.split_once('=')
        {
            let name = normal(name.trim().trim_matches('"'));
            let quoted = value.split('"').nth(1).unwrap_or_default();
            let extras = value.split_once("extras").and_then(|(_, rest)| rest.split('"').nth(1));
            let bounds = if value.contains("extras") { "" } else { quoted };
            packages.extend(extras.map(|extra| Package::new(format!("{name}-{}", normal(extra)), "")));
            packages.push(Package::new(name, version(bounds)));
        }
    }
    packages.retain(|package| !package.name.is_empty() && package.name != "python");
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(packages: Vec<Package>) -> String {
        let one = |package: &Package| format!("{}@{}", package.name, package.version);
        packages.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn manifests_name_packages() {
        for (read, text, expected) in [
            (
                lines as fn(&str) -> Vec<Package>,
                "# x\nNumPy>=1\nruamel.yaml_clib==1.2 ; x\n-r y\npsycopg[binary,pool]~=3.1.2\nx==4.*\n",
                "numpy@ ruamel-yaml-clib@1.2 psycopg@3.1 psycopg-binary@3.1 psycopg-pool@3.1 x@4",
            ),
            (lines, "a<5\nb<4.3,>=4\nc<4.0\nd <= 2.8 # y\ne @ https://x/y.whl\n", "a@4 b@4.2 c@3 d@2.8 e@"),
            (
                locked,
                "[[package]]\nname = \"Psycopg2\"\nversion = \"2.9.9\"\n[package.extras]\nname = \"x\"\n[[package]]\nname=\"b\"\n",
                "psycopg2@2.9.9 b@",
            ),
            (pipfile_lock, r#"{"default": {"Pillow": {"version": "==1"}}, "develop": {"x": {}}}"#, "pillow@"),
            (
                project,
                "[project]\ndependencies = [\n  \"a[b]>=1\", # c\n  'd==2',\n]\nname = \"x\"\n[tool.x]\ny = \"1\"\n",
                "a@ a-b@ d@2",
            ),
            (project, "[project]\ndependencies = [\"a\", \"b\"]\nx = 1\n", "a@ b@"),
            (
                project,
                "[tool.poetry.dependencies]\npython = \"^3\"\nopencv-python = \"^4.5\"\npsycopg = {extras = [\"binary\"], version = \"*\"}\n",
                "opencv-python@4 psycopg-binary@ psycopg@",
            ),
            (project, "[packages]\nnumpy = \"*\"\n[dev-packages]\nx = \"*\"\n", "numpy@"),
            (project, "[project]\ndependencies = [\n\"a", "a@"),
            (locked, "[[package]]", ""),
        ] {
            assert_eq!(told(read(text)), expected, "{text}");
        }
    }
}
