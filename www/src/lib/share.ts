import type { CheckOptions } from "./report.ts";

/** What a shared link carries: the texts and the options, never a binary. */
export interface Shared {
  files: { path: string; content: string }[];
  options: CheckOptions;
}

/** A fragment longer than this is cut by some mail and chat programs, so the page says so. */
export const LONG_LINK = 8_000;

/** What a link may unpack to, so that a hostile one cannot fill the memory. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The fragment that carries the input; the part of an address that no browser sends. */
export async function toFragment(shared: Shared): Promise<string> {
  const packed = await pipe(new TextEncoder().encode(JSON.stringify({ v: 1, ...shared })), new CompressionStream("deflate-raw"));
  return `#s=${toBase64Url(packed)}`;
}

/** What a fragment carries; null when it carries nothing or is damaged. */
export async function fromFragment(fragment: string): Promise<Shared | null> {
  const packed = /^#s=([\w-]+)$/.exec(fragment)?.[1];
  if (packed === undefined) return null;
  try {
    const json = await pipe(fromBase64Url(packed), new DecompressionStream("deflate-raw"), MOST_BYTES);
    return understand(JSON.parse(new TextDecoder().decode(json)));
  } catch {
    return null;
  }
}

function understand(value: unknown): Shared | null {
  const { files, options } = value as Partial<Shared>;
  if (!Array.isArray(files)) return null;
  const texts = files.filter((file) => typeof file?.path === "string" && typeof file.content === "string");
  if (texts.length === 0) return null;
  const { platform, buildPlatform, target, buildArgs } = (options ?? {}) as CheckOptions;
  return {
    files: texts.map(({ path, content }) => ({ path, content })),
    options: {
      ...(typeof platform === "string" && { platform }),
      ...(typeof buildPlatform === "string" && { buildPlatform }),
      ...(typeof target === "string" && { target }),
      ...(buildArgs !== null && typeof buildArgs === "object" && {
        buildArgs: Object.fromEntries(Object.entries(buildArgs).filter(([, value]) => typeof value === "string")),
      }),
    },
  };
}

async function pipe(bytes: Uint8Array<ArrayBuffer>, through: CompressionStream | DecompressionStream, most = Infinity): Promise<Uint8Array<ArrayBuffer>> {
  const writer = through.writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  // A damaged input fails reading too, and that is the failure that is told.
  written.catch(() => {});
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = through.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new RangeError("too much");
    }
    parts.push(value);
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
