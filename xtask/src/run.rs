//! Running other programs, and saying what is missing when they are.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository")
}

/// The `cargo` that runs this program.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

pub(crate) fn npm(folder: &str) -> Command {
    let mut command = Command::new("npm");
    command.arg("--prefix").arg(root().join(folder)).current_dir(root().join(folder));
    command
}

pub(crate) fn node() -> Command {
    let mut command = Command::new("node");
    command.current_dir(root());
    command
}

/// Runs to the end; an error when it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| advice(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", words(command));
    }
    Ok(())
}

/// Runs to the end and returns what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().with_context(|| advice(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", words(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no text", words(command)))
}

/// Whether it runs and succeeds, quietly.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Runs to the end, or is ended at the limit: for what waits on a network that may not be there.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let mut child = KilledOnDrop(command.stdin(Stdio::null()).spawn().with_context(|| advice(command))?);
    let start = Instant::now();
    while start.elapsed() < limit {
        match child.0.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("`{}` failed ({status})", words(command)),
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
    bail!("`{}` was not done within {} seconds", words(command), limit.as_secs())
}

/// A program that ends with its owner.
pub(crate) struct KilledOnDrop(pub(crate) Child);

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        // Both fail only when it has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where a program lies in `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Installs packages with `apt-get`, where this is Debian and the user is root; else `false`.
pub(crate) fn apt_install(packages: &[&str]) -> Result<bool> {
    let root = find("id").is_some_and(|_| output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0"));
    if !root || find("apt-get").is_none() {
        return Ok(false);
    }
    let apt = || {
        let mut command = Command::new("apt-get");
        // Another apt may hold the lock for a while.
        command.args(["-o", "DPkg::Lock::Timeout=600", "-qq"]).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(apt().arg("update"))?;
    run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    Ok(true)
}

pub(crate) fn words(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(command.get_program().to_string_lossy()).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn advice(command: &Command) -> String {
    match command.get_program().to_str() {
        Some(program @ ("node" | "npm")) => {
            format!("`{program}` cannot be started: install Node 20.19 or later (its packages bring npm)")
        }
        _ => format!("`{}` cannot be started", command.get_program().to_string_lossy()),
    }
}
