// Firefox and WebKit, each through the protocol that its distribution's package speaks: WebDriver BiDi and WebDriver.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

/** As much of a browser as a journey by keyboard needs. */
export interface Driven {
  open(url: string): Promise<void>;
  /** The value of an expression in the page; it travels as JSON. */
  evaluate<T>(expression: string): Promise<T>;
  press(key: string): Promise<void>;
  /** A click of the mouse in the middle of what the selector names. */
  click(selector: string): Promise<void>;
  close(): Promise<void>;
}

export const TAB = "\uE004";
export const ENTER = "\uE007";

const firstOf = (paths: string[]) => paths.find((path) => existsSync(path)) ?? null;

export const FIREFOX = process.env["FIREFOX"] ?? firstOf(["/usr/bin/firefox-esr", "/usr/bin/firefox"]);
export const WEBKIT_DRIVER = firstOf(["/usr/bin/WebKitWebDriver"]);
const MINI_BROWSER = firstOf(["4.1", "4.0", "6.0"].map((version) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${version}/MiniBrowser`));
const XVFB = firstOf(["/usr/bin/Xvfb"]);

export const hasWebKit = WEBKIT_DRIVER !== null && MINI_BROWSER !== null && (XVFB !== null || process.env["DISPLAY"] !== undefined);

const keys = (key: string) => [{ type: "key", id: "keyboard", actions: [{ type: "keyDown", value: key }, { type: "keyUp", value: key }] }];

/** Brings it into view and tells its middle. */
const middleOf = (selector: string) => `(() => {
  const element = document.querySelector(${JSON.stringify(selector)});
  element.scrollIntoView({ block: "center" });
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
})()`;

const mouse = ({ x, y }: { x: number; y: number }) => [{
  type: "pointer",
  id: "mouse",
  actions: [{ type: "pointerMove", x, y }, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }],
}];

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
  const context = (await send("browsingContext.getTree", {})).contexts[0].context as string;
  const driven: Driven = {
    open: (url) => send("browsingContext.navigate", { context, url, wait: "complete" }),
    async evaluate(expression) {
      const { result, exceptionDetails } = await send("script.evaluate", { expression: `JSON.stringify(${expression})`, target: { context }, awaitPromise: true });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return result.value === undefined ? undefined : JSON.parse(result.value);
    },
    press: (key) => send("input.performActions", { context, actions: keys(key) }),
    click: async (selector) => send("input.performActions", { context, actions: mouse(await driven.evaluate(middleOf(selector))) }),
    async close() {
      await send("browser.close", {}).catch(() => {});
      await ended(process_);
      rmSync(profile, { recursive: true, force: true });
    },
  };
  return driven;
}

export async function webkit(): Promise<Driven> {
  const started: ChildProcess[] = [];
  let display = process.env["DISPLAY"];
  if (XVFB) {
    // It chooses a free display itself and writes its number.
    const server = spawn(XVFB, ["-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    started.push(server);
    display = await new Promise((resolve) => server.stdio[3]!.once("data", (data: Buffer) => resolve(`:${data.toString().trim()}`)));
  }
  const port = await freePort();
  started.push(spawn(WEBKIT_DRIVER!, [`--port=${port}`], {
    stdio: "ignore",
    // As root, and in containers, its own sandbox cannot be set up; the page that is tested is ours.
    env: { ...process.env, DISPLAY: display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1", LANG: "en_US.UTF-8" },
  }));
  const send = async (method: string, path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = await response.json() as { value: any };
    if (!response.ok) throw new Error(value.message);
    return value;
  };
  const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: MINI_BROWSER, args: ["--automation"] } } };
  const { sessionId } = await patiently(() => send("POST", "/session", { capabilities }));
  const session = `/session/${sessionId}`;
  const driven: Driven = {
    open: (url) => send("POST", `${session}/url`, { url }),
    async evaluate(expression) {
      const json = await send("POST", `${session}/execute/sync`, { script: `return JSON.stringify(${expression})`, args: [] });
      return json === null ? undefined : JSON.parse(json);
    },
    press: (key) => send("POST", `${session}/actions`, { actions: keys(key) }),
    click: async (selector) => send("POST", `${session}/actions`, { actions: mouse(await driven.evaluate(middleOf(selector))) }),
    async close() {
      await send("DELETE", session).catch(() => {});
      for (const one of started.reverse()) {
        one.kill();
        await ended(one);
      }
    },
  };
  return driven;
}

/** Tries until the other side listens. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function ended(one: ChildProcess): Promise<void> {
  if (one.exitCode !== null || one.signalCode !== null) return;
  await new Promise((resolve) => {
    one.once("exit", resolve);
    setTimeout(() => one.kill("SIGKILL"), 5_000).unref();
  });
}
