// How a worker is started so that the page's promises hold in it too.
import workerUrl from "./worker.ts?worker&url";
import type { Channel } from "../lib/client.ts";
import { trustedScriptUrl } from "../lib/trusted.ts";
import type { Request, Response } from "./protocol.ts";

/**
 * Starts the worker from a one-line `blob:` module.
 *
 * A policy in `<meta>` does not reach a worker that is loaded by its URL; one that is started from a blob inherits
 * the policy of the page, so `connect-src 'self'` binds it as well. It also works when the script comes from another
 * origin, as it does in an embedded element.
 */
export function startWorker(): Channel {
  const source = new Blob([`import ${JSON.stringify(new URL(workerUrl, import.meta.url).href)};`], { type: "text/javascript" });
  const url = URL.createObjectURL(source);
  // A message that is posted now waits: a worker's port opens when its module and what it imports have run.
  const worker = new Worker(trustedScriptUrl(url), { type: "module", name: "execlens" });
  return worker as unknown as Channel;
}

/** The core in the page itself, for host pages whose policy allows no worker; texts only. */
export function startInPage(): Channel {
  const channel: Channel = {
    onmessage: null,
    onerror: null,
    terminate() {},
    postMessage(request: Request) {
      import("./answer.ts")
        .then(({ answer }) => answer(request, (data: Response) => channel.onmessage?.({ data })))
        .catch((error: unknown) => channel.onerror?.({ message: String(error) }));
    },
  };
  return channel;
}
