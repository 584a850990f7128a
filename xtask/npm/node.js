// For Node: the module is read from beside this file.
import { readFileSync } from "node:fs";
import { check, format, initSync } from "./core.js";

initSync({ module: readFileSync(new URL("./execlens_bg.wasm", import.meta.url)) });

export { check, format };
