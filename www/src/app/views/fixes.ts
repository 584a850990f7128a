import { html, nothing, type TemplateResult } from "lit";
import { diffHunks, type DiffLine } from "../../lib/diff.ts";
import { applyEdits } from "../../lib/edits.ts";
import type { Fix } from "../../lib/report.ts";
import type { App } from "../app.ts";
import { copyText } from "../clipboard.ts";
import { icon } from "./icons.ts";
import { statement } from "./sentence.ts";

/** A fix: what it does, what it costs, the change as a diff, and the ways to take it. */
export function fixView(app: App, fix: Fix, index: number): TemplateResult {
  const { t } = app;
  const changes = changesOf(app, fix);
  const canApply = changes.length > 0;
  const body = html`
    <p class="tradeoff">${statement(fix.tradeoff)}</p>
    ${changes.map(({ path, hunks }) => html`
      <div class="diff" role="group" aria-label=${t("fix.diff", { path })} tabindex="0">
        ${hunks.map((hunk) => html`<div class="hunk">${hunk.map((line) => diffLine(app, line))}</div>`)}
      </div>`)}
    ${canApply ? html`
      <div class="take">
        <button class="button ${fix.preferred ? "primary" : ""}" data-fix=${index} @click=${() => app.applyFix(fix)}>${icon("spark")} ${t("fix.apply")}</button>
        <button class="button quiet" @click=${() => void copy(app, fix)}>${icon("copy")} ${t("fix.copy")}</button>
      </div>` : nothing}`;
  return html`
    <details class="fix ${fix.preferred ? "preferred" : ""}" ?open=${fix.preferred || index === 0}>
      <summary>
        <span class="fix-title">${statement(fix.title)}</span>
        ${fix.preferred ? html`<span class="best">${t("fix.preferred")}</span>` : nothing}
      </summary>
      ${body}
    </details>`;
}

const sign = { same: " ", removed: "−", added: "+" } as const;

function diffLine(app: App, line: DiffLine): TemplateResult {
  const name = line.kind === "same" ? nothing : html`<span class="hidden">${app.t(`fix.${line.kind}`)}</span>`;
  return html`<div class="diff-line ${line.kind}"><span class="number">${line.number}</span><span class="sign" aria-hidden="true">${sign[line.kind]}</span>${name}<code>${line.text}</code></div>`;
}

interface Change {
  path: string;
  hunks: DiffLine[][];
}

/** Fixes are values that never change, and a long file's diff is worth making once. */
const known = new WeakMap<Fix, Change[]>();

function changesOf(app: App, fix: Fix): Change[] {
  const before = known.get(fix);
  if (before) return before;
  const changes = [...new Set(fix.edits.map((edit) => edit.path))].flatMap((path) => {
    const text = app.state.checked.get(path);
    if (text === undefined) return [];
    return [{ path, hunks: diffHunks(text, applyEdits(text, fix.edits.filter((edit) => edit.path === path))) }];
  });
  // A fix in a file that is not open as text yet can be shown when it is.
  if (changes.length > 0) known.set(fix, changes);
  return changes;
}

async function copy(app: App, fix: Fix): Promise<void> {
  // What one pastes into one's own file: the lines as they read afterwards.
  const lines = changesOf(app, fix).flatMap(({ hunks }) => hunks.map((hunk) =>
    hunk.filter((line) => line.kind === "added").map((line) => line.text).join("\n")));
  await copyText(app, lines.join("\n\n"), app.t("copied"));
}
