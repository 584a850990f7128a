// The page's beginning: the first view at once, then the editor and what only some visits need.
import { render } from "lit";
import { fromDataTransfer } from "../lib/files.ts";
import { type Locale, preferredLocale } from "../lib/locale.ts";
import type { Fix, Location } from "../lib/report.ts";
import { fromFragment } from "../lib/share.ts";
import { headline } from "../lib/verdict.ts";
import { startWorker } from "../worker/start.ts";
import { App } from "./app.ts";
import type { CodeEditor } from "./editor.ts";
import { installOffline, openLaunched } from "./offline.ts";
import { activeText, isEmpty, type State, type Theme } from "./state.ts";
import { loadDraft, remember, remembered } from "./storage.ts";
import { page } from "./views/page.ts";

const root = document.querySelector<HTMLElement>("#app")!;
// What index.html shows until here, for the time without script.
root.replaceChildren();

const app = new App(
  { render: show, startWorker, editInEditor, reveal, focusVerdict },
  chosenLocale(),
  (remembered("theme") as Theme | null) ?? "auto",
);

void begin();

async function begin(): Promise<void> {
  const draft = loadDraft();
  if (draft) app.open(draft, "draft");
  else show(app.state);
  await openFragment();
  listen();
  installOffline(app);
  openLaunched(app);
  // The plain text field does until somebody is about to use it, so that the first view costs a phone little.
  for (const sign of ["pointermove", "pointerdown", "keydown", "focusin"]) addEventListener(sign, () => wantEditor(), { once: true, passive: true });
}

function chosenLocale(): Locale {
  const address = new URL(location.href);
  const linked = address.searchParams.get("lang");
  if (linked === "en" || linked === "ja") {
    // A link in one language chooses it; the address must not choose it again after the reader has chosen another.
    remember("locale", linked);
    address.searchParams.delete("lang");
    history.replaceState(null, "", address);
  }
  const asked = remembered("locale") ?? linked;
  return asked === "en" || asked === "ja" ? asked : preferredLocale(navigator.languages);
}

async function openFragment(): Promise<void> {
  const shared = await fromFragment(location.hash);
  if (shared) app.openShared(shared);
}

function show(state: State): void {
  document.documentElement.lang = state.locale;
  document.documentElement.dataset["theme"] = state.theme;
  const verdict = state.report && !isEmpty(state) ? app.t(headline(state.report)) : null;
  document.title = verdict ? `${verdict} · execlens` : `execlens: ${app.t("tagline")}`;
  render(page(app), root);
  if (state.editorReady) showInEditor(state);
  else if (!isEmpty(state)) wantEditor();
}

// The editor

function editor(): CodeEditor | null {
  return root.querySelector<CodeEditor>("code-editor");
}

let wanted = false;

function wantEditor(): void {
  if (wanted) return;
  wanted = true;
  // After the paint that is due: what made it wanted comes first.
  requestAnimationFrame(() => setTimeout(() => {
    app.warm();
    void loadEditor();
  }, 0));
}

async function loadEditor(): Promise<void> {
  await import("./editor.ts");
  await compositionEnd();
  const plain = root.querySelector<HTMLTextAreaElement>("textarea.plain-editor");
  const hadFocus = plain !== null && document.activeElement === plain;
  const selection = plain ? [plain.selectionStart, plain.selectionEnd] as const : null;
  app.set({ editorReady: true });
  if (selection) editor()?.select(...selection);
  if (hadFocus) editor()?.focus();
}

let composing = false;
addEventListener("compositionstart", () => (composing = true));
addEventListener("compositionend", () => (composing = false));

/** A text field must not be replaced in the middle of a word that an input method is composing. */
async function compositionEnd(): Promise<void> {
  while (composing) await new Promise((resolve) => addEventListener("compositionend", resolve, { once: true }));
}

function showInEditor(state: State): void {
  const element = editor();
  const text = activeText(state);
  if (!element || text === null) return;
  if (!listening.has(element)) {
    listening.add(element);
    element.addEventListener("edit", (event) => {
      const { path, text } = (event as CustomEvent<{ path: string; text: string }>).detail;
      app.edit(path, text);
    });
    element.addEventListener("apply-fix", (event) => {
      app.applyFix((event as CustomEvent<Fix>).detail);
    });
  }
  element.show(state.active, text, {
    label: app.t("editor.label", { path: state.active }),
    placeholder: app.t("editor.placeholder"),
    phrases: { Diagnostics: app.t("editor.lint"), "No diagnostics": app.t("editor.noLint"), close: app.t("dismiss") },
  });
  const diagnostics = state.report?.diagnostics ?? [];
  if (diagnostics !== marked) {
    marked = diagnostics;
    element.mark(diagnostics);
  }
}

const listening = new WeakSet<Element>();
let marked: unknown = null;

function editInEditor(path: string, edits: Fix["edits"]): boolean {
  const element = editor();
  if (!element || path !== app.state.active) return false;
  element.applyEdits(edits);
  return true;
}

function reveal(location: Location): void {
  const element = editor();
  if (element && location.path === app.state.active) element.reveal(location.range);
}

function focusVerdict(): void {
  const verdict = root.querySelector<HTMLElement>("#verdict");
  verdict?.focus({ preventScroll: true });
  verdict?.closest(".verdict")?.scrollIntoView({ block: "nearest" });
}

// Dropping and pasting anywhere on the page

function listen(): void {
  let depth = 0;
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth++;
    app.set({ dragging: true });
  });
  addEventListener("dragleave", (event) => {
    if (!hasFiles(event) || --depth > 0) return;
    depth = 0;
    app.set({ dragging: false });
  });
  addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  // Capturing: an editor would take the text of a dropped file for itself.
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    app.set({ dragging: false });
    void fromDataTransfer(event.dataTransfer!).then((dropped) => app.add(dropped));
  }, { capture: true });
  addEventListener("paste", (event) => {
    const transfer = event.clipboardData;
    if (!transfer || transfer.files.length === 0) {
      // Text goes where the caret is; without one, it is meant for the page.
      if (event.composedPath()[0] instanceof HTMLElement && isField(event.composedPath()[0] as HTMLElement)) return;
      const text = transfer?.getData("text/plain") ?? "";
      if (text.trim() === "") return;
      event.preventDefault();
      app.add({ files: [{ path: "Dockerfile", content: text.replaceAll("\r\n", "\n") }], cut: false });
      return;
    }
    event.preventDefault();
    void fromDataTransfer(transfer).then((dropped) => app.add(dropped));
  });
  // A menu that was left is closed.
  addEventListener("click", (event) => {
    for (const menu of root.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target as Node)) menu.removeAttribute("open");
    }
  });
  addEventListener("pagehide", () => app.save());
  addEventListener("hashchange", () => void openFragment());
}

function isField(element: HTMLElement): boolean {
  return element.isContentEditable || element.matches("input, textarea");
}
