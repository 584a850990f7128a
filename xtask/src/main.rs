//! `cargo xtask`: everything that is done with this repository besides `cargo build`.
//!
//! What is made, from what, and where:
//!
//! | made | from | by |
//! | --- | --- | --- |
//! | `target/core/` (`execlens.js`, `execlens_bg.wasm`, `execlens.d.ts`) | `src/`, `Cargo.lock` | [`core`] |
//! | `dist/`, the static site | `www/`, `target/core/` | [`site`] |
//! | `dist/npm/`, the package for Node and bundlers | `xtask/npm/`, `target/core/`, `src/report/report.d.ts` | [`package`] |
//!
//! The page imports the core by the alias `execlens-core`, which Vite resolves to `target/core/execlens.js`.
//! Each step remembers what it was made from ([`stamp`]), so a second run does only what has changed.

mod core;
mod run;
mod stamp;
mod wasm_target;

mod order;
mod package;
mod site;
mod size;

mod bench;
mod browser;
mod dev;
mod serve;
mod suite;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask serve [--port N]   build the page and serve it on this machine
cargo xtask test               format, lints, tests; natively, through wasm and in a browser
cargo xtask dist               the static site in dist/, the npm package in dist/npm/
cargo xtask dev [--port N]     the page with rebuild and reload while you work
cargo xtask bench [FILTER]     measure the core on inputs of growing size";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["serve"] => serve::serve(serve::DEFAULT_PORT),
        ["dev"] => dev::dev(serve::DEFAULT_PORT),
        ["serve", "--port", port] => with_port(port, serve::serve),
        ["dev", "--port", port] => with_port(port, dev::dev),
        ["test"] => suite::test(),
        ["dist"] => package::dist(),
        ["bench", ref filter @ ..] => bench::bench(filter),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn with_port(port: &str, act: fn(u16) -> anyhow::Result<()>) -> anyhow::Result<()> {
    act(port.parse().map_err(|_| anyhow::anyhow!("`{port}` is no port number"))?)
}
