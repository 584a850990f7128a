//! The core as a module for JavaScript: compiled, glued, optimised; `target/core/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::order;
use crate::run::{node, npm, root, run};
use crate::stamp::Inputs;
use crate::wasm_target::{TRIPLE, WasmTarget};

/// How much time to spend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Compiles in seconds, for work in progress.
    Quick,
    /// As small as it gets, for visitors.
    Release,
}

/// Where the module stands, with `execlens.js`, `execlens_bg.wasm` and `execlens.d.ts`.
pub(crate) fn folder() -> PathBuf {
    root().join("target/core")
}

/// What the module is made from, besides the compiler.
pub(crate) const SOURCES: [&str; 7] = [
    "src",
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "xtask/src/core.rs",
    "xtask/src/order.rs",
    "xtask/package-lock.json",
];

/// Makes `target/core/`, unless it stands and nothing has changed.
pub(crate) fn build(effort: Effort) -> Result<()> {
    let target = WasmTarget::obtain()?;
    let made_from =
        Inputs::new("core").and(&SOURCES)?.and_value(&format!("{effort:?} {target:?} {}", target.version()?)).finish();
    if made_from.is_on(&folder()) {
        return Ok(());
    }
    let compiled = compile(target, effort)?;
    let glued = glue(&compiled)?;
    if effort == Effort::Release {
        optimise(&glued)?;
    }
    put_in_place(&glued)?;
    made_from.put_on(&folder())
}

fn compile(target: WasmTarget, effort: Effort) -> Result<PathBuf> {
    eprintln!("Compiling the core for {TRIPLE}");
    let profile = match effort {
        Effort::Quick => {
            run(&mut target.cargo_build())?;
            "debug"
        }
        Effort::Release => {
            compile_small(target)?;
            "release"
        }
    };
    Ok(root().join(target.target_dir()).join(TRIPLE).join(profile).join("execlens.wasm"))
}

fn compile_small(target: WasmTarget) -> Result<()> {
    if let Some(mut small) = target.small_cargo_build() {
        match run(small.arg("--release")) {
            Ok(()) => return Ok(()),
            // The standard library needs crates of its own, which may not be at hand.
            Err(error) => eprintln!("{error:#}; the standard library is taken as it is"),
        }
    }
    run(target.cargo_build().arg("--release"))
}

/// The module for JavaScript in a folder of its own, so that nobody sees a half-written one.
fn glue(compiled: &Path) -> Result<PathBuf> {
    let folder = root().join("target/core.new");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    Bindgen::new()
        .input_path(compiled)
        .out_name("execlens")
        // Plain ES modules: for bundlers, for static hosts as they are, and for Node with `initSync`.
        .web(true)?
        // Bundlers find the wasm by the `new URL("execlens_bg.wasm", import.meta.url)` that this leaves in.
        .omit_default_module_path(false)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&folder)
        .context("the glue for JavaScript cannot be made")?;
    Ok(folder)
}

/// The features that Rust's target has on; without them the optimiser would refuse the module.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

fn optimise(folder: &Path) -> Result<()> {
    install_tools()?;
    eprintln!("Optimising the core");
    let wasm = folder.join("execlens_bg.wasm");
    let tool = root().join("xtask/node_modules/binaryen/bin/wasm-opt");
    run(node().arg(tool).args(FEATURES).arg("-Oz").arg(&wasm).arg("-o").arg(&wasm))?;
    let optimised = fs::read(&wasm)?;
    Ok(fs::write(&wasm, order::by_likeness(&optimised)?)?)
}

fn install_tools() -> Result<()> {
    let installed = root().join("xtask/node_modules");
    let made_from = Inputs::new("npm").and(&["xtask/package-lock.json"])?.finish();
    if !made_from.is_on(&installed) {
        run(npm("xtask").arg("ci"))?;
        made_from.put_on(&installed)?;
    }
    Ok(())
}

/// File by file: a development server watches the folder and must not lose it.
fn put_in_place(made: &Path) -> Result<()> {
    fs::create_dir_all(folder())?;
    for entry in fs::read_dir(made)? {
        let entry = entry?;
        fs::rename(entry.path(), folder().join(entry.file_name()))?;
    }
    Ok(fs::remove_dir(made)?)
}
