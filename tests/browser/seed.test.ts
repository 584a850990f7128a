// The way of the person that this project began with: from the broken Dockerfile to the right edit.
import { afterAll, beforeAll, expect, test } from "vitest";
import { editorOf, noted, SEED, setUp, type Stand, tabTo, textOf, verdictIs } from "./support.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await setUp();
});
afterAll(() => stand.close());

test("pasted: the verdict, the line, the reason and the change, by mouse", async () => {
  const page = await stand.open();
  const editor = await editorOf(page);
  await editor.click();
  await page.evaluate((text) => navigator.clipboard.writeText(text), SEED);
  await page.keyboard.press("Control+V");
  await verdictIs(page, "conditional");

  const finding = page.locator("article.finding").first();
  expect(await finding.locator(".rule").first().textContent()).toBe("missing-interpreter");
  expect(await finding.locator("header .place").textContent()).toContain("line 5");
  expect(await finding.locator(".evidence li").count()).toBeGreaterThan(3);
  expect(await finding.locator(".terminal samp").allTextContents()).toEqual(expect.arrayContaining([
    expect.stringContaining("no such file or directory"),
  ]));
  expect(await page.locator("code-editor .cm-lintRange").textContent()).toContain("go build");

  // A step of the argument leads to its line.
  await finding.locator(".evidence .place").first().click();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("CODE-EDITOR");

  // Every offered change can be seen before it is taken.
  expect(await finding.locator(".fix").count()).toBeGreaterThan(2);
  expect(await finding.locator(".fix.preferred .diff-line.added").textContent()).toContain("CGO_ENABLED=0");

  await finding.locator(".fix.preferred button.primary").click();
  await verdictIs(page, "starts");
  expect(await textOf(page)).toContain("CGO_ENABLED=0");

  // And back.
  await page.click(".news .button");
  await verdictIs(page, "conditional");
  expect(await textOf(page)).not.toContain("CGO_ENABLED");
  expect(noted(page)).toEqual([]);
});

test("the example, by keyboard alone", async () => {
  const page = await stand.open();
  await editorOf(page);
  await tabTo(page, "[data-example=seed]");
  await page.keyboard.press("Enter");
  await verdictIs(page, "conditional");
  // The verdict has the focus, so a screen reader says it and Tab goes on from there.
  await page.waitForFunction(() => document.activeElement?.id === "verdict");
  await tabTo(page, ".fix.preferred button.primary");
  await page.keyboard.press("Enter");
  await verdictIs(page, "starts");
  await page.waitForFunction(() => document.activeElement?.id === "verdict");
});

test("undo in the editor takes a fix back", async () => {
  const page = await stand.open();
  await editorOf(page);
  await page.click("[data-example=seed]");
  await verdictIs(page, "conditional");
  await page.locator(".fix.preferred button.primary").first().click();
  await verdictIs(page, "starts");
  await (await editorOf(page)).click();
  await page.keyboard.press("Control+Z");
  await verdictIs(page, "conditional");
  expect(await textOf(page)).not.toContain("CGO_ENABLED");
});

test("on a narrow phone nothing is cut off", async () => {
  const page = await stand.open("", { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  await page.tap("[data-example=seed]");
  await verdictIs(page, "conditional");
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.locator(".fix.preferred button.primary").first().tap();
  await verdictIs(page, "starts");
  // Nor is it where names are long.
  await page.locator("[data-picker=files]").setInputFiles([
    { name: "a-service-with-a-rather-long-name-in-our-monorepo.production.Dockerfile", mimeType: "text/plain", buffer: Buffer.from(SEED) },
  ]);
  await verdictIs(page, "conditional");
  await page.evaluate(() => document.querySelectorAll("details:not(.menu)").forEach((details) => details.setAttribute("open", "")));
  expect(await overflow()).toBeLessThanOrEqual(0);
});

test("with the sources beside it, the condition is settled", async () => {
  const page = await stand.open();
  await editorOf(page);
  const project = (imports: string) => [
    { name: "Dockerfile", mimeType: "text/plain", buffer: Buffer.from(SEED) },
    { name: "go.mod", mimeType: "text/plain", buffer: Buffer.from("module example.com/server\n\ngo 1.18\n") },
    { name: "main.go", mimeType: "text/plain", buffer: Buffer.from(`package main\n\nimport "${imports}"\n\nfunc main() { _ = ${imports.split("/").at(-1)}.${imports === "fmt" ? "Sprint" : "Get"} }\n`) },
  ];
  const folder = await projectFolder(project("net/http"));
  await page.locator("[data-picker=folder]").setInputFiles(folder);
  await verdictIs(page, "fails");
  const harmless = await projectFolder(project("fmt"));
  await page.click(".toolbar .icon-only");
  await page.locator("[data-picker=folder]").setInputFiles(harmless);
  await verdictIs(page, "starts");
});

/** Puts the project on disk, its program in `cmd/`. */
async function projectFolder(files: { name: string; buffer: Buffer }[]): Promise<string> {
  const { mkdirSync, mkdtempSync, writeFileSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const folder = join(mkdtempSync(join(tmpdir(), "execlens-")), "project");
  mkdirSync(join(folder, "cmd"), { recursive: true });
  for (const { name, buffer } of files) writeFileSync(join(folder, name === "main.go" ? "cmd/main.go" : name), buffer);
  return folder;
}
