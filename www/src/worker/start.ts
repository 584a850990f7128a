// How a worker is started so that the page's promises hold in it too.
import wasmUrl from "execlens-core/wasm?url";
import workerUrl from "./worker.ts?worker&url";
import type { Channel } from "../lib/client.ts";
import { trustedScriptUrl } from "../lib/trusted.ts";
import type { Request, Response as Answer, Start } from "./protocol.ts";

let core: Promise<WebAssembly.Module> | null = null;

/**
 * Starts the worker from a blob that holds all of its script, and gives it the core.
 *
 * A policy in `<meta>` does not reach a worker that is loaded by its URL; one that is started from a blob inherits the
 * policy of the page, so `connect-src 'self'` binds it as well. But in Firefox what such a worker fetches passes by the
 * service worker, and so fails without a network: therefore the page fetches, and the worker never does. It also works
 * when the script comes from another origin, as it does in an embedded element.
 */
export function startWorker(): Channel {
  return new Later(async () => {
    const [source, module] = await Promise.all([fetchScript(), fetchCore()]);
    const url = URL.createObjectURL(source);
    const worker = new Worker(trustedScriptUrl(url), { type: "module", name: "execlens" });
    worker.postMessage({ core: module } satisfies Start);
    return worker as unknown as Channel;
  });
}

/** The core in the page itself, for host pages whose policy allows no worker; texts only. */
export function startInPage(): Channel {
  return new Later(async () => {
    const { answer, prepare } = await import("./answer.ts");
    prepare(fetchCore());
    const channel: Channel = {
      onmessage: null,
      onerror: null,
      terminate() {},
      postMessage: (request) => void answer(request, (data: Answer) => channel.onmessage?.({ data })),
    };
    return channel;
  });
}

/** A channel at once, in front of one that takes a moment to come. */
class Later implements Channel {
  onmessage: Channel["onmessage"] = null;
  onerror: Channel["onerror"] = null;
  private channel: Channel | null = null;
  private ended = false;
  private readonly waiting: Request[] = [];

  constructor(start: () => Promise<Channel>) {
    start().then((channel) => {
      if (this.ended) return channel.terminate();
      this.channel = channel;
      channel.onmessage = (event) => this.onmessage?.(event);
      channel.onerror = (event) => this.onerror?.(event);
      for (const request of this.waiting) channel.postMessage(request);
    }).catch((error: unknown) => {
      if (!this.ended) this.onerror?.({ message: error instanceof Error ? error.message : String(error) });
    });
  }

  postMessage(request: Request): void {
    if (this.channel) this.channel.postMessage(request);
    else this.waiting.push(request);
  }

  terminate(): void {
    this.ended = true;
    this.channel?.terminate();
  }
}

async function fetchScript(): Promise<Blob> {
  const response = await get(workerUrl);
  return new Blob([await response.arrayBuffer()], { type: "text/javascript" });
}

function fetchCore(): Promise<WebAssembly.Module> {
  core ??= get(wasmUrl).then(async (response) =>
    // Compiled while it arrives, where the host names its type.
    response.headers.get("content-type") === "application/wasm"
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()));
  // What failed once may come the next time.
  core.catch(() => (core = null));
  return core;
}

async function get(path: string): Promise<Response> {
  const response = await fetch(new URL(path, import.meta.url));
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
  return response;
}
