//! What a runtime is given to run: the script of `node`, the archive of `java -jar`, the assembly of `dotnet`.
//!
//! The runtime starts, and then looks for that file; a container whose file is not there ends before anything of the
//! user's has run.

use super::lookup::Place;
use super::{Operand, Undoubled};
use crate::build::scripts::{lacking_script, package_script};
use crate::build::written::{self, Instead};
use crate::fact::Settler;
use crate::image::Image;
use crate::lists::Collect;
use crate::tree::{Content, Lookup, Node, normalize};
use crate::word::{UNKNOWN, Word};

/// How one kind of runtime reads its command line, and what it makes of a name.
struct Runtime {
    /// Options whose value is the next word.
    valued: &'static [&'static str],
    /// Options after which no file is read: code in the command line, a module, a version.
    instead: &'static [&'static str],
    /// The option that the file follows, where only one does (`java -jar`).
    after: Option<&'static str>,
    /// What the runtime appends to a name that is not there.
    suffixes: &'static [&'static str],
    /// The file that stands for a directory.
    index: &'static [&'static str],
}

/// Node.js, `lib/internal/modules/cjs/loader.js` (`_findPath`, `tryPackage`) and `doc/api/cli.md`.
const NODE: Runtime = Runtime {
    valued: &[
        "-r",
        "--require",
        "--import",
        "--loader",
        "--experimental-loader",
        "-C",
        "--conditions",
        "--env-file",
        "--env-file-if-exists",
        "--icu-data-dir",
        "--openssl-config",
        "--title",
        "--watch-path",
    ],
    instead: &[
        "-e",
        "--eval",
        "-p",
        "--print",
        "-pe",
        "-i",
        "--interactive",
        "-v",
        "--version",
        "-h",
        "--help",
        "--test",
        "--run",
        "--build-snapshot",
        "inspect",
        "debug",
        "-",
    ],
    after: None,
    suffixes: &[".js", ".json", ".node"],
    index: &["package.json", "index.js", "index.json", "index.node"],
};

/// CPython, `Python/initconfig.c` and `Modules/main.c` (a directory or an archive with `__main__.py` is a program).
const PYTHON: Runtime = Runtime {
    valued: &["-W", "-X", "--check-hash-based-pycs"],
    instead: &["-c", "-m", "-i", "-V", "--version", "-h", "--help", "-"],
    after: None,
    suffixes: &[],
    index: &["__main__.py"],
};

/// OpenJDK, `src/java.base/share/native/libjli/java.c`.
const JAVA: Runtime = Runtime {
    valued: &[
        "-cp",
        "-classpath",
        "--class-path",
        "-p",
        "--module-path",
        "--upgrade-module-path",
        "--add-modules",
        "--add-opens",
        "--add-exports",
        "--add-reads",
        "--patch-module",
        "--limit-modules",
        "--enable-native-access",
    ],
    instead: &["-version", "--version", "-m", "--module", "-help", "--help"],
    after: Some("-jar"),
    suffixes: &[],
    index: &[],
};

/// .NET, `src/native/corehost/fxr/fx_muxer.cpp`: a first word that is a file is the program, else it is a command.
const DOTNET: Runtime = Runtime {
    valued: &[
        "--additionalprobingpath",
        "--additional-deps",
        "--depsfile",
        "--fx-version",
        "--roll-forward",
        "--runtimeconfig",
    ],
    instead: &["--info", "--version", "--help"],
    after: None,
    suffixes: &[],
    index: &[],
};

/// PHP's command line, `sapi/cli/php_cli.c`.
const PHP: Runtime = Runtime {
    valued: &["-d", "-c", "-z"],
    instead: &["-S", "-r", "-a", "-i", "-v", "-m", "-B", "-R", "-E", "-F", "-f", "-t", "--", "-l", "-s", "-w"],
    after: None,
    suffixes: &[],
    index: &[],
};

/// Ruby, `ruby.c`.
const RUBY: Runtime = Runtime {
    valued: &["-I", "-r", "-E", "-C", "--encoding"],
    instead: &["-e", "-S", "-x", "-v", "-h", "-c", "--version", "--help", "-"],
    after: None,
    suffixes: &[],
    index: &[],
};

fn runtime(name: &str) -> Option<&'static Runtime> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(match stem {
        "node" | "nodejs" => &NODE,
        "python" => &PYTHON,
        "java" => &JAVA,
        "dotnet" => &DOTNET,
        "php" => &PHP,
        "ruby" => &RUBY,
        _ => return None,
    })
}

/// Programs that nobody calls a script of theirs: where one of these is what a runtime is given, somebody took the
/// runtime that an ENTRYPOINT already starts for the shell, or a program of `node_modules/.bin` for one in PATH.
const PROGRAMS: [&str; 28] = [
    "node",
    "nodejs",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "python",
    "python3",
    "java",
    "dotnet",
    "php",
    "sh",
    "bash",
    "deno",
    "bun",
    "uvicorn",
    "concurrently",
    "cross-env",
    "http-server",
    "nest",
    "next",
    "nodemon",
    "nuxt",
    "pm2",
    "pm2-runtime",
    "ts-node",
    "tsx",
    "vite",
];

/// What the program at `path` is given to run, when its command line tells.
pub(super) fn operand(path: &str, argv: &[Word], directory: &str, place: &Place<'_>) -> Option<Operand> {
    let program = path.rsplit('/').next().unwrap_or_default();
    let image = place.image;
    let Some(runtime) = runtime(program) else {
        return module(program, argv, directory, image).or_else(|| script(program, argv, directory, image));
    };
    let at = position(runtime, argv)?;
    let name = argv.get(at)?.known()?.into_owned();
    if name.is_empty() || name.contains("://") {
        return None;
    }
    // `dotnet watch` and `dotnet run` are commands of the SDK.
    if std::ptr::eq(runtime, &DOTNET) && !name.ends_with(".dll") && !name.contains('$') {
        return None;
    }
    let at = normalize(directory, &name);
    if is_in_volume(image, &at) {
        return None;
    }
    let base = name.rsplit('/').next().unwrap_or_default();
    let is_program = PROGRAMS.contains(&base) || base == program;
    let mut is_there = is_there(runtime, &at, image);
    let instead = instead(place, &at).filter(|_| is_there.is_none() && !is_program);
    if instead.is_some() {
        is_there = Some(false);
    }
    if is_there == Some(true) && !(is_program && is_binary(&at, image)) {
        return None;
    }
    let undoubled = if is_there.is_none() { undoubled(&name, directory, image) } else { None };
    let undoubled = undoubled.map(|path| Undoubled { word: path.clone(), path });
    Some(Operand { name, path: at, is_there, is_program, is_script: false, instead, undoubled })
}

/// Whether a volume is declared for a path: what is there is brought at run time.
fn is_in_volume(image: &Image, path: &str) -> bool {
    let is_below =
        |volume: &String| path.strip_prefix(volume.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
    image.config.volumes.iter().any(is_below)
}

/// The `package.json` that a package manager looks for, from the working directory up, when nothing puts one there.
fn manifest(tool: &str, arguments: &[String], directory: &str, image: &Image) -> Option<Operand> {
    package_script(tool, arguments)?;
    let path = normalize(directory, "package.json");
    let mut above = Some(directory);
    while let Some(folder) = above {
        if !matches!(image.tree.lookup(&normalize(folder, "package.json")), Lookup::Missing { .. }) {
            return None;
        }
        above = folder.rsplit_once('/').map(|(parent, _)| parent).filter(|_| folder.len() > 1);
    }
    let name = "package.json".to_owned();
    let is_there = Some(false);
    let found = Operand { name, path, is_there, is_program: false, is_script: false, instead: None, undoubled: None };
    (!is_in_volume(image, &found.path)).then_some(found)
}

/// A script of `package.json` that a package manager is told to run, and that is not there.
fn script(tool: &str, argv: &[Word], directory: &str, image: &Image) -> Option<Operand> {
    if !matches!(tool, "npm" | "yarn" | "pnpm" | "bun") {
        return None;
    }
    let path = normalize(directory, "package.json");
    let arguments: Vec<String> = argv.iter().skip(1).map(Word::pattern).collect_vec();
    let Lookup::Found { entry, .. } = image.tree.lookup(&path) else {
        return manifest(tool, &arguments, directory, image);
    };
    let Node::File(Content::Bytes(bytes)) = &entry.node else { return None };
    let server = image.tree.lookup(&normalize(directory, "server.js"));
    let is_server_missing = matches!(server, Lookup::Missing { .. });
    let name = lacking_script(tool, &arguments, &String::from_utf8_lossy(bytes), is_server_missing)?;
    Some(Operand {
        name,
        path,
        is_there: Some(false),
        is_program: false,
        is_script: true,
        instead: None,
        undoubled: None,
    })
}

/// What the build makes in place of the folder that a file would lie in.
fn instead(place: &Place<'_>, path: &str) -> Option<Instead> {
    let (stage, build) = (place.stage?, place.build?);
    let (folder, name) = path.rsplit_once('/')?;
    let mut instead = written::instead(&stage.written, &place.image.tree, folder, &build.ignores())?;
    instead.near.iter_mut().for_each(|near| *near = normalize(near, name));
    Some(instead)
}

/// Where the program at `path` takes its code from, by its command line: absolute paths, whether anything is there or not.
///
/// Java's are the archive, or the entries of the class path.
pub(super) fn given(path: &str, argv: &[Word], directory: &str) -> Vec<String> {
    let program = path.rsplit('/').next().unwrap_or_default();
    let Some(runtime) = runtime(program) else { return Vec::new() };
    let file = position(runtime, argv).and_then(|at| argv.get(at)?.known());
    if let Some(file) = file {
        return vec![normalize(directory, &file)];
    }
    if !std::ptr::eq(runtime, &JAVA) {
        return Vec::new();
    }
    let words: Vec<String> = argv.iter().map(Word::pattern).collect_vec();
    let class_path = words.iter().enumerate().find_map(|(at, word)| match word.as_str() {
        "-cp" | "-classpath" | "--class-path" => words.get(at + 1).map(String::as_str),
        word => word.strip_prefix("--class-path="),
    });
    // Everything of a directory is named with `*`.
    let entries = class_path.unwrap_or(".").split(':').map(|entry| entry.trim_end_matches('*'));
    entries.filter(|entry| !entry.contains(UNKNOWN)).map(|entry| normalize(directory, entry)).collect_vec()
}

/// Servers of Python that import an application, `package.module:name`, from the working directory (uvicorn, `--app-dir`;
/// gunicorn, `--chdir` and `--pythonpath`).
pub const SERVERS: [&str; 5] = ["daphne", "granian", "gunicorn", "hypercorn", "uvicorn"];

/// The module that a server of Python is told to import, where its folder is named once too often.
fn module(server: &str, argv: &[Word], directory: &str, image: &Image) -> Option<Operand> {
    let sets_path = |word: &String| {
        ["--app-dir", "--chdir", "--pythonpath", "-c", "--config"].iter().any(|of| word.starts_with(of))
    };
    let words: Vec<String> = argv.iter().map(Word::pattern).collect_vec();
    if !SERVERS.contains(&server) || words.iter().any(sets_path) || image.config.variable("PYTHONPATH").is_some() {
        return None;
    }
    let is_name = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let name = words.iter().skip(1).find(|word| {
        word.split_once(':').is_some_and(|(module, _)| module.contains('.') && module.split('.').all(is_name))
    })?;
    let (dotted, object) = name.split_once(':')?;
    let file = format!("{}.py", dotted.replace('.', "/"));
    let package = normalize(directory, &format!("{}/__init__.py", dotted.replace('.', "/")));
    if matches!(image.tree.lookup(&package), Lookup::Found { .. }) {
        return None;
    }
    let without = undoubled(&file, directory, image)?;
    let (_, rest) = dotted.split_once('.')?;
    Some(Operand {
        name: name.clone(),
        path: normalize(directory, &file),
        is_there: None,
        is_program: false,
        is_script: false,
        instead: None,
        undoubled: Some(Undoubled { path: without, word: format!("{rest}:{object}") }),
    })
}

/// The path without the folder that it names twice, when only a file that nobody has seen would be there with it.
///
/// `COPY app .` brings what is in the folder and not the folder itself, and a relative path starts from a working directory
/// that often has the folder's name already.
fn undoubled(name: &str, directory: &str, image: &Image) -> Option<String> {
    let relative = name.trim_start_matches("./");
    let (folder, rest) = relative.split_once('/').filter(|(folder, _)| !matches!(*folder, "" | ".."))?;
    let without = normalize(directory, rest);
    let is_copied_twice = match image.tree.lookup(&normalize(directory, name)) {
        Lookup::Found { .. } => return None,
        Lookup::Missing { .. } => false,
        Lookup::Unknown(need) => need.settled_by.iter().any(|settler| {
            let Settler::File(file) = settler else { return false };
            file.strip_prefix(folder).and_then(|below| below.strip_prefix('/')) == Some(relative)
        }),
    };
    let is_there_without = directory.ends_with(&format!("/{folder}"))
        && matches!(image.tree.lookup(&without), Lookup::Found { entry, .. } if entry.node != Node::Directory);
    (is_copied_twice || is_there_without).then_some(without)
}

/// Where the file stands in the command line.
fn position(runtime: &Runtime, argv: &[Word]) -> Option<usize> {
    let mut at = 1;
    loop {
        let word = argv.get(at)?.known()?;
        if runtime.after == Some(word.as_ref()) {
            return Some(at + 1);
        }
        if runtime.instead.contains(&word.as_ref()) {
            return None;
        }
        if !word.starts_with('-') {
            // Java would take it for a class; a variable that nothing expanded is none.
            return (runtime.after.is_none() || word.contains('$')).then_some(at);
        }
        at += if runtime.valued.contains(&word.as_ref()) { 2 } else { 1 };
    }
}

/// Whether the runtime finds it; `None` where nobody can say.
fn is_there(runtime: &Runtime, path: &str, image: &Image) -> Option<bool> {
    let exists = |path: &str| match image.tree.lookup(path) {
        Lookup::Found { entry, .. } => Some(!matches!(entry.node, Node::Directory)),
        Lookup::Missing { .. } => Some(false),
        Lookup::Unknown(_) => None,
    };
    let suffixed = runtime.suffixes.iter().map(|suffix| format!("{path}{suffix}"));
    let index = runtime.index.iter().map(|file| normalize(path, file));
    let mut all_missing = true;
    for candidate in std::iter::once(path.to_owned()).chain(suffixed).chain(index) {
        match exists(&candidate) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all_missing = false,
        }
    }
    all_missing.then_some(false)
}

fn is_binary(path: &str, image: &Image) -> bool {
    match image.tree.lookup(path) {
        Lookup::Found { entry, .. } => {
            matches!(&entry.node, Node::File(Content::Program(needs)) if !matches!(**needs, crate::needs::Needs::Script(_)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_read_their_command_lines() {
        for (line, expected) in [
            ("node index.js", Some("index.js")),
            ("node -r dotenv/config --inspect=0.0.0.0 dist/main", Some("dist/main")),
            ("node -e 1", None),
            ("node --test", None),
            ("python3 -u -W ignore app.py", Some("app.py")),
            ("python -m flask run", None),
            ("python", None),
            ("java -Xmx1g -cp lib -jar app.jar --debug", Some("app.jar")),
            ("java -cp app.jar Main", None),
            ("java $JAVA_OPTS -jar app.jar", Some("$JAVA_OPTS")),
            ("dotnet App.dll", Some("App.dll")),
            ("php -S 0.0.0.0:80 index.php", None),
            ("php artisan serve", Some("artisan")),
            ("ruby -I lib app.rb", Some("app.rb")),
        ] {
            let argv: Vec<Word> = line.split(' ').map(Word::new).collect();
            let program = line.split(' ').next().unwrap_or_default();
            let found = runtime(program).and_then(|runtime| position(runtime, &argv)).and_then(|at| argv.get(at));
            assert_eq!(found.and_then(Word::known).as_deref(), expected, "{line}");
        }
    }
}
