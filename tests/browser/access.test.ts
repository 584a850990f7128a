// For everyone: axe-core finds nothing, in both languages, both themes and both widths.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toFragment } from "../../www/src/lib/share.ts";
import { editorOf, SEED, setUp, type Stand, verdictOf } from "./support.ts";

const axe = readFileSync(createRequire(new URL("../../www/package.json", import.meta.url)).resolve("axe-core/axe.min.js"), "utf8");

let stand: Stand;
beforeAll(async () => {
  stand = await setUp();
});
afterAll(() => stand.close());

test.each([
  ["English, light, wide", { locale: "en-US", colorScheme: "light", viewport: { width: 1280, height: 800 } }],
  ["Japanese, dark, narrow", { locale: "ja-JP", colorScheme: "dark", viewport: { width: 360, height: 700 } }],
  ["English, dark, narrow", { locale: "en-US", colorScheme: "dark", viewport: { width: 390, height: 844 } }],
  ["Japanese, light, wide", { locale: "ja-JP", colorScheme: "light", viewport: { width: 1280, height: 800 } }],
] as const)("%s", async (_, options) => {
  const page = await stand.open("", { ...options, reducedMotion: "reduce" });
  await page.context().addInitScript(axe);
  await page.reload();
  await editorOf(page);
  expect(await violations(page), "the first view").toEqual([]);
  await page.click("[data-example=seed]");
  await verdictOf(page);
  await page.evaluate(() => document.querySelectorAll("details:not(.menu)").forEach((details) => details.setAttribute("open", "")));
  expect(await violations(page), "an answer").toEqual([]);
  await page.click(".share summary");
  expect(await violations(page), "the menu").toEqual([]);
  for (const path of ["rules/index.html", "ja/rules/index.html", "guides/index.html", "rules/missing-interpreter.html", "ja/rules/missing-interpreter.html"]) {
    await page.goto(new URL(path, stand.host.url).href);
    expect(await violations(page), path).toEqual([]);
  }
});

test("the element in a frame", async () => {
  const page = await stand.open("embed.html");
  await page.context().addInitScript(axe);
  const seed = await toFragment({ files: [{ path: "Dockerfile", content: SEED }], options: {} });
  await page.goto("about:blank");
  await page.goto(new URL(`embed.html${seed}`, stand.host.url).href);
  await page.locator("exec-lens .verdict").waitFor();
  await page.evaluate(() => document.querySelector("exec-lens")!.shadowRoot!.querySelectorAll("details").forEach((details) => details.setAttribute("open", "")));
  expect(await violations(page)).toEqual([]);
});

test("in forced colours the verdict has its border, and its icon and words say what the colour said", async () => {
  const page = await stand.open("", { forcedColors: "active" });
  await editorOf(page);
  await page.click("[data-example=seed]");
  await verdictOf(page);
  expect(await page.evaluate(() => getComputedStyle(document.querySelector(".verdict")!).borderTopWidth)).toBe("2px");
  expect(await page.locator(".verdict .badge svg").count()).toBe(1);
});

async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ""}`));
  });
}
