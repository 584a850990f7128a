// `<exec-lens>` in other people's pages, also in those with a strict policy and on another origin.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noted, SEED, setUp, type Stand } from "./support.ts";
import { serve, type Host } from "./serve.ts";

let stand: Stand;
let docs: Host;
beforeAll(async () => {
  stand = await setUp();
  // Another port is another origin.
  docs = await serve(fileURLToPath(new URL(".", import.meta.url)), "/nothing/");
});
afterAll(async () => {
  await docs.close();
  await stand.close();
});

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function docsPage(body: string, policy?: string): string {
  const script = new URL("exec-lens.js", stand.host.url).href;
  docs.pages.set("/docs", {
    body: `<!doctype html><html lang="en"><title>Docs</title><body>${body}<script type="module" src="${script}"></script></body></html>`,
    headers: policy ? { "content-security-policy": policy } : {},
  });
  return new URL("/docs", docs.url).href;
}

test("checks the author's own block in a bare page with a strict policy", async () => {
  const origin = new URL(stand.host.url).origin;
  const page = await stand.open(docsPage(
    `<exec-lens expected="conditional"><pre><code>${escape(SEED)}</code></pre></exec-lens>`,
    `default-src 'none'; script-src ${origin} 'wasm-unsafe-eval'; connect-src ${origin}; worker-src blob:; require-trusted-types-for 'script'; trusted-types lit-html execlens`,
  ));
  const verdict = page.locator("exec-lens .verdict");
  await verdict.waitFor();
  expect(await page.locator("exec-lens > pre").isVisible()).toBe(true);
  expect(noted(page)).toEqual([]);
  expect(stand.leaks).toEqual([]);
});

test("where no worker is allowed it checks in the page, and where no WebAssembly is it offers the way to the site", async () => {
  const origin = new URL(stand.host.url).origin;
  const block = `<exec-lens><pre><code>${escape(SEED)}</code></pre></exec-lens>`;
  const noWorker = await stand.open(docsPage(block, `default-src 'none'; script-src ${origin} 'wasm-unsafe-eval'; connect-src ${origin}; worker-src 'none'`));
  await noWorker.locator("exec-lens .verdict").waitFor();
  const noWasm = await stand.open(docsPage(block, `default-src 'none'; script-src ${origin}; connect-src ${origin}; worker-src blob:`));
  const link = noWasm.locator("exec-lens .row a");
  await link.waitFor();
  expect(await link.getAttribute("href")).toMatch(/#s=[\w-]+$/);
});

test("nothing heavy is loaded before it is near, and the page is whole without script", async () => {
  const body = `<div style="height: 6000px"></div><exec-lens><pre><code>${escape(SEED)}</code></pre></exec-lens>`;
  const page = await stand.open(docsPage(body));
  await page.waitForTimeout(500);
  const loaded = () => page.evaluate(() => performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname.split("/").at(-1)!));
  expect((await loaded()).some((name) => name.startsWith("panel-") || name.endsWith(".wasm"))).toBe(false);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.locator("exec-lens .verdict").waitFor();

  const plain = await stand.open(docsPage(body), { javaScriptEnabled: false });
  expect(await plain.locator("exec-lens > pre").isVisible()).toBe(true);
});

test("where its parts cannot be had the page stays what it is", async () => {
  const page = await stand.open("about:blank");
  await page.route("**/assets/panel-*", (route) => route.abort());
  await page.goto(docsPage(`<exec-lens><pre><code>${escape(SEED)}</code></pre></exec-lens>`));
  const check = () => page.evaluate(() => (document.querySelector("exec-lens") as HTMLElement & { check(): Promise<unknown> }).check());
  await page.waitForFunction(() => customElements.get("exec-lens"));
  expect(await check()).toBe(null);
  expect(await page.locator("exec-lens > pre").isVisible()).toBe(true);
  expect(noted(page).filter((error) => !error.includes("ERR_FAILED"))).toEqual([]);
});

test("tells the page its report, and whether it is as the author expects", async () => {
  const page = await stand.open(docsPage(`<exec-lens expected="no-program"><pre><code>${escape(SEED)}</code></pre></exec-lens>`));
  const detail = await page.evaluate(() => new Promise<{ verdict: string; asExpected: boolean }>((resolve) => {
    document.addEventListener("exec-lens-report", (event) => {
      const { report, asExpected } = (event as CustomEvent).detail;
      resolve({ verdict: report.verdict, asExpected });
    });
    const lens = document.querySelector("exec-lens") as HTMLElement & { check(): void };
    lens.check();
  }));
  expect(detail.asExpected).toBe(false);
  expect(detail.verdict).not.toBe("no-program");
  await page.locator("exec-lens .unexpected").waitFor();
});

test("an editable one is checked as one types", async () => {
  const page = await stand.open(docsPage(`<exec-lens editable><pre><code>${escape(SEED)}</code></pre></exec-lens>`));
  await page.locator("exec-lens .verdict").waitFor();
  await page.locator("exec-lens .row button").click();
  await page.locator("exec-lens textarea").fill("");
  await page.locator("exec-lens .verdict.no-program").waitFor();
  // Back to the author's text, and from there by the best change to what starts.
  await page.locator("exec-lens .row button").click();
  await page.locator("exec-lens .verdict.conditional").waitFor();
  expect(await page.locator("exec-lens > pre").isVisible()).toBe(true);
  await page.locator("exec-lens summary").click();
  expect(await page.locator("exec-lens .diff .added").textContent()).toContain("CGO_ENABLED=0");
  await page.locator("exec-lens .fixes button").first().click();
  await page.locator("exec-lens .verdict.starts").waitFor();
});

test("the host page changes its looks through parts and properties, and its own styles do not reach in", async () => {
  const page = await stand.open(docsPage(`
    <style>
      p, strong, button { color: rgb(1, 2, 3) !important; }
      exec-lens { --exec-lens-surface: rgb(250, 240, 230); --exec-lens-radius: 0; }
      exec-lens::part(summary) { letter-spacing: 3px; }
      exec-lens::part(button) { text-transform: uppercase; }
    </style>
    <exec-lens editable><pre><code>${escape(SEED)}</code></pre></exec-lens>`));
  await page.locator("exec-lens .verdict").waitFor();
  const looks = await page.evaluate(() => {
    const style = (selector: string) => getComputedStyle(document.querySelector("exec-lens")!.shadowRoot!.querySelector(selector)!);
    return {
      surface: style(".box").backgroundColor, radius: style(".box").borderRadius, summary: style(".summary").letterSpacing,
      button: style("button").textTransform, own: style(".summary").color,
    };
  });
  expect(looks).toMatchObject({ surface: "rgb(250, 240, 230)", radius: "0px", summary: "3px", button: "uppercase" });
  expect(looks.own).not.toBe("rgb(1, 2, 3)");
});

test("one that is read only has no editor, and still shows the change", async () => {
  const page = await stand.open(docsPage(`<exec-lens><pre><code>${escape(SEED)}</code></pre></exec-lens>`));
  await page.locator("exec-lens summary").click();
  expect(await page.locator("exec-lens .diff .added").textContent()).toContain("CGO_ENABLED=0");
  expect(await page.locator("exec-lens :is(button, textarea)").count()).toBe(0);
});

test("as a frame it says how high it is", async () => {
  const page = await stand.open(docsPage("<iframe></iframe>"));
  const height = await page.evaluate((address) => new Promise<number>((resolve) => {
    addEventListener("message", (event) => {
      if (event.data?.source === "exec-lens" && event.data.verdict) resolve(event.data.height);
    });
    document.querySelector("iframe")!.src = address;
  }), new URL("embed.html", stand.host.url).href);
  expect(height).toBeGreaterThan(20);
});

test("the guide's page works as it is written", async () => {
  const guide = readFileSync(new URL("../../www/guides/index.md", import.meta.url), "utf8");
  const example = /```html\n([\s\S]*?)```/.exec(guide)![1]!.replaceAll("https://execlens.example/", stand.host.url);
  docs.pages.set("/guide", { body: `<!doctype html><html lang="en"><title>Docs</title><body>${example}</body></html>` });
  const page = await stand.open(new URL("/guide", docs.url).href);
  await page.locator("exec-lens .verdict").waitFor();
});

test("blocks that come later are wrapped too", async () => {
  docs.pages.set("/later", { body: `<!doctype html><html lang="en"><title>Docs</title><body><main></main><script type="module" src="${new URL("exec-lens.js?wrap", stand.host.url).href}"></script></body></html>` });
  const page = await stand.open(new URL("/later", docs.url).href);
  await page.evaluate(() => {
    document.querySelector("main")!.innerHTML = `<pre><code class="language-dockerfile">FROM scratch\nCMD echo\n</code></pre>`;
  });
  await page.locator("exec-lens .verdict").waitFor();
});
