// WebKit through the driver of WebKitGTK, which speaks WebDriver.
import { type ChildProcess, spawn } from "node:child_process";
import { type Driven, ended, firstOf, freePort, keyboard, middleOf, mouse, patiently } from "./driven.ts";

export const WEBKIT_DRIVER = firstOf(["/usr/bin/WebKitWebDriver"]);
const MINI_BROWSER = firstOf(["4.1", "4.0", "6.0"].map((version) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${version}/MiniBrowser`));
const XVFB = firstOf(["/usr/bin/Xvfb"]);

export const hasWebKit = WEBKIT_DRIVER !== null && MINI_BROWSER !== null && (XVFB !== null || process.env["DISPLAY"] !== undefined);

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
      const script = `const done = arguments[0]; (async () => JSON.stringify(await (${expression})))().then(done, (error) => done(JSON.stringify(String(error))))`;
      const json = await send("POST", `${session}/execute/async`, { script, args: [] });
      return json === null ? undefined : JSON.parse(json);
    },
    press: (keys) => send("POST", `${session}/actions`, { actions: keyboard(keys) }),
    click: async (selector) => send("POST", `${session}/actions`, { actions: mouse(await driven.evaluate(middleOf(selector))) }),
    async choose(selector, paths) {
      const element = await send("POST", `${session}/element`, { using: "css selector", value: selector });
      await send("POST", `${session}/element/${Object.values(element)[0]}/value`, { text: paths.join("\n") });
    },
    async resize(width, height) {
      // The window has its bars; what is asked for is what shows the page.
      const bars = await driven.evaluate<{ width: number; height: number }>("({ width: outerWidth - innerWidth, height: outerHeight - innerHeight })");
      await send("POST", `${session}/window/rect`, { width: width + bars.width, height: height + bars.height });
    },
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
