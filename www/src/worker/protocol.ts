// What the page and its worker say to each other.
import type { CheckOptions, Format, Report } from "../lib/report.ts";

/** The first message to a worker: the core, fetched and compiled by the page. */
export interface Start {
  core: WebAssembly.Module;
}

/** One check. A file's content is sent once; after that its key stands for it. */
export interface Request {
  id: number;
  files: { key: number; path: string; content?: string | Blob }[];
  options: CheckOptions;
  /** Another form that the answer is wanted in. */
  form?: Format;
}

export type Response =
  | { id: number; kind: "report"; report: Report }
  | { id: number; kind: "text"; text: string }
  /** The core or the reading of a file failed; the worker is not to be used again. */
  | { id: number; kind: "failed"; message: string }
  | { id: number; kind: "progress"; read: number; size: number };
