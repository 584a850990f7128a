// After the first visit the network may be off for good.
import { afterAll, beforeAll, expect, test } from "vitest";
import { editorOf, noted, SEED, setUp, type Stand, textOf, verdictOf } from "./support.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await setUp();
});
afterAll(() => stand.close());

test("page, core and rule pages of both languages without a network", async () => {
  const page = await stand.open();
  await editorOf(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.active?.state));
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.context().setOffline(true);
  await page.reload();
  await (await editorOf(page)).fill(SEED);
  await verdictOf(page);
  for (const path of ["rules/index.html", "ja/rules/index.html", "?lang=ja"]) {
    const response = await page.goto(new URL(path, stand.host.url).href);
    expect(response?.status(), path).toBe(200);
  }
  expect(noted(page)).toEqual([]);
  expect(stand.leaks).toEqual([]);
});

test("what another app shares is opened, and never sent", async () => {
  const page = await stand.open();
  await editorOf(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  // As the system does it, but for the navigation, which a page's own policy forbids.
  const taken = await page.evaluate(async () => {
    const form = new FormData();
    form.append("files", new File(["FROM alpine\n# shared\n"], "Dockerfile"));
    return (await fetch("./share", { method: "POST", body: form })).ok;
  });
  expect(taken).toBe(true);
  await page.goto(new URL("?shared", stand.host.url).href);
  await page.waitForFunction(() => document.querySelector("code-editor")?.shadowRoot?.textContent?.includes("# shared"));
});

test("files that the system opens it with are checked", async () => {
  const page = await stand.open("about:blank");
  // The file manager cannot be had here; what it calls can.
  await page.addInitScript(() => {
    const file = new File(["FROM alpine\n# launched\n"], "Dockerfile");
    Object.defineProperty(globalThis, "launchQueue", {
      value: { setConsumer: (take: (launch: object) => void) => take({ files: [{ getFile: () => Promise.resolve(file) }] }) },
    });
  });
  await page.goto(stand.host.url);
  await page.waitForFunction(() => document.querySelector("code-editor")?.shadowRoot?.textContent?.includes("# launched"));
});

test("a new version asks before it takes over, and takes no work away", async () => {
  const page = await stand.open();
  await editorOf(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const address = new URL("service-worker.js", stand.host.url);
  const body = `${await (await fetch(address)).text()}\n// another version\n`;
  stand.host.pages.set(address.pathname, { body, headers: { "content-type": "text/javascript" } });
  await (await editorOf(page)).fill("FROM alpine\n# in the middle of my work");
  await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration?.update()));
  await page.locator(".update").waitFor();
  expect(await textOf(page)).toContain("in the middle of my work");
  await Promise.all([page.waitForEvent("load"), page.click("[data-action=update]")]);
  expect(await textOf(page)).toContain("in the middle of my work");
  stand.host.pages.delete(address.pathname);
});

test("nor does an update take away a program that was dropped", async () => {
  const page = await stand.open();
  await editorOf(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const address = new URL("service-worker.js", stand.host.url);
  const body = `${await (await fetch(address)).text()}\n// one more version\n`;
  stand.host.pages.set(address.pathname, { body, headers: { "content-type": "text/javascript" } });
  await page.locator("[data-picker=files]").setInputFiles([
    { name: "server", mimeType: "", buffer: Buffer.concat([Buffer.from("\x7fELF"), Buffer.alloc(400_000)]) },
    // Too long for what the page remembers of texts.
    { name: "Dockerfile", mimeType: "", buffer: Buffer.from(`FROM alpine\nCOPY server /server\n${"# long\n".repeat(200_000)}`) },
  ]);
  await page.locator(".tab").nth(1).waitFor();
  await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration?.update()));
  await page.locator(".update").waitFor();
  await Promise.all([page.waitForEvent("load"), page.click("[data-action=update]")]);
  await page.locator(".tab").nth(1).waitFor();
  expect((await page.locator(".tab-name span").allTextContents()).sort()).toEqual(["Dockerfile", "server"]);
  expect(await textOf(page)).toContain("COPY server /server");
  expect(page.url()).not.toContain("shared");
  stand.host.pages.delete(address.pathname);
});

test("the manifest names icons and screenshots that are there", async () => {
  const response = await fetch(new URL("manifest.webmanifest", stand.host.url));
  const manifest = await response.json() as { icons: { src: string }[]; screenshots: { src: string }[]; file_handlers: unknown[] };
  for (const { src } of [...manifest.icons, ...manifest.screenshots]) {
    expect((await fetch(new URL(src, stand.host.url))).status, src).toBe(200);
  }
  expect(manifest.file_handlers.length).toBeGreaterThan(0);
});

test("the browser finds nothing that keeps it from being installed", async () => {
  const page = await stand.open();
  await editorOf(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const session = await page.context().newCDPSession(page);
  const { errors, data } = await session.send("Page.getAppManifest");
  expect(data).toContain("file_handlers");
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A context of its own, as each test has it, counts as incognito.
  expect(installabilityErrors.filter((error) => error.errorId !== "in-incognito")).toEqual([]);
});
