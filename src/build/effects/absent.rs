//! Commands that the image does not have: `apk` on Debian, `curl` on a slim image, `npm` where only `nodejs` was installed.
//!
//! A shell ends such a command with 127 (POSIX.1-2024, "Exit Status for Commands"), and where nothing catches that, the
//! build stops.

use std::borrow::Cow;

use super::Call;
use crate::build::run::Runner;
use crate::build::{Event, EventKind};
use crate::fact::Knowledge;
use crate::image::packages::{self, Manager};
use crate::tree::Lookup;
use crate::word::UNKNOWN;

/// Where commands are looked for when nothing sets PATH (moby, `oci/caps` and BuildKit, `util/system/path.go`).
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What shells do themselves: POSIX's own, and those that dash, BusyBox's ash and bash add.
const BUILTINS: &str = ". : [ [[ alias bg break builtin cd command continue declare echo enable eval exec exit export false \
    fc fg getopts hash jobs kill let local mapfile popd printf pushd pwd read readarray readonly return \
    set shift shopt source test time times trap true type typeset ulimit umask unalias unset wait";

/// Programs that run another one, and that are looked for themselves.
const WRAPPERS: [&str; 4] = ["sudo", "doas", "gosu", "su-exec"];

/// Takes down that the build stops here, when the command is surely not there.
pub(super) fn notice(runner: &mut Runner<'_, '_>, call: &Call<'_>) {
    if runner.goes_on_without(call) {
        return;
    }
    let Some(name) = missing(runner, call) else { return };
    if runner.stops() {
        return;
    }
    let stage = runner.stage;
    let base = &runner.work().base;
    let from = match &base.record {
        Knowledge::Known(record) => record.from.clone(),
        Knowledge::Unknown(_) => return,
    };
    let kind = EventKind::CommandNotFound { name, from };
    runner.executor.events.push(Event { stage, at: call.at().clone(), only_if: Vec::new(), kind });
}

/// The name that a shell does not find: the command's own, or that of the program which is to run it.
fn missing(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<String> {
    let command = call.command;
    // A file that was read and not seen may have defined a function of any name.
    if command.environment.open.is_some() {
        return None;
    }
    let wrapper = command.through.as_ref().and_then(|words| words.first()?.known());
    let wrapper = wrapper.filter(|name| WRAPPERS.contains(&name.as_ref()));
    let first = command.words.first().and_then(|word| word.known());
    let mut missing = |name: &Cow<'_, str>| is_missing(runner, call, name) && is_well_known(runner, name);
    wrapper.into_iter().chain(first).find(|name| missing(name)).map(Cow::into_owned)
}

/// Tools of languages, that nothing but an image or an installation of their own brings.
const TOOLS: [&str; 24] = [
    "bower", "bun", "bundle", "cargo", "composer", "conda", "deno", "docker", "dotnet", "gem", "go", "gradle", "java",
    "mvn", "node", "npm", "npx", "php", "pip", "pip3", "pnpm", "poetry", "sudo", "yarn",
];

/// Programs that came and went with the releases of distributions, so that a moving tag may have had them.
const CHANGING: [&str; 5] = ["addgroup", "adduser", "apt-key", "gpg", "which"];

/// Programs that packages brought in some releases and not in others.
const PACKAGED: [&str; 4] = ["pip", "pip2", "python", "python2"];

/// Whether the catalog would know if the image had it.
fn is_well_known(runner: &mut Runner<'_, '_>, name: &str) -> bool {
    if let Some((directory, _)) = name.rsplit_once('/') {
        // Packages put files into the system's directories that no record lists.
        return !["/usr", "/opt", "/etc", "/lib", "/bin", "/sbin", "/var"]
            .iter()
            .any(|system| directory.starts_with(system));
    }
    let image = &runner.work().image;
    let may_change = CHANGING.contains(&name) || PACKAGED.contains(&name) && !image.packages.is_empty();
    if may_change && image.moves.is_some() {
        return false;
    }
    let Some(distribution) = image.distribution.as_ref().map(|distribution| distribution.value.clone()) else {
        return TOOLS.contains(&name);
    };
    TOOLS.contains(&name) || Manager::of_program(name).is_some() || runner.executor.is_packaged(&distribution, name)
}

fn is_missing(runner: &Runner<'_, '_>, call: &Call<'_>, name: &str) -> bool {
    if name.is_empty() || name.contains(UNKNOWN) {
        return false;
    }
    if name.contains('/') {
        return call.path(name).is_some_and(|path| runner.is_missing(&path));
    }
    if !runner.is_exec_form && BUILTINS.split(' ').any(|own| own == name) {
        return false;
    }
    let path = match call.command.environment.get("PATH") {
        Some(Knowledge::Known(path)) => path.value,
        Some(Knowledge::Unknown(_)) => return false,
        None => DEFAULT_PATH.to_owned(),
    };
    // An image's list of files may be open, but what another family installs packages with is not among them.
    let own = runner.work().image.distribution.as_ref().and_then(|distribution| packages::manager(&distribution.value));
    let is_foreign = own.zip(Manager::of_program(name)).is_some_and(|(own, asked)| own != asked);
    let is_absent = |path: &str| match runner.tree().lookup(path) {
        Lookup::Missing { .. } => true,
        Lookup::Found { .. } => false,
        Lookup::Unknown(need) => is_foreign && need.at.is_none(),
    };
    path.split(':').all(|directory| {
        directory.starts_with('/') && is_absent(&format!("{}/{name}", directory.trim_end_matches('/')))
    })
}
