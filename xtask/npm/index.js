// For bundlers and for static hosts: the module is fetched from beside this file.
import init, { check, format } from "./core.js";

await init({ module_or_path: new URL("./execlens_bg.wasm", import.meta.url) });

export { check, format };
