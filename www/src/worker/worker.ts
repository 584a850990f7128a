// The worker: the core, the files it reads by ranges, and nothing else. If it dies, nothing is lost but a moment.
import init, { check } from "execlens-core";
import type { InputFile, RangeSource, Report } from "../lib/report.ts";
import type { Request, Response } from "./protocol.ts";

/** Smaller blobs are read at once and kept; larger ones are read where and when the core asks. */
const READ_AT_ONCE = 256 * 1024;

/** Reading in blocks makes many small reads of a large file few; it is about what one read of a disk brings. */
const BLOCK = 128 * 1024;

/** Progress is news, and news more often than this is noise. */
const PROGRESS_EVERY_BYTES = 4 * 1024 * 1024;

/** Only in workers, and only typed in the library of workers. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

const kept = new Map<number, InputFile["content"]>();

/** Answers one request; `tell` hears about the progress. Exported for pages whose policy allows no worker. */
export async function answer(request: Request, tell: (response: Response) => void): Promise<void> {
  const { id } = request;
  try {
    await init();
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
    const report: Report = check(files, request.options);
    tell({ id, kind: "report", report });
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

/** A blob, read by ranges: a 2 GB archive takes one block of memory. */
class BlobSource implements RangeSource {
  readonly size: number;
  onRead: (bytes: number) => void = () => {};
  private block = new Uint8Array(0);
  private blockStart = 0;

  constructor(private readonly blob: Blob) {
    this.size = blob.size;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    const blockEnd = this.blockStart + this.block.length;
    if (offset >= this.blockStart && end <= blockEnd) {
      return this.block.subarray(offset - this.blockStart, end - this.blockStart);
    }
    const until = Math.min(Math.max(end, offset + BLOCK), this.size);
    this.block = new Uint8Array(new FileReaderSync().readAsArrayBuffer(this.blob.slice(offset, until)));
    this.blockStart = offset;
    this.onRead(this.block.length);
    return this.block.subarray(0, end - offset);
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

// The same file is imported as a plain module where there can be no worker.
declare const WorkerGlobalScope: (new () => object) | undefined;
if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  const scope = self as unknown as { onmessage: (event: MessageEvent<Request>) => void; postMessage(response: Response): void };
  scope.onmessage = (event) => void answer(event.data, (response) => scope.postMessage(response));
}
