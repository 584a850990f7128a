//! The interpreters of uv: which Python a virtual environment of its making links to.
//!
//! uv takes an interpreter that it has installed itself, else one of the system that fits what is asked for, else it
//! downloads one (docs.astral.sh/uv, "Python versions").
//! Its own lie in the home directory of whoever builds, where a copied environment's link leads nowhere.

use super::arguments::{Arguments, absolute, home};
use super::native::Program;
use super::python::Interpreter;
use super::{Invocation, Outcome, Place, Product};
use crate::fact::{Fact, Knowledge, Provenance, Step};
use crate::image::LibcFamily;
use crate::needs::{Language, Linkage, Needs};
use crate::text;
use crate::tree::{Lookup, normalize};

/// Under this name an interpreter that uv installed is remembered; no variable has such a name.
const INSTALLED: &str = "python of uv";

/// What a version is not known as.
const ANY: &str = "…";

/// The interpreter for a new environment, and what is downloaded for it; `None` where nobody can say.
pub(super) fn choose(
    invocation: &Invocation<'_>,
    arguments: &Arguments<'_>,
    system: Option<Interpreter>,
) -> Option<(Interpreter, Vec<Product>)> {
    let asked = asked(invocation, arguments)?;
    if let Some(path) = asked.as_deref().filter(|asked| asked.starts_with('/')) {
        let system = system?;
        return Some((Interpreter { base: path.to_owned(), ..system }, Vec::new()));
    }
    let asked = asked.as_deref().and_then(version);
    let set = |name: &str| invocation.environment.get(name).and_then(|value| value.value().cloned());
    let preference = set("UV_PYTHON_PREFERENCE").unwrap_or_default();
    let only_system =
        preference == "only-system" || set("UV_NO_MANAGED_PYTHON").is_some() || arguments.has(&["--no-managed-python"]);
    let only_own = preference == "only-managed" || arguments.has(&["--managed-python"]);
    let installed = invocation.environment.stored.get(INSTALLED).and_then(Knowledge::value).cloned();
    if let (Some(version), false) = (installed, only_system || preference == "system") {
        let version = asked.or(Some(version).filter(|version| version != ANY));
        return Some((own(invocation, version.as_deref()), Vec::new()));
    }
    let fits = |system: &Interpreter| match (&asked, &system.version) {
        (Some(asked), Some(version)) => version.value == *asked,
        (Some(_), None) => false,
        (None, _) => true,
    };
    match system.filter(|_| !only_own).filter(fits) {
        Some(system) => Some((system, Vec::new())),
        None if only_system
            || set("UV_PYTHON_DOWNLOADS").is_some_and(|value| matches!(value.as_str(), "0" | "never" | "false")) =>
        {
            None
        }
        None => {
            let interpreter = own(invocation, asked.as_deref());
            let product = product(invocation, &interpreter);
            Some((interpreter, vec![product]))
        }
    }
}

/// `uv python install 3.12`
pub(super) fn install(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Outcome {
    let operands = arguments.operands(&["-i", "--install-dir", "--mirror"]);
    let known = operands.first().and_then(|word| word.known()).and_then(|word| version(&word));
    let version = known.or_else(|| asked(invocation, arguments).flatten().as_deref().and_then(self::version));
    let interpreter = own(invocation, version.as_deref());
    let product = product(invocation, &interpreter);
    let remembered = Fact::new(version.unwrap_or_else(|| ANY.to_owned()), Provenance::Read(invocation.at.clone()));
    Outcome { products: vec![product], stores: vec![(INSTALLED.to_owned(), remembered.into())], ..Outcome::default() }
}

/// The version or the path that the command, the environment or a file asks for; `None` where a part of it is not known.
fn asked(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Option<String>> {
    if let Some(word) = arguments.value(&["--python", "-p"]) {
        let known = word.known()?.into_owned();
        return Some(if known.contains('/') { absolute(invocation, &word) } else { Some(known) });
    }
    if let Some(set) = invocation.environment.get("UV_PYTHON") {
        return set.value().cloned().map(Some);
    }
    let pinned = || {
        let sources = invocation.sources?;
        let path = sources.context_path(&normalize(invocation.directory?, ".python-version"))?;
        sources.project.text(&path)?.lines().next().map(|line| line.trim().to_owned())
    };
    Some(pinned())
}

/// `3.12` of `3.12.4`, `python3.12` or `cpython@3.12`.
fn version(text: &str) -> Option<String> {
    let numbers = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = numbers.split(|c: char| !c.is_ascii_digit());
    let (major, minor) = (parts.next()?, parts.next()?);
    (!major.is_empty() && !minor.is_empty()).then(|| format!("{major}.{minor}"))
}

/// An interpreter of uv's own, where it keeps them.
fn own(invocation: &Invocation<'_>, version: Option<&str>) -> Interpreter {
    let set = invocation.environment.get("UV_PYTHON_INSTALL_DIR").and_then(|value| value.value().cloned());
    let directory = set.unwrap_or_else(|| format!("{}/.local/share/uv/python", home(invocation)));
    let is_musl = family(invocation) == Some(LibcFamily::Musl);
    let machine = match invocation.builder.platform.architecture.as_str() {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        other => other,
    };
    let shown = version.unwrap_or(ANY);
    let prefix = format!("{directory}/cpython-{shown}-linux-{machine}-{}", if is_musl { "musl" } else { "gnu" });
    let base = format!("{prefix}/bin/python{}", version.unwrap_or("3"));
    let version = version.map(|version| Fact::new(version.to_owned(), Provenance::Read(invocation.at.clone())));
    Interpreter { prefix, path: base.clone(), base, version, virtual_environment: false }
}

fn family(invocation: &Invocation<'_>) -> Option<LibcFamily> {
    invocation.builder.libc.value()?.as_ref().map(|libc| libc.family)
}

/// The downloaded interpreter, which is published for the builder's kind of libc.
fn product(invocation: &Invocation<'_>, interpreter: &Interpreter) -> Product {
    let claim = text! { en: "uv downloads this Python", ja: "この Python は uv がダウンロードします" };
    let from = Provenance::recorded("uv", "astral-sh/python-build-standalone, docs/running.rst", "");
    let program = Program::native(invocation, Language::Python, Linkage::Dynamic, vec![Step { claim, from }]);
    let place = Place::File(interpreter.base.clone());
    let needs = match (program, family(invocation)) {
        (Some(program), Some(LibcFamily::Glibc)) => program.prebuilt(LibcFamily::Glibc, invocation).needs(invocation),
        // For musl it was static first, and is dynamic now.
        _ => {
            let text = text! {
                en: "how the Python that uv downloads is linked is not known",
                ja: "uv がダウンロードする Python のリンク方法は分かりません",
            };
            let need = crate::fact::Need { text, settled_by: Vec::new(), at: Some(invocation.at.clone()) };
            Needs::Unknown(need.into())
        }
    };
    Product { place, needs, mode: 0o755 }
}

/// Whether an environment lies at a path already, which uv then keeps.
pub(super) fn is_there(invocation: &Invocation<'_>, path: &str) -> bool {
    let python = format!("{path}/bin/python");
    invocation.builder.tree.entry(&python).is_some()
        || matches!(invocation.builder.tree.lookup(&python), Lookup::Found { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_far_as_an_environment_is_bound_to_them() {
        for (text, expected) in [
            ("3.12", Some("3.12")),
            ("3.12.4", Some("3.12")),
            ("python3.13", Some("3.13")),
            ("cpython@3.11", Some("3.11")),
            ("3", None),
            ("pypy", None),
        ] {
            assert_eq!(version(text).as_deref(), expected, "{text}");
        }
    }
}
