// What the page remembers on this machine: the draft, the language and the theme. Storage may be forbidden or full;
// the page works without it.
import type { PageFile } from "../lib/files.ts";
import type { Options } from "./state.ts";

export interface Draft {
  files: PageFile[];
  active: string;
  message: string;
  options: Options;
}

/** Browsers give about 5 MB; larger projects are on disk anyway and can be dropped again. */
const LARGEST_DRAFT = 1_000_000;

const DRAFT = "execlens.draft";
const PREVIOUS = "execlens.draft.previous";

/** Whether all texts are in it. */
export function saveDraft(draft: Draft): boolean {
  const { active, message, options } = draft;
  const files = draft.files.filter((file) => typeof file.content === "string");
  const json = JSON.stringify({ files, active, message, options });
  if (json.length <= LARGEST_DRAFT) return write(DRAFT, json);
  // An older draft would come back in its place.
  forget(DRAFT);
  return false;
}

export function loadDraft(): Draft | null {
  return understand(read(DRAFT));
}

/** Puts the draft aside, so that opening a link or an example loses nothing. */
export function keepDraft(): void {
  const draft = read(DRAFT);
  if (draft !== null) write(PREVIOUS, draft);
}

export function previousDraft(): Draft | null {
  return understand(read(PREVIOUS));
}

export function remembered(name: "locale" | "theme"): string | null {
  return read(`execlens.${name}`);
}

export function remember(name: "locale" | "theme", value: string): void {
  write(`execlens.${name}`, value);
}

function understand(json: string | null): Draft | null {
  if (json === null) return null;
  try {
    const draft = JSON.parse(json) as Draft;
    return Array.isArray(draft.files) && draft.files.length > 0 ? draft : null;
  } catch {
    return null;
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): boolean {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    // Nothing to do: the page says nowhere that it remembers.
    return false;
  }
}

function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // It was never there.
  }
}
