// The one way to the core in a browser: a promise for an answer, in front of a worker that may be ended at any time.
import type { Request, Response } from "../worker/protocol.ts";
import type { PageFile } from "./files.ts";
import type { CheckOptions, Format, Report } from "./report.ts";

/** How long a check that nobody waits for may still run before its worker is ended. */
const GRACE_MS = 250;

/** The part of `Worker` that is used, so that tests and pages without workers can bring their own. */
export interface Channel {
  postMessage(request: Request): void;
  terminate(): void;
  onmessage: ((event: { data: Response }) => void) | null;
  onerror: ((event: { message?: string; preventDefault?(): void }) => void) | null;
}

export interface CheckRun {
  signal?: AbortSignal;
  onProgress?: (read: number, size: number) => void;
}

/** The worker died, or said that it cannot go on. */
export class CheckFailed extends Error {
  override name = "CheckFailed";
}

type Answer = Extract<Response, { kind: "report" | "text" }>;

interface Waiting {
  id: number;
  settled: Promise<void>;
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
  onProgress?: CheckRun["onProgress"];
}

interface Question {
  files: readonly PageFile[];
  options: CheckOptions;
  form?: Format;
}

export class Checker {
  private channel: Channel | null = null;
  private waiting: Waiting | null = null;
  private lastId = 0;
  private readonly keys = new WeakMap<Blob, number>();
  private readonly textKeys = new Map<string, { text: string; key: number }>();
  private lastKey = 0;
  private sent: Set<number> = new Set();

  constructor(private readonly start: () => Channel) {}

  /** Checks the files. An aborted check rejects at once; its worker is ended if it does not finish soon. */
  async check(files: readonly PageFile[], options: CheckOptions, run: CheckRun = {}): Promise<Report> {
    const answer = await this.ask({ files, options }, run);
    if (answer.kind !== "report") throw new CheckFailed(`${answer.kind} instead of a report`);
    return answer.report;
  }

  /** Checks the files, and has the report written as other tools read it. */
  async format(files: readonly PageFile[], options: CheckOptions, form: Format): Promise<string> {
    const answer = await this.ask({ files, options, form }, {});
    if (answer.kind !== "text") throw new CheckFailed(`${answer.kind} instead of a text`);
    return answer.text;
  }

  private async ask(question: Question, run: CheckRun): Promise<Answer> {
    run.signal?.throwIfAborted();
    while (this.waiting) await this.makeRoom(this.waiting);
    run.signal?.throwIfAborted();
    const id = ++this.lastId;
    let settle = () => {};
    const settled = new Promise<void>((resolve) => (settle = resolve));
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const finish = <T>(done: (value: T) => void) => (value: T) => {
          if (this.waiting?.id === id) this.waiting = null;
          settle();
          done(value);
        };
        this.waiting = { id, settled, resolve: finish(resolve), reject: finish(reject), onProgress: run.onProgress };
        // The worker still runs, so `waiting` stays; only the caller is let go.
        run.signal?.addEventListener("abort", () => reject(run.signal!.reason), { once: true });
        this.open().postMessage(this.request(id, question));
      });
    } catch (error) {
      if (error instanceof CheckFailed) this.end(error);
      throw error;
    }
  }

  /** Starts the worker before there is anything to check, so that the first answer is quick. */
  warm(): void {
    this.open();
  }

  /** Ends the worker; the next check starts another. */
  end(reason: Error = new CheckFailed("ended")): void {
    this.channel?.terminate();
    this.channel = null;
    this.sent = new Set();
    this.waiting?.reject(reason);
    this.waiting = null;
  }

  private async makeRoom(waiting: Waiting): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), GRACE_MS)));
    const first = await Promise.race([waiting.settled, late]);
    clearTimeout(timer);
    if (first === "late" && this.waiting === waiting) this.end(new DOMException("superseded", "AbortError"));
  }

  private open(): Channel {
    if (this.channel) return this.channel;
    const channel = this.start();
    channel.onmessage = ({ data }) => {
      const waiting = this.waiting;
      if (waiting?.id !== data.id) return;
      if (data.kind === "failed") waiting.reject(new CheckFailed(data.message));
      else if (data.kind === "progress") waiting.onProgress?.(data.read, data.size);
      else waiting.resolve(data);
    };
    channel.onerror = (event) => {
      event.preventDefault?.();
      if (this.channel === channel) this.end(new CheckFailed(event.message || "the worker stopped"));
    };
    this.channel = channel;
    return channel;
  }

  private request(id: number, { files, ...others }: Question): Request {
    const before = this.sent;
    // The worker keeps what its last request named, and forgets the rest.
    this.sent = new Set();
    return {
      id,
      ...others,
      files: files.map(({ path, content }) => {
        const key = this.keyOf(path, content);
        this.sent.add(key);
        return before.has(key) ? { key, path } : { key, path, content };
      }),
    };
  }

  private keyOf(path: string, content: string | Blob): number {
    if (typeof content === "string") {
      const known = this.textKeys.get(path);
      if (known?.text === content) return known.key;
      const key = ++this.lastKey;
      this.textKeys.set(path, { text: content, key });
      return key;
    }
    const known = this.keys.get(content);
    if (known !== undefined) return known;
    const key = ++this.lastKey;
    this.keys.set(content, key);
    return key;
  }
}
