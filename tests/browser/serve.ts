// A plain static host: it knows files and their types, and nothing else, so what works here works anywhere.
import { createReadStream, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
};

export interface Host {
  /** The address of the folder, with a slash at its end. */
  url: string;
  /** Pages that stand beside the files, by path. */
  pages: Map<string, { body: string; headers?: Record<string, string>; once?: boolean }>;
  close(): Promise<void>;
}

/** Serves a folder under `/some/folder/`, so that nothing may depend on standing at the root. */
export async function serve(folder: string, prefix = "/some/folder/"): Promise<Host> {
  const pages: Host["pages"] = new Map();
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname);
    const page = pages.get(path);
    if (page) {
      if (page.once) pages.delete(path);
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...page.headers }).end(page.body);
      return;
    }
    const inside = path.startsWith(prefix) ? normalize(path.slice(prefix.length)) : "..";
    if (inside.startsWith("..")) {
      response.writeHead(404).end();
      return;
    }
    const file = join(folder, inside === "." || inside.endsWith("/") ? `${inside}/index.html` : inside);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    // Like public hosts of modules, so that a page of another origin can embed the element.
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "access-control-allow-origin": "*" });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    pages,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}
