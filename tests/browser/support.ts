// What the journeys share: a site on a plain host, a browser that cannot reach anything else unseen, and a few steps.
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { type Host, serve } from "./serve.ts";

/** The built site: `SITE`, or what `npm run build` leaves. */
export const SITE = process.env["SITE"] ?? fileURLToPath(new URL("../../www/dist", import.meta.url));

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export interface Stand {
  host: Host;
  browser: Browser;
  /** A page of its own, with nothing remembered. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** Every address beyond this machine that the browser asked for, whoever in it asked. */
  leaks: string[];
  /** Ends all of it, and fails if anything has left this machine. */
  close(): Promise<void>;
}

/** What Chromium itself asks for, whatever page is open; the proxy does not let it through either. */
const BROWSERS_OWN = new Set([
  "accounts.google.com", "android.clients.google.com", "clients2.google.com", "content-autofill.googleapis.com", "edgedl.me.gvt1.com",
  "mtalk.google.com", "optimizationguide-pa.googleapis.com", "passwordsleakcheck-pa.googleapis.com", "redirector.gvt1.com",
  "safebrowsing.googleapis.com", "safebrowsingohttpgateway.googleapis.com", "update.googleapis.com", "www.google.com",
]);

/** Starts the host and the browser. Whatever is not on this machine goes through a proxy that notes it and answers nothing. */
export async function setUp(): Promise<Stand> {
  if (!existsSync(`${SITE}/index.html`)) throw new Error(`${SITE} has no index.html: build the site first`);
  const host = await serve(SITE);
  const leaks: string[] = [];
  const note = (address: string) => {
    if (!BROWSERS_OWN.has(new URL(address).hostname)) leaks.push(address);
  };
  const proxy = createServer((request, response) => {
    note(request.url ?? "http://unknown/");
    response.writeHead(403).end();
  });
  proxy.on("connect", (request, socket) => {
    note(`https://${request.url}/`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    proxy: { server: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, bypass: "127.0.0.1" },
    args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const stand: Stand = {
    host,
    browser,
    leaks,
    async open(path = "", options = {}) {
      const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 800 }, ...options });
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const page = await context.newPage();
      page.on("pageerror", (error) => noted(page).push(error.message));
      page.on("console", (message) => {
        // A policy that blocks something of ours is a defect, and says so only here.
        if (message.type() === "error") noted(page).push(message.text());
      });
      await page.goto(/^(http|about:)/.test(path) ? path : new URL(path, host.url).href);
      return page;
    },
    async close() {
      await browser.close();
      await host.close();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      expect(leaks, "what left this machine").toEqual([]);
    },
  };
  return stand;
}

const errors = new WeakMap<Page, string[]>();

/** The errors on the page's console. */
export function noted(page: Page): string[] {
  if (!errors.has(page)) errors.set(page, []);
  return errors.get(page)!;
}

/** Waits until the page says this verdict. */
export async function verdictIs(page: Page, verdict: string): Promise<void> {
  await page.waitForSelector(`.verdict[data-verdict="${verdict}"]`, { timeout: 20_000 });
}

/** Waits for any verdict and tells it. */
export async function verdictOf(page: Page): Promise<string | null> {
  const place = await page.waitForSelector(".verdict[data-verdict]", { timeout: 20_000 });
  return place.getAttribute("data-verdict");
}

/** Waits for the editor that takes the place of the plain text field. */
export async function editorOf(page: Page) {
  // It comes when somebody is about to use the page.
  await page.evaluate(() => dispatchEvent(new Event("pointermove")));
  await page.waitForSelector("code-editor .cm-content");
  return page.locator("code-editor .cm-content");
}

export async function textOf(page: Page): Promise<string> {
  return (await (await editorOf(page)).locator(".cm-line").allTextContents()).join("\n");
}

/** Presses Tab until the focus is on what the selector names, as someone without a mouse does. */
export async function tabTo(page: Page, selector: string, most = 80): Promise<void> {
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
  }
  expect.fail(`${most} presses of Tab do not reach ${selector}`);
}

export const SEED = `FROM golang:1.18 as builder
WORKDIR /go/src/
COPY . ./
RUN go mod download
RUN go build -v -o server ./cmd
FROM alpine:latest
RUN apk --no-cache add ca-certificates
WORKDIR /root/
COPY --from=builder /go/src/server ./
EXPOSE 8080
CMD ["./server"]
`;
