// What `cargo xtask` generates into target/core: the core as an ES module with its WebAssembly beside it.
export * from "../../../src/report/report.js";

/** Starts the WebAssembly; `check` may be called when it has resolved. */
export default function init(from: { module_or_path: WebAssembly.Module }): Promise<unknown>;
