// Firefox through WebDriver BiDi, which it speaks itself.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { type Driven, ended, firstOf, keyboard, middleOf, mouse } from "./driven.ts";

export const FIREFOX = process.env["FIREFOX"] ?? firstOf(["/usr/bin/firefox-esr", "/usr/bin/firefox"]);

export async function firefox(): Promise<Driven> {
  const profile = mkdtempSync(join(tmpdir(), "execlens-firefox-"));
  // A fresh profile asks many services of its maker; none of that belongs to a test.
  writeFileSync(join(profile, "user.js"), [
    ["app.update.enabled", false], ["browser.shell.checkDefaultBrowser", false], ["datareporting.policy.dataSubmissionEnabled", false],
    ["network.captive-portal-service.enabled", false], ["network.connectivity-service.enabled", false], ["toolkit.telemetry.enabled", false],
    ["browser.newtabpage.enabled", false], ["browser.safebrowsing.downloads.enabled", false], ["services.settings.server", ""],
    ["intl.accept_languages", "en-US"], ["accessibility.tabfocus", 7],
  ].map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`).join("\n"));
  const process_ = spawn(FIREFOX!, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const address = await new Promise<string>((resolve, reject) => {
    process_.stderr.on("data", (data: Buffer) => {
      const told = /WebDriver BiDi listening on (ws:\S+)/.exec(data.toString());
      if (told) resolve(told[1]!);
    });
    process_.once("exit", () => reject(new Error("Firefox ended before it could be driven")));
  });
  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  let last = 0;
  const send = (method: string, params: object) => new Promise<any>((resolve, reject) => {
    const id = ++last;
    const listen = (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { id?: number; result?: unknown; message?: string };
      if (message.id !== id) return;
      socket.off("message", listen);
      if (message.result === undefined) reject(new Error(message.message));
      else resolve(message.result);
    };
    socket.on("message", listen);
    socket.send(JSON.stringify({ id, method, params }));
  });
  await send("session.new", { capabilities: {} });
  // Without a screen the first window never has the focus, and without it ignores the keys that press a button; a second one has it.
  const { context } = await send("browsingContext.create", { type: "window" });
  const driven: Driven = {
    open: (url) => send("browsingContext.navigate", { context, url, wait: "complete" }),
    async evaluate(expression) {
      const { result, exceptionDetails } = await send("script.evaluate", { expression: `(async () => JSON.stringify(await (${expression})))()`, target: { context }, awaitPromise: true });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return result.value === undefined ? undefined : JSON.parse(result.value);
    },
    press: (keys) => send("input.performActions", { context, actions: keyboard(keys) }),
    click: async (selector) => send("input.performActions", { context, actions: mouse(await driven.evaluate(middleOf(selector))) }),
    async choose(selector, files) {
      const expression = `document.querySelector(${JSON.stringify(selector)})`;
      const { result } = await send("script.evaluate", { expression, target: { context }, awaitPromise: false });
      await send("input.setFiles", { context, element: { sharedId: result.sharedId }, files });
    },
    resize: (width, height) => send("browsingContext.setViewport", { context, viewport: { width, height } }),
    async close() {
      await send("browser.close", {}).catch(() => {});
      await ended(process_);
      rmSync(profile, { recursive: true, force: true });
    },
  };
  return driven;
}
