// The one state of the page. Views are functions of it; only `App` changes it.
import type { PageFile } from "../lib/files.ts";
import type { Locale } from "../lib/locale.ts";
import type { Report } from "../lib/report.ts";

export type Theme = "auto" | "light" | "dark";

export interface Options {
  platform: string;
  buildPlatform: string;
  target: string;
  /** One `NAME=value` a line, as it is typed. */
  buildArgs: string;
}

/** A moment's message with at most one thing to do about it. */
export interface Notice {
  text: string;
  action?: { label: string; run: () => void };
}

export interface State {
  files: PageFile[];
  /** The path of the file in the editor. */
  active: string;
  /** The message that the terminal printed, pasted as it is. */
  message: string;
  options: Options;
  optionsOpen: boolean;
  locale: Locale;
  theme: Theme;
  report: Report | null;
  /** The texts that the report speaks of, by path: what is typed since then is not what its ranges mean. */
  checked: ReadonlyMap<string, string>;
  running: boolean;
  progress: { read: number; size: number } | null;
  /** Why there is no answer; the input is kept. */
  failure: string | null;
  notice: Notice | null;
  /** The words that the image table is filtered by. */
  imageFilter: string;
  dragging: boolean;
  editorReady: boolean;
  updateReady: boolean;
}

export const noOptions: Options = { platform: "", buildPlatform: "", target: "", buildArgs: "" };

export const UNTITLED = "Dockerfile";

export function initialState(locale: Locale, theme: Theme): State {
  return {
    files: [{ path: UNTITLED, content: "" }],
    active: UNTITLED,
    message: "",
    options: noOptions,
    optionsOpen: false,
    locale,
    theme,
    report: null,
    checked: new Map(),
    running: false,
    progress: null,
    failure: null,
    notice: null,
    imageFilter: "",
    dragging: false,
    editorReady: false,
    updateReady: false,
  };
}

/** Whether there is nothing to check yet; a file that was dropped and is empty is something to tell. */
export function isEmpty(state: State): boolean {
  const isBlank = ({ path, content }: PageFile) => path === UNTITLED && typeof content === "string" && content.trim() === "";
  return state.message.trim() === "" && state.files.every(isBlank);
}

/** The text of the file in the editor; null when it is not a text. */
export function activeText(state: State): string | null {
  const content = state.files.find((file) => file.path === state.active)?.content;
  return typeof content === "string" ? content : null;
}

const PLATFORM = /^(?:(?:linux|windows|freebsd|darwin)\/)?(?:386|amd64|arm|arm64|aarch64|x86_64|loong64|mips64le|ppc64le|riscv64|s390x)(?:\/v\d)?$/i;

/** Whether Docker would take it for a platform; nothing is its default. */
export function isPlatform(typed: string): boolean {
  return typed.trim() === "" || PLATFORM.test(typed.trim());
}
