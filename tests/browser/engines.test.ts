// The journeys in Firefox and WebKit; Chromium's, in more detail, are in the files beside this one.
//
// What a driver cannot do, and what is done in its place:
// - No protocol drags from a file manager into Firefox or WebKit: the drop is an event whose items are entries of a
//   folder, made in the page, so all that the page does with one is the engine's own work.
// - Neither cuts one page off the network: the host goes away instead, and every request fails.
// - Neither ends a worker: one is served, once, that throws.
// - WebKitGTK has no touch, and its window is as narrow as its bars let it be, about 450 pixels; below that the page is
//   shown in a frame of a phone's width.
import { copyFileSync, mkdtempSync, readdirSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Driven, ENTER, TAB } from "./engines/driven.ts";
import { FIREFOX, firefox } from "./engines/firefox.ts";
import { hasWebKit, webkit } from "./engines/webkit.ts";
import { type Host, serve } from "./serve.ts";
import { SEED, SITE } from "./support.ts";

const verdictIs = (verdict: string) => `document.querySelector(".verdict[data-verdict=${verdict}]") !== null`;
const EDITOR = `document.querySelector("code-editor")?.shadowRoot?.querySelector(".cm-content")`;
const TEXT = `[...${EDITOR}.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\\n")`;

describe.each([
  ["Firefox", FIREFOX !== null, firefox],
  ["WebKit", hasWebKit, webkit],
] as const)("%s", (name, installed, start) => {
  let browser: Driven;
  let hosts: Host[] = [];
  beforeAll(async () => {
    if (installed) browser = await start();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const host of hosts) await host.close();
    hosts = [];
  });

  /** Another port is another origin, where nothing is remembered. */
  async function host(folder = SITE): Promise<Host> {
    const one = await serve(folder);
    hosts.push(one);
    return one;
  }

  async function open(): Promise<Host> {
    const one = await host();
    await browser.open(one.url);
    await editor();
    return one;
  }

  async function editor(): Promise<void> {
    await browser.evaluate(`dispatchEvent(new Event("pointermove"))`);
    await until(`${EDITOR} != null`);
  }

  async function until(condition: string): Promise<void> {
    await expect.poll(() => browser.evaluate(condition), { timeout: 20_000, interval: 100, message: condition }).toBe(true);
  }

  /** Types into the editor, which has the focus after a click. */
  async function type(text: string): Promise<void> {
    await browser.click("code-editor");
    await browser.press(text.replaceAll("\n", ENTER));
  }

  const journey = test.skipIf(!installed);

  journey("the seed's case by mouse, from the example to the edit that mends it", async () => {
    await open();
    await browser.click("[data-example=seed]");
    await until(`${verdictIs("conditional")} && document.activeElement?.id === "verdict"`);
    await browser.click(".fix.preferred button.primary");
    await until(verdictIs("starts"));
    expect(await browser.evaluate(TEXT)).toContain("CGO_ENABLED=0");
    await browser.click(".news .button");
    await until(verdictIs("conditional"));
    expect(await browser.evaluate(TEXT)).not.toContain("CGO_ENABLED");
  });

  journey("the same by keyboard alone", async () => {
    await open();
    await tabTo("[data-example=seed]");
    await browser.press(ENTER);
    await until(`${verdictIs("conditional")} && document.activeElement?.id === "verdict"`);
    await tabTo(".fix.preferred button.primary");
    await browser.press(ENTER);
    await until(`${verdictIs("starts")} && document.activeElement?.id === "verdict"`);
  });

  async function tabTo(selector: string): Promise<void> {
    for (let presses = 0; presses < 80; presses++) {
      await browser.press(TAB);
      if (await browser.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
    }
    expect.fail(`80 presses of Tab do not reach ${selector}`);
  }

  journey("a folder that is dropped", async () => {
    await open();
    await browser.evaluate(`(${dropFolder})(${JSON.stringify({ "Dockerfile": SEED, "go.mod": "module example.com/server\n", "cmd/main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.Get("") }\n', ".git/config": "" })})`);
    await until(verdictIs("fails"));
    const tabs = await browser.evaluate<string[]>(`[...document.querySelectorAll(".tab-name span")].map((tab) => tab.textContent)`);
    expect(tabs.sort()).toEqual(["project/Dockerfile", "project/cmd/main.go", "project/go.mod"]);
  });

  journey("a program of 200 MB, chosen and read where it lies", async () => {
    await open();
    const program = join(mkdtempSync(join(tmpdir(), "execlens-")), "program");
    copyFileSync(process.execPath, program);
    truncateSync(program, 200_000_000);
    await browser.choose("[data-picker=files]", [program]);
    await until(`document.querySelector(".images tbody tr") !== null`);
    expect(await browser.evaluate(`document.querySelector("dl.facts").textContent`)).toContain("ld-linux");
  });

  journey("without a network, after the first visit", async () => {
    const site = await open();
    await until(`navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)`);
    await site.close();
    hosts = [];
    await browser.open(site.url);
    await editor();
    await browser.click("[data-example=seed]");
    await until(verdictIs("conditional"));
    await browser.open(new URL("ja/rules/missing-interpreter.html", site.url).href);
    expect(await browser.evaluate("document.documentElement.lang")).toBe("ja");
  });

  journey("a new version asks, and takes no work away", async () => {
    const site = await open();
    await until(`navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)`);
    await type("FROM alpine\n# my work");
    const address = new URL("service-worker.js", site.url);
    const body = `${await (await fetch(address)).text()}\n// another version\n`;
    site.pages.set(address.pathname, { body, headers: { "content-type": "text/javascript" } });
    await browser.evaluate(`navigator.serviceWorker.getRegistration().then((registration) => registration.update()).then(() => 0)`);
    await until(`document.querySelector(".update") !== null`);
    await browser.evaluate("window.before = true");
    await browser.click("[data-action=update]");
    await until(`window.before === undefined && document.querySelector("main#main") !== null`);
    await editor();
    expect(await browser.evaluate(TEXT)).toBe("FROM alpine\n# my work");
  });

  journey("the other language, and back", async () => {
    await open();
    await browser.click("[data-example=seed]");
    await until(verdictIs("conditional"));
    const english = await browser.evaluate(`document.querySelector(".finding h4").textContent`);
    await browser.click(".switch button[lang=ja]");
    await until(`document.documentElement.lang === "ja" && /[ぁ-ん]/.test(document.querySelector(".finding h4").textContent)`);
    await browser.click(".switch button[lang=en]");
    await until(`document.querySelector(".finding h4").textContent === ${JSON.stringify(english)}`);
  });

  journey("a shared link carries the input in its fragment", async () => {
    const site = await open();
    await type("FROM scratch\nCMD echo shared");
    await until(verdictIs("fails"));
    await browser.click(".share summary");
    await browser.click(".share li:first-child button");
    await until(`/#s=[\\w-]+$/.test(location.href)`);
    const fragment = await browser.evaluate<string>("location.hash");
    // Somebody else, somewhere else.
    const other = await host();
    expect(other.url).not.toBe(site.url);
    await browser.open(`${other.url}${fragment}`);
    await until(verdictIs("fails"));
    await editor();
    expect(await browser.evaluate(TEXT)).toBe("FROM scratch\nCMD echo shared");
  });

  journey("the element in a bare page with a strict policy", async () => {
    const site = await host();
    const docs = await host(fileURLToPath(new URL(".", import.meta.url)));
    const { origin } = new URL(site.url);
    docs.pages.set("/docs", {
      body: `<!doctype html><html lang="en"><title>Docs</title><body><exec-lens editable expected="fails"><pre><code>FROM scratch\nCMD echo hello\n</code></pre></exec-lens><script type="module" src="${new URL("exec-lens.js", site.url)}"></script></body></html>`,
      headers: { "content-security-policy": `default-src 'none'; script-src ${origin} 'wasm-unsafe-eval'; connect-src ${origin}; worker-src blob:; require-trusted-types-for 'script'; trusted-types lit-html execlens` },
    });
    await browser.open(new URL("/docs", docs.url).href);
    await until(`document.querySelector("exec-lens").shadowRoot?.querySelector(".verdict.fails .expected") != null`);
    expect(await browser.evaluate(`document.querySelector("exec-lens pre").checkVisibility()`)).toBe(true);
  });

  journey("a worker that crashes is replaced, and nothing typed is lost", async () => {
    const site = await host();
    const worker = readdirSync(join(SITE, "assets")).find((file) => file.startsWith("worker-"))!;
    const path = new URL(`assets/${worker}`, site.url).pathname;
    // The service worker would fetch it too, and perhaps be the first.
    site.pages.set(new URL("service-worker.js", site.url).pathname, { headers: { "content-type": "text/javascript" }, body: "" });
    site.pages.set(path, { once: true, headers: { "content-type": "text/javascript", "cache-control": "no-store" }, body: `onmessage = () => { throw new Error("a crash, for the test"); };` });
    await browser.open(site.url);
    await editor();
    await type("FROM scratch\nCMD echo typed");
    await until(verdictIs("fails"));
    expect(site.pages.has(path)).toBe(false);
    expect(await browser.evaluate(TEXT)).toBe("FROM scratch\nCMD echo typed");
  });

  journey("the policy holds in the page and in the worker: nothing leaves", async () => {
    const elsewhere = await host(fileURLToPath(new URL(".", import.meta.url)));
    // It would answer anybody who may ask.
    elsewhere.pages.set("/anything", { body: "here", headers: { "access-control-allow-origin": "*" } });
    const address = JSON.stringify(new URL("/anything", elsewhere.url).href);
    const attempt = `fetch(${address}).then(() => "sent", () => "blocked")`;
    const site = await host();
    const worker = readdirSync(join(SITE, "assets")).find((file) => file.startsWith("worker-"))!;
    site.pages.set(new URL(`assets/${worker}`, site.url).pathname, {
      headers: { "content-type": "text/javascript" },
      body: `onmessage = async ({ data }) => postMessage({ id: data.id, kind: "failed", message: await ${attempt} });`,
    });
    await browser.open(site.url);
    await editor();
    expect(await browser.evaluate(attempt)).toBe("blocked");
    await browser.click("[data-example=seed]");
    await until(`document.querySelector(".verdict.failure") !== null`);
    expect(await browser.evaluate(`document.querySelector(".verdict.failure .summary").textContent`)).toContain("blocked");
  });

  journey("on a narrow phone nothing is cut off", async () => {
    const site = await host();
    if (name === "WebKit") {
      site.pages.set("/phone", { body: `<!doctype html><html lang="en"><title>Phone</title><body style="margin: 0"><iframe src="${site.url}" width="360" height="640" style="border: 0"></iframe></body></html>` });
      await browser.open(new URL("/phone", site.url).href);
    } else {
      await browser.resize(360, 640);
      await browser.open(site.url);
    }
    const inside = name === "WebKit" ? "document.querySelector('iframe').contentDocument" : "document";
    await until(`${inside}.querySelector("[data-example=seed]") !== null`);
    await browser.evaluate(`${inside}.querySelector("[data-example=seed]").click()`);
    await until(`${inside}.querySelector(".verdict[data-verdict=conditional]") !== null`);
    expect(await browser.evaluate(`${inside}.documentElement.scrollWidth - ${inside}.documentElement.clientWidth`)).toBeLessThanOrEqual(0);
    await browser.evaluate(`${inside}.querySelector(".fix.preferred button.primary").click()`);
    await until(`${inside}.querySelector(".verdict[data-verdict=starts]") !== null`);
  });
});

/** In the page: drops a folder as a file manager does, of which the engine only has the files. */
function dropFolder(files: Record<string, string>): void {
  type Entry = { isFile: boolean; name: string; fullPath: string; file?(take: (file: File) => void): void; createReader?(): { readEntries(take: (entries: Entry[]) => void): void } };
  const entry = (path: string): Entry => {
    const name = path.split("/").at(-1)!;
    const fullPath = `/project${path === "" ? "" : `/${path}`}`;
    if (path in files) return { isFile: true, name, fullPath, file: (take) => take(new File([files[path]!], name)) };
    const inside = path === "" ? "" : `${path}/`;
    const names = new Set(Object.keys(files).filter((one) => one.startsWith(inside)).map((one) => one.slice(inside.length).split("/")[0]!));
    const batches = [[...names].map((one) => entry(inside + one)), []];
    return { isFile: false, name: name || "project", fullPath, createReader: () => ({ readEntries: (take) => take(batches.shift() ?? []) }) };
  };
  const event = new Event("drop", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "dataTransfer", {
    value: { types: ["Files"], items: [{ kind: "file", webkitGetAsEntry: () => entry(""), getAsFile: () => null }], files: [], getData: () => "" },
  });
  document.body.dispatchEvent(event);
}
