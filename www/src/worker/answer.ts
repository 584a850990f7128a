// A request, answered: the core, and the files that it reads by ranges.
import init, { check, format } from "execlens-core";
import type { InputFile, RangeSource } from "../lib/report.ts";
import type { Request, Response } from "./protocol.ts";

/** Smaller blobs are read at once and kept; larger ones are read where and when the core asks. */
const READ_AT_ONCE = 256 * 1024;

/** Progress is news, and news more often than this is noise. */
const PROGRESS_EVERY_BYTES = 4 * 1024 * 1024;

/** Only in workers, and only typed in the library of workers. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

const kept = new Map<number, InputFile["content"]>();

let ready: Promise<unknown> = Promise.reject(new Error("the core has not come"));
ready.catch(() => {});

/** Starts the core; each request waits for it, and says so should it fail. */
export function prepare(core: Promise<WebAssembly.Module>): void {
  ready = core.then((module) => init({ module_or_path: module }));
  ready.catch(() => {});
}

/** Answers one request; `tell` hears how far it is and what came of it. */
export async function answer(request: Request, tell: (response: Response) => void): Promise<void> {
  const { id } = request;
  try {
    await ready;
    const progress = new Progress((read, size) => tell({ id, kind: "progress", read, size }));
    const files = request.files.map(({ key, path, content }) => {
      if (content !== undefined) kept.set(key, readable(content));
      const known = kept.get(key);
      if (known === undefined) throw new Error(`no content was sent for ${path}`);
      if (known instanceof BlobSource) progress.watch(known);
      return { path, content: known };
    });
    const inUse = new Set(request.files.map((file) => file.key));
    for (const key of kept.keys()) if (!inUse.has(key)) kept.delete(key);
    if (request.form) tell({ id, kind: "text", text: format(files, request.options, request.form) });
    else tell({ id, kind: "report", report: check(files, request.options) });
  } catch (error) {
    tell({ id, kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

function readable(content: string | Blob): InputFile["content"] {
  if (typeof content === "string") return content;
  if (typeof FileReaderSync === "undefined") throw new Error("files can only be read in a worker");
  return content.size <= READ_AT_ONCE
    ? new Uint8Array(new FileReaderSync().readAsArrayBuffer(content))
    : new BlobSource(content);
}

/** A blob, read by ranges: a 2 GB archive never is in memory. The core reads in blocks and keeps them. */
class BlobSource implements RangeSource {
  readonly size: number;
  onRead: (bytes: number) => void = () => {};

  constructor(private readonly blob: Blob) {
    this.size = blob.size;
  }

  read(offset: number, length: number): Uint8Array {
    this.onRead(length);
    return new Uint8Array(new FileReaderSync().readAsArrayBuffer(this.blob.slice(offset, offset + length)));
  }
}

class Progress {
  private read = 0;
  private size = 0;
  private told = 0;

  constructor(private readonly tell: (read: number, size: number) => void) {}

  watch(source: BlobSource): void {
    this.size += source.size;
    source.onRead = (bytes) => {
      this.read += bytes;
      if (this.read - this.told < PROGRESS_EVERY_BYTES) return;
      this.told = this.read;
      this.tell(Math.min(this.read, this.size), this.size);
    };
  }
}
