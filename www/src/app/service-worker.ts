// Keeps the whole site, and takes what other apps share. Built apart from the page.
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";

declare const self: EventTarget & {
  __WB_MANIFEST: { url: string; revision: string | null }[];
  registration: { scope: string };
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
};

type Extendable = Event & { waitUntil(promise: Promise<unknown>): void };
type Fetching = Event & { request: globalThis.Request; respondWith(response: Promise<globalThis.Response>): void };

cleanupOutdatedCaches();
// The page's parameters (`?lang=ja`) choose nothing on the server: there is none.
precacheAndRoute(self.__WB_MANIFEST, { ignoreURLParametersMatching: [/.*/] });

// From the first visit on: without this, only the second would work offline.
self.addEventListener("activate", (event) => (event as Extendable).waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if ((event as MessageEvent).data?.type === "SKIP_WAITING") void self.skipWaiting();
});

// A share arrives as a POST, which never leaves the machine: its parts are put into a cache that the page empties.
self.addEventListener("fetch", (event) => {
  const { request } = event as Fetching;
  if (request.method !== "POST" || !request.url.startsWith(`${self.registration.scope}share`)) return;
  (event as Fetching).respondWith(keep(request));
});

async function keep(request: globalThis.Request): Promise<globalThis.Response> {
  const form = await request.formData();
  const cache = await caches.open("shared-files");
  for (const file of form.getAll("files")) {
    if (typeof file !== "string") await cache.put(`${self.registration.scope}shared/${encodeURIComponent(file.name)}`, new Response(file));
  }
  const text = form.get("text");
  if (typeof text === "string" && text.trim() !== "") await cache.put(`${self.registration.scope}shared/text.txt`, new Response(text));
  return Response.redirect(`${self.registration.scope}?shared`, 303);
}
