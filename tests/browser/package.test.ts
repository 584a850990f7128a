// The npm package from a plain static host, through a bundler, and with its types.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Host, serve } from "./serve.ts";
import { noted, SEED, setUp, SITE, type Stand } from "./support.ts";

/** Beside the site, where `cargo xtask dist` puts it. */
const PACKAGE = join(SITE, "npm");
const wwwRequire = createRequire(new URL("../../www/package.json", import.meta.url));

const CONSUMER = `import { check } from "execlens";
const report = check([{ path: "Dockerfile", content: ${JSON.stringify(SEED)} }], { locale: "en" });
document.title = report.verdict;
`;

let stand: Stand;
const hosts: Host[] = [];
beforeAll(async () => {
  stand = await setUp();
});
afterAll(async () => {
  for (const host of hosts) await host.close();
  await stand.close();
});

const installed = existsSync(PACKAGE);

/** A project that has the package installed. */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), "execlens-consumer-"));
  mkdirSync(join(folder, "node_modules"));
  cpSync(PACKAGE, join(folder, "node_modules/execlens"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  return folder;
}

async function titleOf(folder: string): Promise<string> {
  const host = await serve(folder);
  hosts.push(host);
  const page = await stand.open(host.url);
  await page.waitForFunction(() => document.title !== "");
  expect(noted(page).filter((error) => !error.includes("404"))).toEqual([]);
  return page.title();
}

test.skipIf(!installed)("from a plain static host, with no more than an import map", async () => {
  const folder = project();
  writeFileSync(join(folder, "index.html"), `<!doctype html><script type="importmap">{ "imports": { "execlens": "./node_modules/execlens/index.js" } }</script><script type="module">${CONSUMER}</script>`);
  expect(await titleOf(folder)).toBe("conditional");
});

test.skipIf(!installed)("through a bundler", async () => {
  const folder = project();
  writeFileSync(join(folder, "index.html"), `<!doctype html><script type="module" src="./main.js"></script>`);
  writeFileSync(join(folder, "main.js"), CONSUMER);
  const vite = join(wwwRequire.resolve("vite/package.json"), "../bin/vite.js");
  execFileSync(process.execPath, [vite, "build", "--base", "./", "--logLevel", "warn"], { cwd: folder });
  expect(await titleOf(join(folder, "dist"))).toBe("conditional");
});

test.skipIf(!installed)("in Node, by its name", () => {
  const folder = project();
  writeFileSync(join(folder, "main.js"), `import { check } from "execlens"; console.log(check([{ path: "Dockerfile", content: ${JSON.stringify(SEED)} }]).verdict);`);
  expect(execFileSync(process.execPath, ["main.js"], { cwd: folder, encoding: "utf8" }).trim()).toBe("conditional");
});

test.skipIf(!installed).each([["nodenext", "nodenext"], ["esnext", "bundler"]])("with its types, as modules are resolved for %s (%s)", (module, moduleResolution) => {
  const folder = project();
  writeFileSync(join(folder, "main.ts"), `import { check, type CheckOptions, type Report } from "execlens";
const options: CheckOptions = { platform: "linux/arm64", buildArgs: { A: "1" }, locale: "ja" };
const report: Report = check([{ path: "a", content: new Uint8Array() }, { path: "b", content: "FROM x" }], options);
export const codes: string[] = report.diagnostics.map((found) => found.code);
// @ts-expect-error: there is no such verdict
if (report.verdict === "perhaps") throw new Error();
`);
  const compiler = join(wwwRequire.resolve("typescript/package.json"), "../bin/tsc");
  execFileSync(process.execPath, [compiler, "--noEmit", "--strict", "--target", "es2022", "--types", "", "--module", module, "--moduleResolution", moduleResolution, "main.ts"], { cwd: folder, encoding: "utf8" });
});
