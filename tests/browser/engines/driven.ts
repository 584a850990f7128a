// What a journey asks of a browser, whichever protocol drives it, and what the drivers share.
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";

export interface Driven {
  open(url: string): Promise<void>;
  /** The value of an expression in the page, a promise's when it comes; it travels as JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses and releases the keys one after the other. */
  press(keys: Iterable<string>): Promise<void>;
  /** A click of the mouse in the middle of what the selector names. */
  click(selector: string): Promise<void>;
  /** Gives files of this machine to a file input, as its chooser does. */
  choose(selector: string, paths: string[]): Promise<void>;
  /** The width and height of what shows the page. */
  resize(width: number, height: number): Promise<void>;
  close(): Promise<void>;
}

export const TAB = "\uE004";
export const ENTER = "\uE007";

export const firstOf = (paths: string[]) => paths.find((path) => existsSync(path)) ?? null;

/** What WebDriver and WebDriver BiDi alike call actions. */
export const keyboard = (keys: Iterable<string>) => [{
  type: "key",
  id: "keyboard",
  actions: [...keys].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]),
}];

export const mouse = ({ x, y }: { x: number; y: number }) => [{
  type: "pointer",
  id: "mouse",
  actions: [{ type: "pointerMove", x, y }, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }],
}];

/** Brings it into view and tells its middle. */
export const middleOf = (selector: string) => `(() => {
  const element = document.querySelector(${JSON.stringify(selector)});
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
})()`;

/** Tries until the other side listens. */
export async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export async function ended(one: ChildProcess): Promise<void> {
  if (one.exitCode !== null || one.signalCode !== null) return;
  await new Promise((resolve) => {
    one.once("exit", resolve);
    setTimeout(() => one.kill("SIGKILL"), 5_000).unref();
  });
}
