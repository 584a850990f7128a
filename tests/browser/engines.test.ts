// The seed's way in the other two engines, with the policy in force.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Driven, ENTER, FIREFOX, firefox, hasWebKit, TAB, webkit } from "./drivers.ts";
import { type Host, serve } from "./serve.ts";
import { SITE } from "./support.ts";

let host: Host;
beforeAll(async () => {
  host = await serve(SITE);
});
afterAll(() => host.close());

describe.each([
  // Firefox without a window never has the focus, and then ignores the keys that press a button.
  ["Firefox, by mouse", FIREFOX !== null, firefox, (browser: Driven, selector: string) => browser.click(selector)],
  ["WebKit, by keyboard", hasWebKit, webkit, byKeyboard],
] as const)("%s", (_, installed, start, take) => {
  test.skipIf(!installed)("from the example to the edit that mends it", async () => {
    const browser = await start();
    try {
      await browser.open(host.url);
      await browser.evaluate(`dispatchEvent(new Event("pointermove"))`);
      await until(browser, `document.querySelector("code-editor")?.shadowRoot?.querySelector(".cm-content") != null`);
      await take(browser, "[data-example=seed]");
      await until(browser, `document.querySelector(".verdict[data-verdict=conditional]") !== null && document.activeElement?.id === "verdict"`);
      await take(browser, ".fix.preferred button.primary");
      await until(browser, `document.querySelector(".verdict[data-verdict=starts]") !== null`);
      expect(await browser.evaluate(`document.querySelector("code-editor").shadowRoot.textContent.includes("CGO_ENABLED=0")`)).toBe(true);
      await browser.evaluate(`fetch("http://elsewhere.example/").then(() => (window.left = "sent"), () => (window.left = "blocked")) && 0`);
      await until(browser, `window.left === "blocked"`);
    } finally {
      await browser.close();
    }
  });
});

async function until(browser: Driven, condition: string): Promise<void> {
  await expect.poll(() => browser.evaluate(condition), { timeout: 20_000, interval: 100 }).toBe(true);
}

async function byKeyboard(browser: Driven, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await browser.press(TAB);
    if (await browser.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return browser.press(ENTER);
  }
  expect.fail(`80 presses of Tab do not reach ${selector}`);
}
