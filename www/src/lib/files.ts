// What was dropped, picked or pasted, as a list of files with paths. Nothing is read here but folder listings.

/** One file of the page: a text that can be edited, or bytes that stay on disk until the core asks for them. */
export interface PageFile {
  path: string;
  content: string | Blob;
}

/** A project can have more files than this; what is left out is said. */
export const MOST_FILES = 20_000;

/** Larger texts are not for an editor; the core still reads them. */
export const LARGEST_TEXT = 4 * 1024 * 1024;

/** Folders that are never copied into an image by intent, and that can hold a hundred thousand files. */
const SKIPPED_FOLDERS = new Set([".git", ".hg", ".svn", ".jj"]);

export interface Dropped {
  files: PageFile[];
  /** Whether files were left out because there were too many. */
  cut: boolean;
}

/** Reads a drop or a paste; folders are walked. Must be called while the event is being handled. */
export async function fromDataTransfer(transfer: DataTransfer): Promise<Dropped> {
  // Entries have to be taken now: the list is empty as soon as the event handler returns.
  const entries: FileSystemEntry[] = [];
  const files: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry) entries.push(entry);
    else if (file) files.push(file);
  }
  const text = transfer.getData("text/plain");
  const dropped: Dropped = { files: files.map((file) => ({ path: file.name, content: file })), cut: false };
  for (const entry of entries) await walk(entry, dropped);
  if (dropped.files.length === 0 && text !== "") dropped.files.push({ path: "Dockerfile", content: text });
  return withTexts(dropped);
}

/** The files of an `<input type="file">`, of one folder when it picks folders. */
export function fromFileList(list: Iterable<File>): Promise<Dropped> {
  const dropped: Dropped = { files: [], cut: false };
  for (const file of list) {
    const path = file.webkitRelativePath || file.name;
    if (path.split("/").some((part) => SKIPPED_FOLDERS.has(part))) continue;
    take(dropped, { path, content: file });
  }
  return withTexts(dropped);
}

function take(dropped: Dropped, file: PageFile): void {
  if (dropped.files.length < MOST_FILES) dropped.files.push(file);
  else dropped.cut = true;
}

async function walk(entry: FileSystemEntry, dropped: Dropped): Promise<void> {
  if (dropped.cut) return;
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) => {
      // A file that cannot be opened (a dangling link, no permission) is left out, the others are not.
      (entry as FileSystemFileEntry).file(resolve, () => resolve(null));
    });
    if (file) take(dropped, { path: entry.fullPath.replace(/^\//, ""), content: file });
    return;
  }
  if (SKIPPED_FOLDERS.has(entry.name)) return;
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // The listing comes in batches, and an empty one ends it.
    const batch = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (batch.length === 0) return;
    for (const child of batch) await walk(child, dropped);
  }
}

/** Turns what the editor can show into text: the Dockerfiles, and everything when only a few files came. */
export async function withTexts(dropped: Dropped): Promise<Dropped> {
  const few = dropped.files.length <= 12;
  const files = await Promise.all(dropped.files.map(async (file) => {
    if (typeof file.content === "string" || file.content.size > LARGEST_TEXT) return file;
    if (!few && !isDockerfileName(file.path)) return file;
    const text = await asText(file.content);
    return text === null ? file : { ...file, content: text };
  }));
  return { ...dropped, files };
}

/** The text of a blob; null when it is not UTF-8, or when an editor would change what it does not show. */
export async function asText(blob: Blob): Promise<string | null> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (bytes.includes(0)) return null;
  try {
    // The byte order mark stays: it is one of the things that keep a script from starting.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return lineSeparator(text) === null ? null : text;
  } catch {
    return null;
  }
}

/** How the lines of a text end; null when they end in several ways, which an editor cannot keep. */
export function lineSeparator(text: string): "\n" | "\r\n" | null {
  if (!text.includes("\r")) return "\n";
  return /(^|[^\r])\n|\r(?!\n)/.test(text) ? null : "\r\n";
}

/** Whether a path is named as Dockerfiles are. */
export function isDockerfileName(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /^(Dockerfile|Containerfile)([.\-_].*)?$|\.(dockerfile|containerfile)$/i.test(name);
}
