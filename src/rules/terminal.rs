//! What a terminal prints when a launch fails, by who calls `execve`.
//!
//! The words are those of real runs: Docker 20.10 (runc 1.0-rc93), 26.1 (runc 1.1.15) and 28.5 (runc 1.3.6), Podman 4.3
//! and 5.4 with crun and runc, busybox 1.36, dash 0.5.12, bash 5.2.

use crate::diagnostic::RuntimeMessage;
use crate::launch::{Caller, Launch, Purpose};

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// The look-up finds no such file.
    NotFound,
    /// PATH has no such program.
    NotInPath,
    /// The look-up finds a file without an execute bit.
    NotExecutable,
    /// The look-up finds a directory.
    Directory,
    /// A directory or the file itself is closed to the user.
    Denied,
    /// `execve` says ENOENT: the file is there, its loader or interpreter is not.
    InterpreterMissing,
    /// `execve` says ENOEXEC: the kernel does not know the format.
    WrongFormat,
}

/// What is printed, the newest engine first.
#[must_use]
pub fn messages(launch: &Launch<'_>, failing: Failing) -> Vec<RuntimeMessage> {
    let name = launch.argv.first().map(|word| word.pattern()).unwrap_or_else(|| launch.name().to_owned());
    match &launch.caller {
        Caller::Engine if launch.purpose == Purpose::Healthcheck => vec![health_check(&name, failing)],
        Caller::Engine => engine(&name, executed(launch, &name), failing),
        Caller::Shell(shell) => vec![in_shell(launch, shell, &name, failing)],
        Caller::Wrapper(wrapper) => vec![wrapped(wrapper, &name, failing)],
        // The kernel says nothing of its own: whoever started the script reports it.
        Caller::Kernel { script } => engine(script, script, failing),
    }
}

/// The path as the engine executes it: what PATH found, else as it was asked for.
fn executed<'l>(launch: &'l Launch<'_>, name: &'l str) -> &'l str {
    launch.found().filter(|found| found.through_path).map_or(name, |found| &found.path)
}

/// Docker's own words before a message of runc.
const DOCKER: &str = "docker: Error response from daemon: failed to create task for container: failed to create shim \
                      task: OCI runtime create failed: runc create failed: unable to start container process: error \
                      during container init: ";

fn engine(name: &str, path: &str, failing: Failing) -> Vec<RuntimeMessage> {
    let looked_up = |runc: String, crun: String, code| {
        vec![
            message("Docker 28", format!("{DOCKER}{runc}"), Some(code)),
            message(
                "Docker 20.10",
                format!(
                    "docker: Error response from daemon: OCI runtime create failed: container_linux.go:377: starting \
                     container process caused: {runc}: unknown."
                ),
                Some(code),
            ),
            message("Podman (crun)", format!("Error: crun: {crun}"), Some(code)),
        ]
    };
    let executed = |runc: &str, crun: String| {
        vec![
            message("Docker 28", format!("exec {path}: {runc}"), Some(255)),
            message("Docker 20.10", format!("standard_init_linux.go:239: exec user process caused: {runc}"), Some(1)),
            message(
                "Podman (crun)",
                format!("{{\"msg\":\"exec container process {crun}\",\"level\":\"error\"}}"),
                Some(1),
            ),
        ]
    };
    let invoked = "No such file or directory: OCI runtime attempted to invoke a command that was not found";
    match failing {
        Failing::NotFound => looked_up(
            format!("exec: \"{name}\": stat {name}: no such file or directory"),
            format!("executable file `{name}` not found: {invoked}"),
            127,
        ),
        Failing::NotInPath => looked_up(
            format!("exec: \"{name}\": executable file not found in $PATH"),
            format!("executable file `{name}` not found in $PATH: {invoked}"),
            127,
        ),
        Failing::NotExecutable => looked_up(
            format!("exec: \"{name}\": permission denied"),
            format!("the path `{name}` exists but it is not executable: Permission denied: OCI permission denied"),
            126,
        ),
        Failing::Directory => looked_up(
            format!("exec: \"{name}\": is a directory: permission denied"),
            format!("the path `{name}` is not a regular file: Operation not permitted: OCI permission denied"),
            126,
        ),
        Failing::Denied => executed("permission denied", format!("`{path}`: Permission denied")),
        Failing::InterpreterMissing => executed(
            "no such file or directory",
            format!("(missing dynamic library?) `{path}`: No such file or directory"),
        ),
        Failing::WrongFormat => executed("exec format error", format!("`{path}`: Exec format error")),
    }
}

/// What `docker inspect` shows as the health check's output.
fn health_check(name: &str, failing: Failing) -> RuntimeMessage {
    let words = match failing {
        Failing::NotFound => format!("exec: \"{name}\": stat {name}: no such file or directory"),
        Failing::NotInPath => format!("exec: \"{name}\": executable file not found in $PATH"),
        Failing::NotExecutable => format!("exec: \"{name}\": permission denied"),
        Failing::Directory => format!("exec: \"{name}\": is a directory"),
        Failing::Denied => format!("exec {name}: permission denied"),
        Failing::InterpreterMissing => format!("exec {name}: no such file or directory"),
        Failing::WrongFormat => format!("exec {name}: exec format error"),
    };
    let text = format!("OCI runtime exec failed: exec failed: unable to start container process: {words}: unknown");
    message("Docker (health check)", text, None)
}

fn in_shell(launch: &Launch<'_>, shell: &str, name: &str, failing: Failing) -> RuntimeMessage {
    let kind = ShellKind::of(launch, shell);
    let (words, code) = match (failing, kind) {
        (Failing::NotFound | Failing::NotInPath | Failing::InterpreterMissing, ShellKind::Bash) => match failing {
            Failing::NotInPath => ("command not found", 127),
            Failing::InterpreterMissing => ("cannot execute: required file not found", 127),
            _ => ("No such file or directory", 127),
        },
        (Failing::NotFound | Failing::NotInPath | Failing::InterpreterMissing, _) => ("not found", 127),
        (Failing::NotExecutable | Failing::Denied | Failing::Directory, ShellKind::Bash)
            if failing == Failing::Directory =>
        {
            ("Is a directory", 126)
        }
        (Failing::NotExecutable | Failing::Denied | Failing::Directory, _) => ("Permission denied", 126),
        (Failing::WrongFormat, ShellKind::Bash) => ("cannot execute binary file: Exec format error", 126),
        // These read what the kernel refuses as a script of their own.
        (Failing::WrongFormat, _) => ("not found", 127),
    };
    let (speaker, place) = match kind {
        ShellKind::Busybox => ("the shell (busybox)", ""),
        ShellKind::Dash => ("the shell (dash)", "1: "),
        ShellKind::Bash => ("the shell (bash)", "line 1: "),
    };
    message(speaker, format!("{shell}: {place}{name}: {words}"), Some(code))
}

fn wrapped(wrapper: &str, name: &str, failing: Failing) -> RuntimeMessage {
    let program = wrapper.rsplit('/').next().unwrap_or(wrapper);
    let (words, code) = match failing {
        Failing::NotFound | Failing::NotInPath | Failing::InterpreterMissing => ("No such file or directory", 127),
        Failing::NotExecutable | Failing::Directory | Failing::Denied => ("Permission denied", 126),
        Failing::WrongFormat => ("Exec format error", 126),
    };
    let text = match program {
        "tini" => format!("[FATAL tini (7)] exec {name} failed: {words}"),
        "env" => format!("env: '{name}': {words}"),
        _ => format!("{program}: {name}: {words}"),
    };
    message(wrapper_name(program), text, Some(code))
}

/// Names are static in the report; others are called what they are.
fn wrapper_name(program: &str) -> &'static str {
    match program {
        "tini" => "tini",
        "env" => "env",
        "gosu" => "gosu",
        "su-exec" => "su-exec",
        "dumb-init" => "dumb-init",
        _ => "the wrapper",
    }
}

/// The shells that word it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShellKind {
    Busybox,
    Dash,
    Bash,
}

impl ShellKind {
    /// Which one a path means in this image: Debian's `sh` is dash, Alpine's is busybox, most others' is bash.
    fn of(launch: &Launch<'_>, shell: &str) -> Self {
        match shell.rsplit('/').next().unwrap_or(shell) {
            "bash" => return Self::Bash,
            "ash" => return Self::Busybox,
            "dash" => return Self::Dash,
            _ => {}
        }
        match launch.image.distribution.as_ref().map(|fact| fact.value.id.as_str()) {
            Some("alpine" | "busybox" | "wolfi" | "distroless") | None => Self::Busybox,
            Some("debian" | "ubuntu") => Self::Dash,
            Some(_) => Self::Bash,
        }
    }
}

fn message(engine: &'static str, text: String, exit_code: Option<i32>) -> RuntimeMessage {
    RuntimeMessage { engine, text, exit_code }
}
