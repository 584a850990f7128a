// The guides, on what the generators themselves write; and what their routers and frameworks do to an element.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Host, serve } from "./serve.ts";
import { noted, setUp, type Stand } from "./support.ts";

let stand: Stand;
let docs: Host;
beforeAll(async () => {
  stand = await setUp();
  docs = await serve(fileURLToPath(new URL(".", import.meta.url)), "/nothing/");
});
afterAll(async () => {
  await docs.close();
  await stand.close();
});

type Lens = HTMLElement & { text: string; report: { verdict: string } | null; editable: boolean };

/** The text of an element, whether readers may change it, and the verdict that its author expects. */
type Block = { text: string; editable?: true; expected?: string };

const SHORT = 'FROM scratch\nCMD echo "plain <b>"';

test.each<[string, "wrap" | "elements", Block[]]>([
  ["hugo", "wrap", [
    { text: "FROM scratch\nCMD echo element", expected: "fails" },
    { text: SHORT },
    { text: "FROM scratch\n\nCMD echo numbered" },
    { text: "FROM scratch\nCMD echo inline" },
  ]],
  ["hugo-inline-styles", "wrap", [
    { text: "FROM scratch\nCMD echo element", expected: "fails" },
    { text: SHORT },
    { text: "FROM scratch\n\nCMD echo numbered" },
    { text: "FROM scratch\nCMD echo inline" },
  ]],
  ["mdbook", "wrap", [
    { text: SHORT },
    { text: "FROM scratch\n\nCMD echo expected", expected: "fails" },
    { text: "FROM scratch\nCMD echo editable", editable: true },
  ]],
  ["mkdocs-material", "wrap", [
    { text: SHORT },
    { text: "FROM scratch\nCMD echo expected", expected: "fails" },
    { text: "FROM scratch\n\nCMD echo numbered" },
    { text: "FROM scratch\nCMD echo docker # (1)!" },
  ]],
  // Their frameworks own the page, so blocks are not wrapped there: authors write the element.
  ["docusaurus", "elements", [
    { text: "FROM scratch\n\nCMD echo element", expected: "fails" },
    { text: 'FROM scratch\nCMD echo "numbered <b>"', editable: true },
  ]],
  ["vitepress", "elements", [
    { text: "FROM scratch\n\nCMD echo element", expected: "fails" },
    { text: 'FROM scratch\nCMD echo "numbered <b>"', editable: true },
  ]],
])("%s, with %s", async (generator, way, blocks) => {
  const page = await open(body(generator), way === "wrap" ? "?wrap" : "");
  const lenses = page.locator("exec-lens");
  await expect.poll(() => lenses.count()).toBe(blocks.length);
  for (const at of blocks.keys()) {
    await lenses.nth(at).scrollIntoViewIfNeeded();
    await lenses.nth(at).locator(".verdict.fails").waitFor();
  }
  const seen = await lenses.evaluateAll((all) => (all as Lens[]).map((lens) => ({
    text: lens.text.trimEnd(),
    ...(lens.editable && { editable: true }),
    ...(lens.hasAttribute("expected") && { expected: lens.getAttribute("expected") }),
  })));
  expect(seen).toEqual(blocks);
  // Line numbers, titles and buttons stay where the generator has put them.
  expect(await page.evaluate(() => document.querySelectorAll("td exec-lens, pre exec-lens").length)).toBe(0);
  expect(noted(page)).toEqual([]);
});

test("frameworks that set attributes as properties can do so", async () => {
  const page = await open("<main></main>", "");
  await page.waitForFunction(() => customElements.get("exec-lens"));
  await page.evaluate(() => {
    const lens = document.createElement("exec-lens") as Lens & Record<string, unknown>;
    Object.assign(lens, { expected: "fails", editable: true, path: "web.Dockerfile", platform: "linux/arm64", target: null });
    lens.innerHTML = "<pre><code>FROM scratch\nCMD echo\n</code></pre>";
    document.querySelector("main")!.append(lens);
  });
  await page.locator("exec-lens .expected").waitFor();
  expect(await page.locator("exec-lens").evaluate((lens) => lens.getAttributeNames().map((name) => `${name}=${lens.getAttribute(name)}`))).toEqual([
    "expected=fails", "editable=", "path=web.Dockerfile", "platform=linux/arm64",
  ]);
});

test("a router that puts another text into the same element gets another verdict", async () => {
  const page = await open("<exec-lens><pre><code>FROM scratch\nCMD echo\n</code></pre></exec-lens>", "");
  await page.locator("exec-lens .verdict.fails").waitFor();
  await page.evaluate(() => {
    document.querySelector("code")!.firstChild!.nodeValue = "FROM alpine:3.20\nCMD echo\n";
  });
  await page.locator("exec-lens .verdict.starts").waitFor();
});

test("on a page where nothing can be selected the text is still read", async () => {
  const page = await open(`<style>* { user-select: none }</style><exec-lens><pre><code><span>FROM scratch</span>\nCMD echo\n</code></pre></exec-lens>`, "");
  await page.locator("exec-lens .verdict.fails").waitFor();
  expect(await page.locator("exec-lens").evaluate((lens) => (lens as Lens).text)).toBe("FROM scratch\nCMD echo\n");
});

function body(generator: string): string {
  return readFileSync(new URL(`generators/${generator}.html`, import.meta.url), "utf8");
}

function open(content: string, query: string): Promise<Page> {
  const script = new URL(`exec-lens.js${query}`, stand.host.url).href;
  docs.pages.set("/page", { body: `<!doctype html><html lang="en"><title>Docs</title><link rel="icon" href="data:,"><body>${content}<script type="module" src="${script}"></script></body></html>` });
  return stand.open(new URL("/page", docs.url).href);
}
