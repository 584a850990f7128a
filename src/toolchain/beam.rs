//! Elixir and Erlang: `mix release` and `rebar3 release`, to the folder of a release.
//!
//! A release carries the emulator of the image that makes it (`erts-*/bin/beam.smp`), and so asks for that image's libc,
//! for terminfo, from OTP 24 on for the C++ library (the JIT: OTP 24 release notes; on arm64 since OTP 25), and for the
//! OpenSSL of its `crypto`.

use super::arguments::{Arguments, absolute, program};
use super::native::Program;
use super::{Folder, Invocation, Outcome, Toolchain, Word, libraries};
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::image::LibcFamily;
use crate::lists::Collect;
use crate::needs::{Language, Linkage, Needs, ScriptNeeds, Shebang};
use crate::text;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Erlang, recognise, run };

/// What the start scripts of both tools come to: the emulator beside the script, or the image's own Erlang where the
/// release has none (`include_erts: false`).
const START: &str = "#!/bin/sh\n\
    if [ -x /usr/local/bin/erl ]; then\n  exec /usr/local/bin/erl \"$@\"\nfi\n\
    exec \"$(dirname \"$(readlink -f \"$0\")\")/../erts-…/bin/beam.smp\" \"$@\"\n";

fn recognise(words: &[Word]) -> bool {
    release(words).is_some()
}

/// A release, as a command asks for it.
#[derive(Debug, PartialEq)]
struct Release {
    name: Option<String>,
    /// `--path`: the folder itself, whatever the name.
    path: Option<Word>,
    /// The environment or profile whose folder it lies in; `None` for what `MIX_ENV` says.
    profile: Option<String>,
}

fn release(words: &[Word]) -> Option<Release> {
    let arguments = Arguments::of(words);
    let (task, rest) = arguments.subcommand()?;
    match program(words).as_str() {
        "mix" if task == "release" => {
            let name = rest.operands(&["--path", "--version"]).first().and_then(|word| word.known());
            Some(Release { name: name.map(|name| name.into_owned()), path: rest.value(&["--path"]), profile: None })
        }
        // `mix do compile, release` or `mix do compile + release`
        "mix" if task == "do" => {
            let tasks: Vec<String> = rest.patterns().collect_vec();
            let releases = |task: &String| task.trim_end_matches(',') == "release";
            tasks.iter().any(releases).then(|| Release { name: None, path: rest.value(&["--path"]), profile: None })
        }
        // The default profile links to the image's Erlang instead of taking it along (`dev_mode`).
        "rebar3" if task == "as" => {
            let words: Vec<String> = rest.patterns().collect_vec();
            let [profiles, task, ..] = words.as_slice() else { return None };
            let profile = profiles.replace(',', "+");
            (task == "release").then_some(Release { name: None, path: None, profile: Some(profile) })
        }
        _ => None,
    }
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let Some(Release { name, path, profile }) = release(invocation.words) else { return Outcome::default() };
    let Some(emulator) = emulator(invocation) else { return Outcome::default() };
    let is_own_folder = path.is_some();
    let (parent, folder) = match path {
        Some(path) => match absolute(invocation, &path) {
            Some(path) => path.rsplit_once('/').map(|(parent, name)| (parent.to_owned(), Some(name.to_owned()))),
            None => None,
        },
        None => {
            let environment = || match invocation.environment.get("MIX_ENV") {
                None => Some("dev".to_owned()),
                Some(set) => set.value().cloned(),
            };
            let built = profile.or_else(environment);
            let parent = built.and_then(|built| Some(normalize(invocation.directory?, &format!("_build/{built}/rel"))));
            parent.map(|parent| (parent, name.clone().or_else(|| named(invocation))))
        }
    }
    .unwrap_or_default();
    if parent.is_empty() && folder.is_none() {
        return Outcome::default();
    }
    let start = start(invocation);
    let mut files = vec![("erts-…/bin/beam.smp".to_owned(), emulator, 0o755)];
    let script = name.or_else(|| (!is_own_folder).then(|| "{name}".to_owned())).or_else(|| named(invocation));
    files.extend(script.map(|script| (format!("bin/{script}"), start.clone(), 0o755)));
    let settled_by =
        vec![Settler::File(if program(invocation.words) == "mix" { "mix.exs" } else { "rebar.config" }.into())];
    let folder = Folder { parent, name: folder, files, programs: Some(("bin".to_owned(), start)), settled_by };
    Outcome { folders: vec![folder], ..Outcome::default() }
}

/// The emulator that the release takes along.
fn emulator(invocation: &Invocation<'_>) -> Option<Needs> {
    let claim = text! {
        en: "a release takes along the Erlang of the image that makes it",
        ja: "リリースには、それを作るイメージの Erlang が含まれます",
    };
    let from = Provenance::recorded("Mix.Tasks.Release", "elixir-lang/elixir, lib/mix/lib/mix/tasks/release.ex", "");
    let because = vec![Step { claim, from }];
    let mut program = Program::native(invocation, Language::Erlang, Linkage::Dynamic, because)?;
    let family = program.libc.value().and_then(Option::as_ref).map(|libc| libc.family);
    program.libraries.extend(match family {
        Some(LibcFamily::Musl) => Some("libncursesw.so.6".to_owned()),
        _ => None,
    });
    let jit_since = match invocation.builder.platform.architecture.as_str() {
        "amd64" => 24,
        "arm64" => 25,
        _ => u32::MAX,
    };
    if otp(invocation.builder.image).is_some_and(|otp| otp >= jit_since) {
        program.libraries.extend(["libstdc++.so.6", "libgcc_s.so.1"].map(str::to_owned));
    }
    let condition = text! {
        en: "the release uses `crypto`, as everything with TLS, Phoenix or Ecto does",
        ja: "リリースが `crypto` を使う（TLS、Phoenix、Ecto を使うものはすべて該当します）",
    };
    program.suggested.extend(libraries::named(invocation, "crypto", condition));
    Some(program.needs(invocation))
}

/// The major version of OTP that an image's name tells, at least: `erlang:25`, `hexpm/elixir:1.14.5-erlang-25.3-…`,
/// `elixir:1.14` (from 1.12 on the official images stand on OTP 24 or newer).
fn otp(image: &str) -> Option<u32> {
    let (repository, tag) = image.rsplit_once(':')?;
    let major = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok();
    let stated = tag.split_once("erlang-").or_else(|| tag.split_once("otp-")).map(|(_, rest)| rest);
    match (stated, repository.rsplit('/').next()?) {
        (Some(stated), _) => major(stated),
        // A tag without a number means the newest.
        (None, "erlang") => major(tag).or_else(|| (!tag.starts_with(|c: char| c.is_ascii_digit())).then_some(24)),
        (None, "elixir") => {
            let minor = tag.strip_prefix("1.").and_then(major);
            (minor.is_none() && !tag.starts_with("1.") || minor? >= 12).then_some(24)
        }
        _ => None,
    }
}

fn start(invocation: &Invocation<'_>) -> Needs {
    let shebang = Shebang { interpreter: "/bin/sh".into(), argument: None };
    Needs::Script(ScriptNeeds {
        shebang: Fact::new(Some(shebang), Provenance::Read(invocation.at.clone())),
        preceded_by: None,
        text: Some(START.into()),
    })
}

/// The application's name, from `mix.exs` (`app: :shop`) or `rebar.config` (`{release, {shop, "1.0"}`).
fn named(invocation: &Invocation<'_>) -> Option<String> {
    let sources = invocation.sources?;
    let read = |name: &str| {
        let path = sources.context_path(&normalize(invocation.directory?, name))?;
        sources.project.text(&path)
    };
    let (text, before) = match program(invocation.words).as_str() {
        "mix" => (read("mix.exs")?, ["releases: [", "app: :"]),
        _ => (read("rebar.config")?, ["{release, {", "{release,{"]),
    };
    before.into_iter().find_map(|before| word_after(&text, before))
}

fn word_after(text: &str, before: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    (end > 0).then(|| rest[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_tell_the_version_of_otp() {
        for (image, expected) in [
            ("erlang:25-alpine", Some(25)),
            ("erlang:23.3.4", Some(23)),
            ("erlang:alpine", Some(24)),
            ("elixir:1.14-alpine", Some(24)),
            ("elixir:1.9.4", None),
            ("elixir:latest", Some(24)),
            ("hexpm/elixir:1.14.5-erlang-25.3.2-debian-bullseye-20230227-slim", Some(25)),
            ("elixir:1.10-otp-23", Some(23)),
            ("alpine:3.20", None),
        ] {
            assert_eq!(otp(image), expected, "{image}");
        }
    }

    #[test]
    fn releases_are_told_from_other_tasks() {
        let words = |text: &str| text.split(' ').map(Word::new).collect::<Vec<_>>();
        let plain = |name: Option<&str>| Some(Release { name: name.map(str::to_owned), path: None, profile: None });
        assert_eq!(release(&words("mix release")), plain(None));
        assert_eq!(release(&words("mix release shop --overwrite")), plain(Some("shop")));
        assert_eq!(release(&words("mix do deps.get, release")), plain(None));
        assert_eq!(release(&words("mix compile")), None);
        assert_eq!(release(&words("rebar3 release")), None);
        assert_eq!(release(&words("rebar3 as prod release")).unwrap().profile.as_deref(), Some("prod"));
        assert_eq!(word_after("app: :shop,", "app: :").as_deref(), Some("shop"));
    }
}
