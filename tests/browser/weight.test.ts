// What a visitor waits for, as it travels: the first view, and the element alone. The numbers are committed.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { SITE } from "./support.ts";

const RECORD = fileURLToPath(new URL("../data/page-weight.json", import.meta.url));

/** Budgets in bytes, brotli; the core has its own number. */
const MOST = { firstView: 60_000, element: 8_000 };

/** Compilers and compressors differ a little; what grows beyond this is a decision. */
const TOLERANCE = 1.05;

const weigh = (paths: string[]) => paths.reduce((sum, path) => sum + brotliCompressSync(readFileSync(`${SITE}/${path}`)).length, 0);

test("the first view and the element weigh what was agreed", () => {
  const page = readFileSync(`${SITE}/index.html`, "utf8");
  const firstView = [...page.matchAll(/<(?:script|link)[^>]*(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]!);
  const now = { firstView: weigh(firstView), element: weigh(["exec-lens.js", ...staticImports("exec-lens.js")]) };
  if (process.env["UPDATE"] || !existsSync(RECORD)) writeFileSync(RECORD, `${JSON.stringify(now, null, 2)}\n`);
  const committed = JSON.parse(readFileSync(RECORD, "utf8")) as typeof now;
  console.log("bytes with brotli:", now);
  for (const part of ["firstView", "element"] as const) {
    expect(now[part], part).toBeLessThan(MOST[part]);
    expect(now[part], `${part}, against the committed number (UPDATE=1 writes it)`).toBeLessThan(committed[part] * TOLERANCE);
  }
});

function staticImports(path: string): string[] {
  const source = readFileSync(`${SITE}/${path}`, "utf8");
  return [...source.matchAll(/(?:^|[;}])import(?:[^"'();]*from)?["']\.\/([^"']+)["']/g)].map((match) => match[1]!);
}
