//! PHP: the official images' `docker-php-ext-install`, `pecl` and `install-php-extensions`, to the extensions that they
//! compile.
//!
//! An extension is bound to the libc, the machine and PHP's minor version, and asks for the libraries that it was compiled
//! against.

use super::arguments::{Arguments, program};
use super::modules::{Native, installed};
use super::{Invocation, Outcome, Toolchain, Word};
use crate::fact::Fact;
use crate::lists::Collect;
use crate::needs::Language;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Php, recognise, run };

/// Below it each build of PHP has a folder of its own (`no-debug-non-zts-20220829`).
const DIRECTORY: &str = "/usr/local/lib/php/extensions";

fn recognise(words: &[Word]) -> bool {
    match program(words).as_str() {
        "docker-php-ext-install" | "install-php-extensions" => true,
        "pecl" => Arguments::of(words).subcommand().is_some_and(|(name, _)| name == "install"),
        _ => false,
    }
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let operands = arguments.operands(&[]);
    let words = operands.iter().filter_map(|word| word.known()).filter(|word| *word != "install");
    // `redis-5.3.7`, `imagick-stable`, `xdebug@1`
    let name = |word: std::borrow::Cow<'_, str>| word.split(['-', '@']).next().unwrap_or_default().to_owned();
    let names: Vec<String> = words.map(name).collect_vec();
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::Php);
    let runtime = tool.map(|tool| {
        let version = tool.value.version.splitn(3, '.').take(2).collect_vec().join(".");
        Fact::new(version, tool.from.clone())
    });
    let native = Native::compiled(invocation, Language::Php, names);
    let modules = installed(invocation, Language::Php, runtime.filter(|version| version.value.contains('.')), native);
    Outcome { modules: vec![(DIRECTORY.to_owned(), modules)], ..Outcome::default() }
}
