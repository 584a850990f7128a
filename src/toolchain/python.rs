//! Python: `pip`, `venv`, `uv` and `poetry`, to the environments that they fill.
//!
//! A console script starts with the path of the interpreter that installed it, a virtual environment links to the
//! interpreter that made it, and compiled modules are bound to a libc and a version of Python: all three break when an
//! environment is copied to where those are not.

use crate::lists::Collect;
use std::sync::Arc;

use super::arguments::{Arguments, absolute, home, program};
use super::modules::{Asked, Manifest, Native, installed};
use super::{Invocation, Outcome, Part, Place, Product, Toolchain, Word, requirements, uv};
use crate::fact::{Fact, Provenance};
use crate::needs::{Language, Needs, ScriptNeeds, Shebang};
use crate::tree::{Lookup, Node, normalize};

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Python, recognise, run };

fn recognise(words: &[Word]) -> bool {
    action(words).is_some()
}

/// What a command does to an environment.
enum Action<'w> {
    /// Makes a virtual environment.
    Create(Arguments<'w>),
    /// Installs packages.
    Install(Arguments<'w>),
    /// Puts archives of packages into a directory, to be installed from there.
    Wheel(Arguments<'w>),
    /// Installs into the project's own environment, `.venv`.
    Sync(Arguments<'w>),
    /// Sets where environments are made (`poetry config virtualenvs.in-project true`).
    Configure(Arguments<'w>),
    /// Installs an interpreter (`uv python install`).
    Interpreter(Arguments<'w>),
}

fn action(words: &[Word]) -> Option<Action<'_>> {
    let name = program(words);
    let arguments = Arguments::of(words);
    let versioned = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    if versioned("pip") {
        let (subcommand, rest) = arguments.subcommand()?;
        return match subcommand.as_str() {
            "install" => Some(Action::Install(rest)),
            "wheel" => Some(Action::Wheel(rest)),
            _ => None,
        };
    }
    if versioned("python") {
        let module = arguments.value(&["-m"])?.pattern();
        let at = words.iter().position(|word| word.pattern() == module)?;
        let rest = Arguments::of(&words[at..]);
        return match module.as_str() {
            "venv" | "virtualenv" => Some(Action::Create(rest)),
            "pip" => action(&words[at..]),
            _ => None,
        };
    }
    match (name.as_str(), arguments.subcommand()) {
        ("virtualenv", _) => Some(Action::Create(arguments)),
        ("uv", Some((subcommand, rest))) => match subcommand.as_str() {
            "venv" => Some(Action::Create(rest)),
            "sync" => Some(Action::Sync(rest)),
            "python" => {
                rest.subcommand().filter(|(name, _)| name == "install").map(|(_, rest)| Action::Interpreter(rest))
            }
            "pip" => rest.subcommand().filter(|(name, _)| name == "install").map(|(_, rest)| Action::Install(rest)),
            _ => None,
        },
        ("poetry", Some((subcommand, rest))) if subcommand == "config" => Some(Action::Configure(rest)),
        ("poetry" | "pdm" | "pipenv", Some((subcommand, rest)))
            if matches!(subcommand.as_str(), "install" | "sync") =>
        {
            Some(Action::Sync(rest))
        }
        _ => None,
    }
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let own = Interpreter::of(invocation);
    match action(invocation.words) {
        Some(Action::Create(arguments)) => {
            let operand = arguments.operands(&["--prompt", "-p", "--python"]).last().copied().cloned();
            // `uv venv` without a name makes `.venv`.
            let Some(path) = absolute(invocation, &operand.unwrap_or_else(|| Word::new(".venv"))) else {
                return Outcome::default();
            };
            if program(invocation.words) != "uv" {
                return create(&path, own.as_ref());
            }
            let Some((interpreter, products)) = uv::choose(invocation, &arguments, own) else {
                return Outcome::default();
            };
            Outcome { products, ..create(&path, Some(&interpreter)) }
        }
        Some(Action::Install(arguments)) => install(invocation, &arguments, own),
        Some(Action::Wheel(arguments)) => wheels(invocation, &arguments, own),
        Some(Action::Sync(arguments)) => sync(invocation, &arguments, own),
        Some(Action::Configure(arguments)) => configure(invocation, &arguments),
        Some(Action::Interpreter(arguments)) => uv::install(invocation, &arguments),
        None => Outcome::default(),
    }
}

/// An interpreter and where its packages go.
#[derive(Clone)]
pub(super) struct Interpreter {
    /// The folder above `bin`: `/usr/local`, or a virtual environment's.
    pub(super) prefix: String,
    /// The path that scripts name: `/usr/local/bin/python3.12`.
    pub(super) path: String,
    /// The path that a virtual environment links to: `/usr/local/bin/python3`, whichever environment is active.
    pub(super) base: String,
    /// `3.12`
    pub(super) version: Option<Fact<String>>,
    /// The prefix is a virtual environment.
    pub(super) virtual_environment: bool,
}

impl Interpreter {
    /// The first `python3` in PATH, or beside the command when that has a path.
    fn of(invocation: &Invocation<'_>) -> Option<Self> {
        let tree = invocation.builder.tree;
        let command = invocation.words.first()?.known()?.into_owned();
        let beside = command.rsplit_once('/').and_then(|(directory, _)| {
            Some(if directory.starts_with('/') {
                directory.to_owned()
            } else {
                normalize(invocation.directory?, directory)
            })
        });
        let path = invocation.environment.get("PATH").and_then(|path| path.value().cloned()).unwrap_or_default();
        let directories = beside.into_iter().chain(path.split(':').map(str::to_owned));
        for directory in directories {
            let place = format!("{directory}/python3");
            // The link itself is what tells a virtual environment.
            let linked = matches!(tree.entry(&place).map(|entry| &entry.node), Some(Node::Link(_)));
            if !linked && !matches!(tree.lookup(&place), Lookup::Found { .. }) {
                continue;
            }
            let prefix = directory.strip_suffix("/bin")?.to_owned();
            let virtual_environment = !matches!(prefix.as_str(), "/usr" | "/usr/local" | "");
            let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::Python);
            let version = tool.map(|tool| {
                let version = tool.value.version.splitn(3, '.').take(2).collect_vec().join(".");
                Fact::new(version, tool.from.clone())
            });
            let version = version.filter(|version| version.value.contains('.'));
            // An environment that is made from within another links to what that one was made from.
            let base = match tree.entry(&format!("{directory}/python")).map(|entry| &entry.node) {
                Some(Node::Link(target)) if virtual_environment && target.starts_with('/') => target.to_string(),
                _ => place,
            };
            let path = match &version {
                Some(version) if !virtual_environment => format!("{directory}/python{}", version.value),
                _ => format!("{directory}/python3"),
            };
            return Some(Self { prefix, path, base, version, virtual_environment });
        }
        None
    }
}

/// The links of a virtual environment: `bin/python` is a link to the interpreter that made it, the others to that.
fn create(path: &str, own: Option<&Interpreter>) -> Outcome {
    // An environment that is there already keeps the interpreter that made it.
    let Some(own) = own.filter(|own| own.prefix != path) else { return Outcome::default() };
    let mut links =
        vec![(format!("{path}/bin/python"), own.base.clone()), (format!("{path}/bin/python3"), "python".to_owned())];
    if let Some(version) = &own.version {
        links.push((format!("{path}/bin/python{}", version.value), "python".to_owned()));
    }
    Outcome { links, ..Outcome::default() }
}

fn install(invocation: &Invocation<'_>, arguments: &Arguments<'_>, own: Option<Interpreter>) -> Outcome {
    let folder = |names: &[&str]| arguments.value(names).and_then(|word| absolute(invocation, &word));
    if let Some(target) = folder(&["-t", "--target"]) {
        return Outcome { modules: vec![(target, modules(invocation, own.as_ref()))], ..Outcome::default() };
    }
    let Some(own) = own else { return Outcome::default() };
    let prefix = match folder(&["--prefix", "--root"]) {
        Some(prefix) => prefix,
        None if arguments.has(&["--user"]) => {
            format!("{}/.local", home(invocation))
        }
        None => own.prefix.clone(),
    };
    fill(invocation, &prefix, &own)
}

/// `pip wheel -w /wheels x`: archives of what is compiled here.
fn wheels(invocation: &Invocation<'_>, arguments: &Arguments<'_>, own: Option<Interpreter>) -> Outcome {
    let asked = arguments.value(&["-w", "--wheel-dir"]).unwrap_or_else(|| Word::new("."));
    let Some(directory) = absolute(invocation, &asked) else { return Outcome::default() };
    let mut native = native(invocation);
    native.packed = true;
    let modules = installed(invocation, Language::Python, own.and_then(|own| own.version), native);
    Outcome { modules: vec![(directory, modules)], ..Outcome::default() }
}

/// Poetry reads a setting from its file or from a variable of the same meaning.
fn configure(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Outcome {
    let words: Vec<String> = arguments.patterns().filter(|word| !word.starts_with('-')).collect_vec();
    let [name, value] = words.as_slice() else { return Outcome::default() };
    let variable = match name.as_str() {
        "virtualenvs.in-project" => "POETRY_VIRTUALENVS_IN_PROJECT",
        "virtualenvs.create" => "POETRY_VIRTUALENVS_CREATE",
        _ => return Outcome::default(),
    };
    let value = Fact::new(value.to_ascii_lowercase(), Provenance::Read(invocation.at.clone()));
    Outcome { stores: vec![(variable.to_owned(), value.into())], ..Outcome::default() }
}

/// `uv sync`, `poetry install`: the environment of the project, made when it is not there.
fn sync(invocation: &Invocation<'_>, arguments: &Arguments<'_>, own: Option<Interpreter>) -> Outcome {
    let uv = program(invocation.words) == "uv";
    let chosen = match uv {
        true => uv::choose(invocation, arguments, own),
        false => own.map(|own| (own, Vec::new())),
    };
    let Some((own, downloaded)) = chosen else { return Outcome::default() };
    let variable = |name: &str| invocation.environment.get(name).and_then(|value| value.value().cloned());
    let in_project = |name: &str| variable(name).is_some_and(|value| matches!(value.as_str(), "1" | "true"));
    if program(invocation.words) == "pipenv" && arguments.has(&["--system"]) {
        return fill(invocation, &own.prefix, &own);
    }
    let path = if uv && !arguments.has(&["--active", "--system"]) {
        let environment = variable("UV_PROJECT_ENVIRONMENT").unwrap_or_else(|| ".venv".into());
        invocation.directory.map(|directory| normalize(directory, &environment))
    } else if in_project("POETRY_VIRTUALENVS_IN_PROJECT") || in_project("PIPENV_VENV_IN_PROJECT") {
        invocation.directory.map(|directory| normalize(directory, ".venv"))
    } else if own.virtual_environment || variable("POETRY_VIRTUALENVS_CREATE").is_some_and(|v| v == "false" || v == "0")
    {
        return fill(invocation, &own.prefix, &own);
    } else {
        None
    };
    let Some(path) = path else { return Outcome::default() };
    let is_there = uv && uv::is_there(invocation, &path);
    let mut outcome = if is_there { Outcome::default() } else { create(&path, Some(&own)) };
    let environment = Interpreter {
        path: format!("{path}/bin/python"),
        base: own.base,
        prefix: path.clone(),
        virtual_environment: true,
        version: own.version,
    };
    let filled = fill(invocation, &path, &environment);
    outcome.products = downloaded;
    outcome.products.extend(filled.products);
    outcome.modules = filled.modules;
    outcome
}

/// Console scripts and packages below a prefix.
fn fill(invocation: &Invocation<'_>, prefix: &str, own: &Interpreter) -> Outcome {
    let shebang = Shebang { interpreter: own.path.clone(), argument: None };
    let script = ScriptNeeds {
        shebang: Fact::new(Some(shebang), Provenance::Read(invocation.at.clone())),
        preceded_by: None,
        text: None,
    };
    let place = Place::Below { directory: format!("{prefix}/bin"), likely: None };
    let products = vec![Product { place, needs: Needs::Script(script), mode: 0o755 }];
    let version = own.version.as_ref().map(|version| version.value.as_str()).unwrap_or("3");
    let packages = format!("{prefix}/lib/python{version}/site-packages");
    Outcome { products, modules: vec![(packages, modules(invocation, Some(own)))], ..Outcome::default() }
}

/// Packages that mostly bring compiled code without a pure form beside it.
const NATIVE: &[&str] = &[
    "asyncpg",
    "bcrypt",
    "cffi",
    "cryptography",
    "cx-oracle",
    "gevent",
    "greenlet",
    "grpcio",
    "h5py",
    "httptools",
    "lxml",
    "mysqlclient",
    "numba",
    "numpy",
    "onnxruntime",
    "opencv-python",
    "opencv-python-headless",
    "orjson",
    "pandas",
    "pillow",
    "polars",
    "psycopg2",
    "psycopg2-binary",
    "pyarrow",
    "pycryptodome",
    "pydantic-core",
    "pymssql",
    "pynacl",
    "python-ldap",
    "rpds-py",
    "ruamel-yaml-clib",
    "scikit-learn",
    "scipy",
    "tensorflow",
    "tokenizers",
    "torch",
    "ujson",
    "uvloop",
    "uwsgi",
    "watchfiles",
    "xmlsec",
];

/// Servers that are started by name, with packages that bring each (the projects' own lists of what they need).
const PROGRAMS: [(&str, &[&str]); 6] = [
    ("celery", &["celery", "django-celery-beat", "django-celery-results", "flower"]),
    ("daphne", &["daphne"]),
    ("gunicorn", &["apache-airflow", "apache-superset", "gunicorn", "litellm-proxy", "mlflow", "uvicorn-worker"]),
    ("hypercorn", &["hypercorn", "quart"]),
    ("streamlit", &["streamlit"]),
    (
        "uvicorn",
        &[
            "chromadb",
            "fastapi-all",
            "fastapi-cli",
            "fastapi-standard",
            "gradio",
            "litellm-proxy",
            "mcp",
            "prefect",
            "uvicorn",
        ],
    ),
];

fn modules(invocation: &Invocation<'_>, own: Option<&Interpreter>) -> Arc<crate::needs::Modules> {
    installed(invocation, Language::Python, own.and_then(|own| own.version.clone()), native(invocation))
}

/// The packages that a command installs.
fn native(invocation: &Invocation<'_>) -> Native {
    let arguments = match action(invocation.words) {
        Some(Action::Install(arguments) | Action::Wheel(arguments) | Action::Sync(arguments)) => arguments,
        _ => return Native::default(),
    };
    // pip reads the brackets of an extra that no file fits.
    let written = |word: &Word| {
        let part = |part: &Part| match part {
            Part::Text(text) | Part::Glob(text) => Some(text.clone()),
            Part::Unknown(_) => None,
        };
        word.parts.iter().map(part).collect::<Option<String>>()
    };
    let words: Vec<String> = arguments.operands(&VALUED).into_iter().filter_map(written).collect_vec();
    let (places, names): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.contains('/') || word.starts_with('.'));
    let file = arguments.value(&["-r", "--requirement"]).map(|word| word.pattern());
    let project: Manifest<'_> = ("pyproject.toml", requirements::project);
    let manifests: Vec<Manifest<'_>> = match program(invocation.words).as_str() {
        "poetry" => vec![("poetry.lock", requirements::locked), project],
        "pipenv" => vec![("Pipfile.lock", requirements::pipfile_lock), ("Pipfile", requirements::project)],
        "pdm" => vec![("pdm.lock", requirements::locked), project],
        "uv" if matches!(action(invocation.words), Some(Action::Sync(_))) => {
            vec![("uv.lock", requirements::locked), project]
        }
        _ => match &file {
            Some(file) => vec![(file.as_str(), requirements::lines)],
            None if places.iter().any(|place| place.starts_with('.')) => vec![project],
            None => Vec::new(),
        },
    };
    // Archives and folders of their own may bring anything.
    let is_open =
        !places.is_empty() || arguments.has(&["-e", "--editable", "-f", "--find-links", "--group", "--extra"]);
    // `--no-binary :all:`, or the packages that are named.
    let no_binary = arguments.value(&["--no-binary"]).map(|word| word.pattern()).unwrap_or_default();
    let compiles = |name: &str| no_binary.split(',').any(|one| one == ":all:" || one == name);
    let asked = Asked {
        language: Language::Python,
        native: NATIVE,
        words: names.iter().flat_map(|word| requirements::lines(word)).collect_vec(),
        directory: invocation.directory,
        manifests: &manifests,
        compiles: &compiles,
        programs: if is_open { &[] } else { &PROGRAMS },
    };
    let mut native = Native::read(invocation, asked);
    let links = arguments.value(&["-f", "--find-links"]).and_then(|word| word.known().map(Into::into));
    for place in places.into_iter().cloned().chain(links) {
        let directory =
            place.rsplit_once('/').filter(|(_, name)| name.contains(['*', '.'])).map_or(&*place, |(at, _)| at);
        if let Some(directory) = absolute(invocation, &Word::new(directory)) {
            native.unpack(invocation, &directory);
        }
    }
    native
}

/// pip's options that take the next word as their value.
const VALUED: [&str; 26] = [
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-t",
    "--target",
    "--prefix",
    "--root",
    "-f",
    "--find-links",
    "--python",
    "-p",
    "-e",
    "--editable",
    "--trusted-host",
    "-w",
    "--wheel-dir",
    "--no-binary",
    "--only-binary",
    "--timeout",
    "--retries",
    "--cache-dir",
    "--group",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_packages_stand_once_in_order() {
        assert!(NATIVE.is_sorted_by(|a, b| a < b));
    }
}
