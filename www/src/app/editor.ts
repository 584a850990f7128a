// The editor, loaded after the first paint. It lives in a shadow root, where its styles need no `style` element and
// so no hole in the policy.
import { defaultKeymap, history, historyKeymap, undo } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
import { go } from "@codemirror/legacy-modes/mode/go";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { type Diagnostic as Squiggle, lintGutter, lintKeymap, openLintPanel, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { isDockerfileName, lineSeparator } from "../lib/files.ts";
import { plain, statement } from "../lib/inline.ts";
import type { Diagnostic, Fix, Position, Range } from "../lib/report.ts";
import { editorTheme } from "./editor-theme.ts";

/** Marks past these are noise, and cost time at each letter. */
const MOST_MARKS = 500;

export interface EditorWords {
  label: string;
  placeholder: string;
  phrases: Record<string, string>;
}

const flash = StateEffect.define<{ from: number; to: number } | null>();
const flashLine = Decoration.line({ class: "cm-flash" });
const flashed = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(flash)) continue;
      if (effect.value === null) return Decoration.none;
      const lines = [];
      for (let at = effect.value.from; at <= effect.value.to; ) {
        const line = transaction.state.doc.lineAt(at);
        lines.push(flashLine.range(line.from));
        at = line.to + 1;
      }
      return Decoration.set(lines);
    }
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword], class: "tok-keyword" },
  { tag: tags.comment, class: "tok-comment" },
  { tag: [tags.string, tags.special(tags.string)], class: "tok-string" },
  { tag: [tags.variableName, tags.standard(tags.variableName), tags.definition(tags.variableName)], class: "tok-variable" },
  { tag: [tags.number, tags.atom, tags.bool], class: "tok-number" },
]);

/** `<code-editor>`: one text at a time, each with its own undo history. */
export class CodeEditor extends HTMLElement {
  private view: EditorView | null = null;
  private readonly states = new Map<string, EditorState>();
  private path = "";
  private words: EditorWords = { label: "", placeholder: "", phrases: {} };
  private diagnostics: readonly Diagnostic[] = [];

  connectedCallback(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    this.view ??= new EditorView({ root, parent: root });
  }

  /** Shows a text; a text that differs from what was last seen under this path is a new one. */
  show(path: string, text: string, words: EditorWords): void {
    const view = this.view!;
    const sameWords = words.label === this.words.label;
    if (path === this.path && sameWords && this.text() === text) return;
    if (this.path !== "" && path !== this.path) this.states.set(this.path, view.state);
    this.words = words;
    if (path === this.path && sameWords) {
      // The same file with another text: an edit that can be undone.
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      return;
    }
    const kept = this.states.get(path);
    this.path = path;
    view.setState(kept && sameWords && textOf(kept) === text ? kept : this.fresh(path, text));
    if (!sameWords) this.states.clear();
    this.mark(this.diagnostics);
  }

  /** Underlines what the report says about this text. */
  mark(diagnostics: readonly Diagnostic[]): void {
    this.diagnostics = diagnostics;
    const view = this.view!;
    const doc = view.state.doc;
    const squiggles = diagnostics.filter((one) => one.path === this.path).slice(0, MOST_MARKS).map((one): Squiggle => ({
      ...span(doc, one.range),
      severity: one.severity === 3 ? "info" : one.severity === 1 && one.certainty === "certain" ? "error" : "warning",
      source: one.code,
      message: plain(statement(one.message)),
      actions: one.fixes.filter((fix) => fix.edits.length > 0).map((fix) => ({
        name: plain(statement(fix.title)),
        apply: () => this.tell("apply-fix", fix),
      })),
    }));
    view.dispatch(setDiagnostics(view.state, squiggles));
  }

  /** Applies a fix as one step that undo takes back. */
  applyEdits(edits: Fix["edits"]): void {
    const view = this.view!;
    const doc = view.state.doc;
    const changes = edits.map(({ range, newText }) => ({ ...span(doc, range), insert: newText }));
    const set = view.state.changes(changes);
    view.dispatch({ changes: set, userEvent: "input.fix" });
    const first = set.mapPos(Math.min(...changes.map((change) => change.from)), -1);
    this.light(first, first + Math.max(0, ...edits.map((edit) => edit.newText.trimEnd().length)));
  }

  undo(): void {
    undo(this.view!);
  }

  /** Brings a range into view, selects it and takes the focus there. */
  reveal(range: Range): void {
    const view = this.view!;
    const { from, to } = span(view.state.doc, range);
    view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    this.light(from, to);
    view.focus();
  }

  override focus(): void {
    this.view?.focus();
  }

  /** Places the caret where it was in the plain text field that stood here before. */
  select(from: number, to: number): void {
    const length = this.view!.state.doc.length;
    this.view!.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) } });
  }

  private light(from: number, to: number): void {
    const view = this.view!;
    const end = Math.min(to, view.state.doc.length);
    view.dispatch({ effects: flash.of({ from, to: Math.max(from, end) }) });
    setTimeout(() => view.dispatch({ effects: flash.of(null) }), 1600);
  }

  private text(): string {
    return textOf(this.view!.state);
  }

  private fresh(path: string, text: string): EditorState {
    const separator = lineSeparator(text) ?? "\n";
    return EditorState.create({
      doc: text,
      extensions: [
        EditorState.lineSeparator.of(separator),
        EditorState.phrases.of(this.words.phrases),
        languageOf(path),
        syntaxHighlighting(colours),
        history(),
        lineNumbers(),
        lintGutter(),
        drawSelection(),
        bracketMatching(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        flashed,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": this.words.label, spellcheck: "false", autocapitalize: "off", tabindex: "0" }),
        placeholder(this.words.placeholder),
        keymap.of([{ key: "Mod-.", run: openLintPanel }, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
        editorTheme,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) this.tell("edit", { path: this.path, text: textOf(update.state) });
        }),
      ],
    });
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function textOf(state: EditorState): string {
  return state.sliceDoc();
}

function span(doc: Text, range: Range): { from: number; to: number } {
  const from = offset(doc, range.start);
  return { from, to: Math.max(from, offset(doc, range.end)) };
}

function offset(doc: Text, position: Position): number {
  if (position.line >= doc.lines) return doc.length;
  const line = doc.line(position.line + 1);
  return Math.min(line.from + position.character, line.to);
}

function languageOf(path: string): Extension {
  if (isDockerfileName(path)) return StreamLanguage.define(dockerFile);
  if (/\.go$/.test(path)) return StreamLanguage.define(go);
  if (/\.(sh|bash)$/.test(path)) return StreamLanguage.define(shell);
  return [];
}

customElements.define("code-editor", CodeEditor);
