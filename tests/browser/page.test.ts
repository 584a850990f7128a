// What the page promises whatever is checked in it.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { editorOf, noted, SEED, setUp, SITE, type Stand, tabTo, textOf, verdictIs, verdictOf } from "./support.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await setUp();
});
afterAll(() => stand.close());

const folder = () => mkdtempSync(join(tmpdir(), "execlens-"));

test("what was typed is there after a reload", async () => {
  const page = await stand.open();
  await (await editorOf(page)).fill("FROM alpine\n# my own words");
  await page.waitForTimeout(300);
  await page.reload();
  expect(await textOf(page)).toContain("# my own words");
});

test("what is typed before the editor has come is in it, with the caret where it was", async () => {
  const page = await stand.open();
  await page.focus("textarea.plain-editor");
  await page.keyboard.type("FROM alp");
  await page.waitForSelector("code-editor .cm-content");
  await page.keyboard.type("ine");
  expect(await textOf(page)).toBe("FROM alpine");
});

test("a shared link carries the input in its fragment, and the text it replaces can be brought back", async () => {
  const page = await stand.open();
  await (await editorOf(page)).fill(SEED);
  await verdictOf(page);
  await page.click(".share summary");
  await page.click(".share li:first-child button");
  await page.waitForSelector(".news");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/#s=[\w-]+$/);

  await (await editorOf(page)).fill("FROM scratch\n# something of my own");
  await page.waitForTimeout(300);
  await page.goto("about:blank");
  await page.goto(link);
  expect(await textOf(page)).toBe(SEED);
  await page.click(".news .button");
  await page.waitForFunction(() => document.querySelector("code-editor")?.shadowRoot?.textContent?.includes("something of my own"));
});

test("an error message that is pasted into the editor lands where messages are explained", async () => {
  const page = await stand.open();
  await (await editorOf(page)).click();
  await page.evaluate(() => navigator.clipboard.writeText('standard_init_linux.go:211: exec user process caused "no such file or directory"'));
  await page.keyboard.press("Control+V");
  await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>(".message-box textarea")!.value !== "");
  expect(await page.inputValue(".message-box textarea")).toContain("standard_init_linux.go:211");
  expect((await textOf(page)).includes("standard_init")).toBe(false);
  await verdictOf(page);
});

test("what can be taken away: the file as it is now, SARIF, JSON, Markdown", async () => {
  const page = await stand.open();
  await (await editorOf(page)).fill(SEED);
  await verdictIs(page, "conditional");
  const item = (at: number) => `.share li:nth-child(${at}) button`;
  const saved = async (at: number) => {
    await page.click(".share summary");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(item(at))]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
  };
  expect(await saved(3)).toEqual({ name: "Dockerfile", text: SEED });
  const sarif = await saved(4);
  expect(JSON.parse(sarif.text).runs[0].results[0].ruleId).toBe("missing-interpreter");
  expect(JSON.parse((await saved(5)).text).verdict).toBe("conditional");
  await page.click(".share summary");
  await page.click(item(2));
  await page.waitForSelector(".news");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("CGO_ENABLED");
});

test("the menus by keyboard: Escape leaves them, and the focus stays", async () => {
  const page = await stand.open();
  await editorOf(page);
  const onExamples = () => page.evaluate(() => document.activeElement?.matches(".examples summary"));
  await tabTo(page, ".examples summary");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  expect(await page.locator(".examples").getAttribute("open")).toBe(null);
  expect(await onExamples()).toBe(true);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await verdictIs(page, "fails");
  expect(await page.locator("article.finding .rule").first().textContent()).toBe("symbol-version-too-new");
  await page.waitForFunction(() => document.activeElement?.id === "verdict");
});

test("options in Docker's terms: target stage, build arguments, platforms; a link carries them", async () => {
  const page = await stand.open();
  await (await editorOf(page)).fill(OPTIONS);
  await verdictIs(page, "fails");
  await page.click(".options summary");
  const option = (name: string) => page.locator(".fields label", { hasText: name }).locator("input, textarea");
  await option("--target").fill("run");
  await verdictIs(page, "starts");
  // A name alone would take its value from the builder's environment.
  await option("--build-arg").fill("BASE");
  await option("--build-arg").fill("BASE=scratch");
  await verdictIs(page, "fails");
  await option("--build-arg").fill("BASE=alpine:3.20");
  await verdictIs(page, "starts");
  await option("--platform").fill("linux/arm64");
  await option("BUILDPLATFORM").fill("linux/amd64");
  await verdictIs(page, "fails");
  expect(await page.locator("article.finding .rule").first().textContent()).toBe("cross-build-not-applied");
  await option("--platform").fill("linux/arm6");
  await page.locator(".wrong").waitFor();
  await verdictIs(page, "starts");
  await option("--platform").fill("linux/arm64");
  await verdictIs(page, "fails");
  await page.click(".share summary");
  await page.click(".share li:first-child button");
  await page.waitForSelector(".news");
  const link = page.url();
  const other = await stand.open("about:blank");
  await other.goto(link);
  await verdictIs(other, "fails");
  expect(await other.locator(".fields :is(input, textarea)").evaluateAll((all) => (all as HTMLInputElement[]).map((one) => one.value)))
    .toEqual(["linux/arm64", "linux/amd64", "run", "BASE=alpine:3.20"]);
});

const OPTIONS = `ARG BASE=alpine:3.20
FROM --platform=$BUILDPLATFORM golang:1.22 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /app .

FROM $BASE AS run
COPY --from=build /app /app
CMD /app

FROM scratch
COPY --from=build /app /app
CMD /app
`;

test("in a project with many files a step of the argument opens the file that it is about", async () => {
  const page = await stand.open();
  await editorOf(page);
  const project = join(folder(), "project");
  mkdirSync(project);
  writeFileSync(join(project, "Dockerfile"), 'FROM alpine:3.20\nCOPY --chmod=755 run.sh /run.sh\nENTRYPOINT ["/run.sh"]\n');
  writeFileSync(join(project, "run.sh"), "#!/bin/bash\nexec sleep 1\n");
  for (let n = 0; n < 20; n++) writeFileSync(join(project, `other-${n}.txt`), `${n}\n`);
  await drop(page, [project]);
  await verdictIs(page, "fails");
  // The Dockerfile has the editor; the script is not open as a text yet.
  expect(await page.locator(".tab-name span").allTextContents()).toEqual(["project/Dockerfile"]);
  await page.locator(".evidence .place", { hasText: "run.sh" }).first().click();
  await expect.poll(() => textOf(page)).toContain("#!/bin/bash");
  // A fix in the file that is not in the editor is applied all the same.
  await page.locator(".fix.preferred button.primary").first().click();
  await verdictIs(page, "starts");
});

test("both languages, every visible word", async () => {
  const page = await stand.open("", { locale: "ja-JP" });
  await editorOf(page);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("ja");
  await page.click("[data-example=seed]");
  const verdict = await verdictOf(page);
  const japanese = await page.textContent("#verdict");
  await page.click('.switch button[lang="en"]');
  await page.waitForFunction((before) => document.querySelector("#verdict")?.textContent !== before, japanese);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
  expect(await verdictOf(page)).toBe(verdict);
  // Chosen once, it stays chosen.
  await page.reload();
  await editorOf(page);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
  // A link from a Japanese page chooses Japanese, and the reader can choose otherwise.
  await page.goto(new URL("?lang=ja", stand.host.url).href);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("ja");
  await page.click('.switch button[lang="en"]');
  await page.reload();
  await editorOf(page);
  expect(await page.textContent("body")).not.toMatch(/[ぁ-んァ-ヶ](?![^<]*日本語)/);
});

test("a folder, dropped from the file manager", async () => {
  const page = await stand.open();
  await editorOf(page);
  const project = join(folder(), "project");
  mkdirSync(join(project, "cmd"), { recursive: true });
  mkdirSync(join(project, ".git"), { recursive: true });
  writeFileSync(join(project, "Dockerfile"), SEED);
  writeFileSync(join(project, "go.mod"), "module example.com/server\n");
  writeFileSync(join(project, "cmd/main.go"), 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println() }\n');
  writeFileSync(join(project, ".git/config"), "");
  await drop(page, [project]);
  await verdictOf(page);
  expect(await page.locator(".tab-name span").allTextContents()).toEqual(
    expect.arrayContaining(["project/Dockerfile", "project/go.mod", "project/cmd/main.go"]),
  );
  expect(await page.locator(".tab").count()).toBe(3);
  expect(await page.locator(".tab.active").textContent()).toContain("project/Dockerfile");
});

test("a program of 200 MB is read where it lies, and judged against the usual images", async () => {
  const page = await stand.open();
  await editorOf(page);
  const program = join(folder(), "program");
  copyFileSync(process.execPath, program);
  truncateSync(program, 200_000_000);
  await drop(page, [program]);
  await verdictOf(page);
  expect(await page.locator(".tab-name span").allTextContents()).toEqual(["program"]);
  // Node's own program asks for glibc, so its facts and the images are known.
  expect(await page.textContent("dl.facts")).toContain("ld-linux");
  const rows = page.locator(".images tbody tr");
  const all = await rows.count();
  await page.fill(".filter input", "alpine");
  await expect.poll(() => rows.count()).toBeLessThan(all);
  expect(await rows.first().textContent()).toContain("missing-interpreter");
  await page.fill(".filter input", "no such image");
  expect(await rows.count()).toBe(1);
  const memory = await page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize);
  expect(memory).toBeLessThan(60_000_000);
});

test("a worker that dies is replaced, and nothing typed is lost", async () => {
  const page = await stand.open();
  const editor = await editorOf(page);
  await editor.fill(SEED);
  await verdictOf(page);
  const [worker] = page.workers();
  await worker!.evaluate(() => {
    setTimeout(() => {
      throw new Error("a crash, for the test");
    });
  });
  await expect.poll(() => page.workers().length).toBe(0);
  await editor.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("# more");
  await expect.poll(() => page.workers().length).toBe(1);
  await verdictOf(page);
  expect(await textOf(page)).toContain("# more");
});

test("a long reading says how far it is, and can be cancelled", async () => {
  // A worker that reads for ever, in the place of the real one.
  const name = readdirSync(join(SITE, "assets")).find((file) => file.startsWith("worker-"))!;
  const path = new URL(`assets/${name}`, stand.host.url).pathname;
  stand.host.pages.set(path, {
    headers: { "content-type": "text/javascript" },
    body: `onmessage = ({ data }) => postMessage({ id: data.id, kind: "progress", read: 120e6, size: 480e6 });`,
  });
  // The service worker of another page may have the real one.
  const page = await stand.open("", { serviceWorkers: "block" });
  await (await editorOf(page)).fill(SEED);
  await page.locator(".reading").waitFor();
  expect(await page.textContent(".reading")).toContain("120 of 480 MB");
  await page.click(".reading button");
  await page.locator(".verdict.failure").waitFor();
  expect(page.workers()).toEqual([]);
  stand.host.pages.delete(path);
  await page.click(".verdict.failure button");
  await verdictOf(page);
});

test("the policy holds in the page and in the worker: nothing leaves", async () => {
  const page = await stand.open();
  await (await editorOf(page)).fill(SEED);
  await verdictOf(page);
  const attempt = () => fetch("http://elsewhere.example/").then(() => "sent", () => "blocked");
  expect(await page.evaluate(attempt)).toBe("blocked");
  expect(await page.workers()[0]!.evaluate(attempt)).toBe("blocked");
  const image = await page.evaluate(() => new Promise((resolve) => {
    const picture = new Image();
    picture.onload = () => resolve("sent");
    picture.onerror = () => resolve("blocked");
    picture.src = "http://elsewhere.example/x.png";
  }));
  expect(image).toBe("blocked");
  await expect(page.evaluate(() => {
    document.body.innerHTML = "<p>text as markup</p>";
  })).rejects.toThrow(/TrustedHTML/);
  expect(stand.leaks).toEqual([]);
});

test("of thousands of findings as many are shown as one reads, and all are in the downloads", async () => {
  const page = await stand.open();
  await editorOf(page);
  await page.locator("[data-picker=files]").setInputFiles([{ name: "Dockerfile", mimeType: "", buffer: Buffer.from("NOPE\n".repeat(3000)) }]);
  await verdictIs(page, "fails");
  expect(await page.locator("article.finding").count()).toBe(40);
  expect(await page.textContent(".more")).toContain("2960");
  // It does not read like a Dockerfile, and that is said.
  expect(await page.textContent(".verdict")).toContain("FROM");
  await page.click(".share summary");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".share li:last-child button")]);
  expect(JSON.parse(readFileSync(await download.path(), "utf8")).diagnostics.length).toBe(3000);
});

test("names and contents of files are text, whatever is in them", async () => {
  const page = await stand.open();
  await editorOf(page);
  await page.locator("[data-picker=files]").setInputFiles([
    { name: "<img src=x onerror=alert(1)>.dockerfile", mimeType: "text/plain", buffer: Buffer.from('FROM <b>x</b>\nCMD ["</code><script>alert(1)</script>"]\n') },
  ]);
  await verdictOf(page);
  expect(await page.locator("#app img, #app script, #app b").count()).toBe(0);
  expect(noted(page)).toEqual([]);
});

/** Drops files and folders of this machine, as a file manager would. */
async function drop(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
}
