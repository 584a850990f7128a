// What the page does. Everything that changes the state is here; everything that shows it is in `views/`.
import { Checker, CheckFailed } from "../lib/client.ts";
import { applyEdits } from "../lib/edits.ts";
import { asText, type Dropped, isDockerfileName, LARGEST_TEXT, type PageFile } from "../lib/files.ts";
import { looksLikeMessage } from "../lib/message.ts";
import { type Locale, type Translate, translator } from "../lib/locale.ts";
import type { CheckOptions, Fix, Format, Location, Report } from "../lib/report.ts";
import type { Shared } from "../lib/share.ts";
import { initialState, isEmpty, isPlatform, noOptions, type Options, type State, type Theme, UNTITLED } from "./state.ts";
import { type Draft, keepDraft, previousDraft, remember, saveDraft } from "./storage.ts";

/** Typing has paused when nothing came for this long; shorter, and each letter would start a check. */
const PAUSE_MS = 120;

/** The name under which a pasted terminal message is given to the core. */
export const MESSAGE_PATH = "message.txt";

/** What the app needs of the page around it. */
export interface Surroundings {
  /** Shows the state. */
  render(state: State): void;
  startWorker(): ConstructorParameters<typeof Checker>[0] extends () => infer C ? C : never;
  /** Applies edits in the editor, as a step of its undo history; false when the editor does not show that file. */
  editInEditor(path: string, edits: Fix["edits"]): boolean;
  reveal(location: Location): void;
  /** Moves the focus to the verdict. */
  focusVerdict(): void;
}

export class App {
  state: State;
  t: Translate;
  private readonly checker: Checker;
  private abort: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;
  private saving: ReturnType<typeof setTimeout> | undefined;
  private focusNext = false;

  constructor(private readonly around: Surroundings, locale: Locale, theme: Theme) {
    this.state = initialState(locale, theme);
    this.t = translator(locale);
    this.checker = new Checker(() => around.startWorker());
  }

  set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.around.render(this.state);
  }

  // The input

  /** Adds what was dropped or picked; a Dockerfile takes the place of the one that was there. */
  add(dropped: Dropped): void {
    const [only] = dropped.files;
    if (only === undefined) return;
    if (dropped.files.length === 1 && only.path === UNTITLED && typeof only.content === "string" && looksLikeMessage(only.content)) {
      this.setMessage(only.content);
      return;
    }
    const before = this.snapshot();
    const isNewText = dropped.files.some((file) => isDockerfileName(file.path));
    const paths = new Set(dropped.files.map((file) => file.path));
    const kept = this.state.files.filter((file) =>
      !paths.has(file.path) && !(isNewText && isDockerfileName(file.path)) && !(typeof file.content === "string" && file.content.trim() === ""));
    const files = [...kept, ...dropped.files];
    this.set({ files, active: firstToShow(dropped.files) ?? firstToShow(files) ?? files[0]!.path });
    const replaced = before.files.some((file) => !files.includes(file) && file.content !== "");
    if (dropped.cut) this.notify(this.t("files.tooMany"));
    else if (replaced) this.offerUndo(this.t("files.replaced"), before);
    this.answerTo("action");
  }

  /** What was typed. */
  edit(path: string, text: string): void {
    const known = this.state.files.find((file) => file.path === path);
    if (known?.content === text) return;
    // Who arrives with an error message pastes it where the caret is, and means the field below.
    if ((known?.content ?? "") === "" && text.length > 12 && looksLikeMessage(text)) {
      this.setMessage(text);
      return;
    }
    const files = known
      ? this.state.files.map((file) => (file === known ? { path, content: text } : file))
      : [...this.state.files, { path, content: text }];
    this.set({ files });
    this.answerTo("typing");
  }

  /** Makes room to type one beside what was dropped. */
  addDockerfile(): void {
    this.set({ files: [...this.state.files, { path: UNTITLED, content: "" }], active: UNTITLED });
  }

  setMessage(message: string): void {
    this.set({ message });
    this.answerTo("typing");
  }

  /** Brings a file into the editor; of a folder's many files, a text becomes one only now. */
  async select(path: string): Promise<void> {
    const file = this.state.files.find((one) => one.path === path);
    if (!file || path === this.state.active) return;
    const again = isDockerfileName(path) && this.dockerfiles().length > 1;
    const text = typeof file.content !== "string" && file.content.size <= LARGEST_TEXT ? await asText(file.content) : null;
    const files = text === null ? this.state.files : this.state.files.map((one) => (one === file ? { path, content: text } : one));
    const checked = text === null ? this.state.checked : new Map(this.state.checked).set(path, text);
    this.set({ files, checked, active: path });
    if (again) this.answerTo("typing");
  }

  remove(path: string): void {
    const before = this.snapshot();
    const files = this.state.files.filter((file) => file.path !== path);
    if (files.length === 0) files.push({ path: UNTITLED, content: "" });
    const active = this.state.active === path ? firstToShow(files) ?? files[0]!.path : this.state.active;
    this.set({ files, active });
    this.offerUndo(this.t("files.removed", { path }), before);
    this.answerTo("typing");
  }

  clear(): void {
    const before = this.snapshot();
    this.save();
    keepDraft();
    this.set({ ...initialState(this.state.locale, this.state.theme), editorReady: this.state.editorReady, updateReady: this.state.updateReady });
    if (before.files.some((file) => file.content !== "")) this.offerUndo(this.t("files.cleared"), before);
    this.answerTo("typing");
  }

  /** Opens an example, a link or a draft; what was typed before can be brought back. */
  open(input: Partial<Draft>, why: "example" | "link" | "draft"): void {
    const before = this.snapshot();
    const hadWork = !isEmpty(this.state);
    if (why !== "draft") {
      this.save();
      keepDraft();
    }
    const files = input.files ?? [{ path: UNTITLED, content: "" }];
    this.set({
      files,
      active: input.active ?? firstToShow(files) ?? files[0]!.path,
      message: input.message ?? "",
      options: { ...noOptions, ...input.options },
      // What was set for one is part of what one sees.
      optionsOpen: this.state.optionsOpen || Object.values(input.options ?? {}).some((value) => value !== ""),
      imageFilter: "",
    });
    if (why === "example" && hadWork) this.offerUndo(this.t("examples.opened"), before);
    if (why === "link") this.offerPrevious();
    this.answerTo(why === "example" ? "action" : "typing");
  }

  openShared(shared: Shared): void {
    const { platform = "", buildPlatform = "", target = "", buildArgs = {} } = shared.options;
    const lines = Object.entries(buildArgs).map(([name, value]) => `${name}=${value}`).join("\n");
    const message = shared.files.find((file) => file.path === MESSAGE_PATH)?.content ?? "";
    const files = shared.files.filter((file) => file.path !== MESSAGE_PATH);
    this.open({ ...(files.length > 0 && { files }), message, options: { platform, buildPlatform, target, buildArgs: lines } }, "link");
  }

  setOptions(change: Partial<Options>): void {
    this.set({ options: { ...this.state.options, ...change } });
    this.answerTo("typing");
  }

  setLocale(locale: Locale): void {
    remember("locale", locale);
    this.t = translator(locale);
    this.set({ locale });
    this.answerTo("typing");
  }

  setTheme(theme: Theme): void {
    remember("theme", theme);
    this.set({ theme });
  }

  /** Somebody is about to use the page. */
  warm(): void {
    this.checker.warm();
  }

  /** Writes the draft down: when typing pauses, and when the page goes away. Whether all texts are in it. */
  save(): boolean {
    clearTimeout(this.saving);
    return saveDraft(this.state);
  }

  // The answer

  applyFix(fix: Fix): void {
    const before = this.snapshot();
    const paths = new Set(fix.edits.map((edit) => edit.path));
    // Between a letter and its answer the ranges of the last report may be off; the next one comes in a moment.
    const current = (path: string) => this.state.files.some((file) => file.path === path && file.content === this.state.checked.get(path));
    if (![...paths].every(current)) return;
    for (const path of paths) {
      const edits = fix.edits.filter((edit) => edit.path === path);
      if (this.around.editInEditor(path, edits)) continue;
      const files = this.state.files.map((file) =>
        file.path === path && typeof file.content === "string" ? { path, content: applyEdits(file.content, edits) } : file);
      this.set({ files });
    }
    this.offerUndo(this.t("fix.applied", { title: fix.title.replaceAll("`", "") }), before);
    this.answerTo("action");
  }

  /** The answer as other tools read it; null when it cannot be had, which is said. */
  async written(form: Format): Promise<string | null> {
    try {
      return await this.checker.format(this.checkedFiles(), this.checkOptions(), form);
    } catch (error) {
      this.notify(this.t("check.failed", { reason: error instanceof Error ? error.message : String(error) }));
      return null;
    }
  }

  /** Brings a place into the editor. */
  async jump(location: Location): Promise<void> {
    await this.select(location.path);
    this.around.reveal(location);
  }

  cancel(): void {
    this.abort?.abort();
    this.checker.end();
    this.set({ running: false, progress: null, failure: this.t("check.cancelled") });
  }

  retry(): void {
    this.answerTo("action");
  }

  notify(text: string, action?: { label: string; run: () => void }): void {
    clearTimeout(this.noticeTimer);
    this.set({ notice: { text, action } });
    // Long enough to read and to reach by keyboard; what it offers can also be had otherwise.
    this.noticeTimer = setTimeout(() => this.set({ notice: null }), action ? 20_000 : 6_000);
  }

  dismiss(): void {
    clearTimeout(this.noticeTimer);
    this.set({ notice: null });
  }

  /** The options as the core takes them. */
  checkOptions(): CheckOptions {
    const { platform, buildPlatform, target, buildArgs } = this.state.options;
    // A name alone takes its value from the builder's environment, which is not known here.
    const args = buildArgs.split("\n").map((line) => line.trim()).filter((line) => line.includes("="));
    // What is no platform, or not yet, is shown as that beside its field, and the default is taken.
    const platformIn = (typed: string) => (isPlatform(typed) ? typed.trim() : "");
    return {
      locale: this.state.locale,
      ...(platformIn(platform) && { platform: platformIn(platform) }),
      ...(platformIn(buildPlatform) && { buildPlatform: platformIn(buildPlatform) }),
      ...(target.trim() && { target: target.trim() }),
      ...(args.length > 0 && {
        buildArgs: Object.fromEntries(args.map((line) => {
          const at = line.indexOf("=");
          return [line.slice(0, at), line.slice(at + 1)];
        })),
      }),
    };
  }

  /** The files as the core gets them: of several Dockerfiles the one in the editor, and the pasted message. */
  checkedFiles(): PageFile[] {
    const dockerfiles = this.dockerfiles();
    const chosen = dockerfiles.find((file) => file.path === this.state.active) ?? nearestRoot(dockerfiles);
    const files = this.state.files.filter((file) =>
      (!dockerfiles.includes(file) || file === chosen) && !(typeof file.content === "string" && file.content.trim() === "" && file.path === UNTITLED));
    const message = this.state.message.trim();
    return message === "" ? files : [...files, { path: MESSAGE_PATH, content: message }];
  }

  private dockerfiles(): PageFile[] {
    return this.state.files.filter((file) => isDockerfileName(file.path));
  }

  private answerTo(what: "typing" | "action"): void {
    clearTimeout(this.timer);
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), PAUSE_MS);
    this.abort?.abort();
    if (what === "action") this.focusNext = true;
    if (isEmpty(this.state)) {
      this.set({ report: null, running: false, progress: null, failure: null });
      return;
    }
    this.timer = setTimeout(() => void this.check(), what === "action" ? 0 : PAUSE_MS);
  }

  private async check(again = false): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.set({ running: true, progress: null });
    try {
      const files = this.checkedFiles();
      const report = await this.checker.check(files, this.checkOptions(), {
        signal: abort.signal,
        onProgress: (read, size) => this.set({ progress: { read, size } }),
      });
      this.show(report, files);
    } catch (error) {
      if (abort.signal.aborted) return;
      // One crash may be an accident (a worker that the system ended); a second one is an answer.
      if (error instanceof CheckFailed && !again) return this.check(true);
      const reason = error instanceof Error ? error.message : String(error);
      this.set({ running: false, progress: null, report: null, failure: this.t("check.failed", { reason }) });
    }
  }

  private show(report: Report, files: readonly PageFile[]): void {
    const checked = new Map(files.flatMap(({ path, content }) => (typeof content === "string" ? [[path, content]] : [])));
    this.set({ report, checked, running: false, progress: null, failure: null });
    if (!this.focusNext) return;
    this.focusNext = false;
    this.around.focusVerdict();
  }

  private snapshot(): Draft {
    const { files, active, message, options } = this.state;
    return { files, active, message, options };
  }

  private offerUndo(text: string, before: Draft): void {
    this.notify(text, {
      label: this.t("undo"),
      run: () => {
        this.set({ ...before, notice: null });
        this.answerTo("action");
      },
    });
  }

  private offerPrevious(): void {
    const draft = previousDraft();
    if (!draft || draft.files.every((file) => file.content === "")) return;
    this.notify(this.t("share.opened"), {
      label: this.t("share.restore"),
      run: () => {
        this.set({ ...draft, notice: null });
        this.answerTo("action");
      },
    });
  }
}

/** The file that says most: the Dockerfile nearest to the root, else the first text. */
function firstToShow(files: readonly PageFile[]): string | null {
  const texts = files.filter((file) => typeof file.content === "string");
  return (nearestRoot(texts.filter((file) => isDockerfileName(file.path))) ?? texts[0])?.path ?? null;
}

function nearestRoot(files: readonly PageFile[]): PageFile | undefined {
  const depth = (file: PageFile) => file.path.split("/").length;
  return [...files].sort((a, b) => depth(a) - depth(b) || a.path.length - b.path.length)[0];
}
