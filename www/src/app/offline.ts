// The offline app: its service worker, and the files that the system opens it with.
import { Workbox } from "workbox-window";
import { type Dropped, fromFileList } from "../lib/files.ts";
import { trustedScriptUrl } from "../lib/trusted.ts";
import type { App } from "./app.ts";

/** Where the service worker leaves what another app shared; see `service-worker.ts`. */
const SHARED = "shared-files";

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
    app.save();
    workbox.addEventListener("controlling", () => location.reload());
    workbox.messageSkipWaiting();
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

async function openShared(app: App): Promise<void> {
  history.replaceState(null, "", location.pathname + location.hash);
  const cache = await caches.open(SHARED);
  const files: File[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    if (!response) continue;
    const name = decodeURIComponent(new URL(request.url).pathname.split("/").at(-1)!);
    files.push(new File([await response.blob()], name));
    await cache.delete(request);
  }
  const text = files.find((file) => file.name === "text.txt");
  const dropped: Dropped = await fromFileList(files.filter((file) => file !== text));
  if (text) dropped.files.push({ path: "Dockerfile", content: await text.text() });
  app.add(dropped);
}
