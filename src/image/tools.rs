//! Compilers and runtimes of images, with their versions and default targets.

use super::Tool;
use super::reference::Reference;
use super::tags;
use crate::lists::Collect;
use crate::needs::{Language, Machine};
use crate::platform::Platform;

/// `go`, `rust:musl`, `java=21`: a language with its version, and for Rust the libc of its host.
pub(super) fn of(word: &str, parsed: &Reference, tag: &str, platform: &Platform) -> Option<Tool> {
    let (word, version) = match word.split_once('=') {
        Some((word, version)) => (word, Some(version)),
        None => (word, None),
    };
    let (name, libc) = word.split_once(':').unwrap_or((word, ""));
    let language = language(name)?;
    let target = match (language, rust_architecture(platform)) {
        (Language::Rust, Some(architecture)) => Some(format!("{architecture}{libc}")),
        _ => None,
    };
    let version = version.map_or_else(|| tool_version(parsed, tag), str::to_owned);
    Some(Tool { language, version, target })
}

/// The version that a tag tells, or for a moving tag the newest that its variant had.
fn tool_version(parsed: &Reference, tag: &str) -> String {
    let text = tag.strip_prefix('v').unwrap_or(tag);
    let length = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let version = text[..length].trim_end_matches('.');
    // `1` and `latest` are the newest release; `3.12` is as exact as the languages need.
    if version.contains('.') {
        return version.to_owned();
    }
    let newest = tags::newest(&parsed.repository, tag).unwrap_or("");
    let fits = version.is_empty() || newest.split('.').next() == Some(version);
    if fits && !newest.is_empty() && !named_otherwise(tag) { newest.to_owned() } else { version.to_owned() }
}

/// `$V` in a family's content, replaced by the first two numbers of a version: `python$V` is `python3.12`.
///
/// Where the version is not known that far, the words that name it are left out.
pub(super) fn with_version(content: &str, version: &str) -> String {
    let mut numbers = version.split('.');
    let short = numbers.next().zip(numbers.next()).map(|(major, minor)| format!("{major}.{minor}"));
    match short {
        Some(short) => content.replace("$V", &short),
        None => content.split(' ').filter(|word| !word.contains("$V")).collect_vec().join(" "),
    }
}

/// A tag such as `nightly` or `rc` says that it is no release at all.
fn named_otherwise(tag: &str) -> bool {
    ["rc", "tip", "lts", "beta", "alpha", "nightly", "next", "unstable"]
        .iter()
        .any(|word| tag.split('-').any(|part| part.starts_with(word)))
}

/// The front of Rust's host triple; the libc's name follows.
fn rust_architecture(platform: &Platform) -> Option<&'static str> {
    let machine = Machine::of(platform)?;
    Some(match machine.architecture()? {
        "amd64" => "x86_64-unknown-linux-",
        "386" => "i686-unknown-linux-",
        "arm64" => "aarch64-unknown-linux-",
        "arm" if machine.arm_version >= 7 => "armv7-unknown-linux-",
        "ppc64le" => "powerpc64le-unknown-linux-",
        "s390x" => "s390x-unknown-linux-",
        "riscv64" => "riscv64gc-unknown-linux-",
        _ => return None,
    })
}

/// The catalog's name for a language.
pub(super) fn language(name: &str) -> Option<Language> {
    Some(match name {
        "go" => Language::Go,
        "rust" => Language::Rust,
        "c" => Language::C,
        "node" => Language::Node,
        "python" => Language::Python,
        "ruby" => Language::Ruby,
        "php" => Language::Php,
        "perl" => Language::Perl,
        "java" => Language::Java,
        "dotnet" => Language::DotNet,
        "swift" => Language::Swift,
        "haskell" => Language::Haskell,
        "crystal" => Language::Crystal,
        "nim" => Language::Nim,
        "dart" => Language::Dart,
        "bun" => Language::Bun,
        "deno" => Language::Deno,
        "zig" => Language::Zig,
        _ => return None,
    })
}
