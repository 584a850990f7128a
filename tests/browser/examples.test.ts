// Each example shows what it promises, and its best change mends it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { noted, setUp, type Stand, verdictIs } from "./support.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await setUp();
});
afterAll(() => stand.close());

test.each([
  ["seed", "conditional", "missing-interpreter"],
  ["rust", "fails", "symbol-version-too-new"],
  ["script", "fails", "missing-script-interpreter"],
  ["platform", "fails", "cross-build-not-applied"],
  ["shell", "fails", "missing-shell"],
])("%s", async (name, verdict, code) => {
  const page = await stand.open();
  await page.click(`[data-example=${name}]`);
  await verdictIs(page, verdict);
  expect(await page.locator("article.finding .rule").first().textContent()).toBe(code);
  await page.click("[data-best-fix]");
  await verdictIs(page, "starts");
  expect(noted(page)).toEqual([]);
});

test("message", async () => {
  const page = await stand.open();
  await page.click("[data-example=message]");
  await page.locator(".verdict.message").waitFor();
  expect(await page.locator(".meaning .rule").allTextContents()).toContain("missing-interpreter");
});
