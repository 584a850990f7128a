// The offline app: its service worker, and the files that the system opens it with.
import { Workbox } from "workbox-window";
import { fromFileList, type PageFile, withTexts } from "../lib/files.ts";
import { trustedScriptUrl } from "../lib/trusted.ts";
import type { App } from "./app.ts";

/** Where the service worker leaves what another app shared, and an update what was dropped; see `service-worker.ts`. */
const SHARED = "shared-files";

/** What is more than this is still where it was dropped from, and would take longer to keep than to drop again. */
const MOST_KEPT = { files: 200, bytes: 512 * 1024 * 1024 };

interface LaunchQueue {
  setConsumer(consumer: (launch: { files?: readonly { getFile(): Promise<File> }[] }) => void): void;
}

/** Makes the page work without a network, and asks before a new version takes over. */
export function installOffline(app: App): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const url = trustedScriptUrl(new URL("service-worker.js", document.baseURI).href);
  const workbox = new Workbox(url, { scope: new URL("./", document.baseURI).pathname });
  workbox.addEventListener("waiting", () => app.set({ updateReady: true }));
  document.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-action=update]")) return;
    const kept = keepFiles(app, app.save()).catch(() => false);
    workbox.addEventListener("controlling", () => void kept.then((any) => {
      if (any) history.replaceState(null, "", `${location.pathname}?shared${location.hash}`);
      location.reload();
    }));
    void kept.then(() => workbox.messageSkipWaiting());
  });
  workbox.register().catch(() => {
    // A private window or a policy may forbid it; the page works all the same.
  });
}

/** Opens what the file manager or another app handed over. */
export function openLaunched(app: App): void {
  const queue = (globalThis as { launchQueue?: LaunchQueue }).launchQueue;
  queue?.setConsumer(({ files }) => {
    if (!files?.length) return;
    void Promise.all(files.map((handle) => handle.getFile())).then(fromFileList).then((dropped) => app.add(dropped));
  });
  if (new URLSearchParams(location.search).has("shared")) void openShared(app);
}

/** Keeps what is in no draft over a reload: what is no text, and texts that are too long for one. Whether there was any. */
async function keepFiles(app: App, hasTexts: boolean): Promise<boolean> {
  const files = app.state.files.filter(({ content }) => typeof content !== "string" || (!hasTexts && content !== ""));
  const bytes = files.reduce((sum, { content }) => sum + (typeof content === "string" ? content.length : content.size), 0);
  if (files.length === 0 || files.length > MOST_KEPT.files || bytes > MOST_KEPT.bytes) return false;
  const cache = await caches.open(SHARED);
  for (const { path, content } of files) await cache.put(new URL(`shared/${encodeURIComponent(path)}`, document.baseURI), new Response(content));
  return true;
}

async function openShared(app: App): Promise<void> {
  history.replaceState(null, "", location.pathname + location.hash);
  const cache = await caches.open(SHARED);
  const files: PageFile[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    if (!response) continue;
    const path = decodeURIComponent(new URL(request.url).pathname.split("/").at(-1)!);
    files.push({ path, content: await response.blob() });
    await cache.delete(request);
  }
  // What another app shares as text, and not as a file, has no name.
  const named = files.map((file) => (file.path === "text.txt" ? { ...file, path: "Dockerfile" } : file));
  app.add(await withTexts({ files: named, cut: false }));
}
