import { html, nothing, type TemplateResult } from "lit";
import { folded, type Step } from "../../lib/evidence.ts";
import type { Key } from "../../lib/locale.ts";
import type { Diagnostic, Evidence, Location } from "../../lib/report.ts";
import type { App } from "../app.ts";
import { fixView } from "./fixes.ts";
import { icon, type IconName } from "./icons.ts";
import { sentence, statement } from "./sentence.ts";
import { settlers } from "./settle.ts";

const severityIcon: Record<1 | 2 | 3, IconName> = { 1: "cross", 2: "warning", 3: "info" };
const severityName = { 1: "error", 2: "warning", 3: "information" } as const;

/** One finding as an argument: what, if what, why step by step, what one would see, and what mends it. */
export function finding(app: App, diagnostic: Diagnostic, index: number): TemplateResult {
  const { t } = app;
  const severity = severityName[diagnostic.severity];
  const misled = MISLEADING.get(diagnostic.code);
  const rulePage = app.state.locale === "ja" ? `ja/${diagnostic.codeDescription.href}` : diagnostic.codeDescription.href;
  return html`
    <article class="finding ${severity} ${diagnostic.certainty}" aria-labelledby="finding-${index}">
      <header>
        <span class="severity">${icon(diagnostic.severity === 1 && diagnostic.condition ? "fork" : severityIcon[diagnostic.severity])}<span class="hidden">${t(`severity.${severity}`)}</span></span>
        <h4 id="finding-${index}">${statement(diagnostic.message)}</h4>
        <p class="about">
          ${place(app, diagnostic)}
          <a class="rule" href=${rulePage} target="_blank" rel="noopener">${diagnostic.code}</a>
        </p>
      </header>
      ${diagnostic.condition ? html`
        <div class="condition">
          <p><strong>${t("condition.if")}</strong> ${sentence(diagnostic.condition.text)}</p>
          ${settlers(app, diagnostic.condition.settledBy)}
        </div>` : nothing}
      ${diagnostic.evidence.length > 0 ? html`
        <details class="why" ?open=${index === 0}>
          <summary>${t("evidence.title")}</summary>
          <ol class="evidence">${folded(diagnostic.evidence).map((step) => evidenceStep(app, step))}</ol>
        </details>` : nothing}
      ${diagnostic.fixes.length > 0 ? html`
        <div class="fixes" id="fixes-${index}">
          <h5>${t("fixes.title")}</h5>
          ${diagnostic.fixes.map((fix, at) => fixView(app, fix, at))}
        </div>` : nothing}
      ${diagnostic.runtimeMessages.length > 0 ? html`
        <details class="prints" ?open=${index === 0}>
          <summary>${t("runtime.title")}</summary>
          ${misled ? html`<p class="misleads">${t(misled)}</p>` : nothing}
          <ul class="terminal">
            ${diagnostic.runtimeMessages.map((message) => html`
              <li>
                <span class="engine">${message.engine}${message.exitCode === null ? nothing : html` <span class="exit">${t("runtime.exit", { code: message.exitCode })}</span>`}</span>
                <samp>${message.text}</samp>
              </li>`)}
          </ul>
        </details>` : nothing}
    </article>`;
}

/** Messages that name a file which is there, and mean another one. */
const MISLEADING = new Map<string, Key>([
  ["missing-interpreter", "misleads.missing-interpreter"],
  ["missing-script-interpreter", "misleads.missing-script-interpreter"],
  ["carriage-return-after-shebang", "misleads.carriage-return-after-shebang"],
]);

function evidenceStep(app: App, { step, records }: Step): TemplateResult {
  return html`
    <li class=${step.from}>
      <span>${statement(step.text)}</span>
      ${step.location ? place(app, step.location) : nothing}
      ${step.source ? source([step], from(step)) : records.length > 0 ? source(records, premises(records)) : html`<span class="source">${app.t(`evidence.${step.from}`)}</span>`}
    </li>`;
}

/** The names of records, which open to what they say, where that is from and when it was seen. */
function source(records: readonly Evidence[], words: string | TemplateResult): TemplateResult {
  return html`<details class="source"><summary>${[...new Set(records.map((one) => one.source!.record))].join(", ")}</summary> ${words}</details>`;
}

function premises(records: readonly Evidence[]): TemplateResult {
  return html`<ul>${records.map((one) => html`<li>${statement(one.text)}: ${from(one)}</li>`)}</ul>`;
}

function from({ source }: Evidence): string {
  return [source!.reference, source!.observed].filter(Boolean).join(", ");
}

/** The way to a place: a line of a text, or a file that has no lines. */
export function place(app: App, location: Location): TemplateResult {
  const { path, range } = location;
  // Of a folder's many files, a text is brought into the editor only when somebody goes there.
  const file = app.state.files.find((one) => one.path === path);
  const hasLines = typeof file?.content === "string" || range.start.line > 0 || range.end.character > 0;
  const words = hasLines ? app.t("place", { path, line: range.start.line + 1 }) : path;
  return html`<button class="place" @click=${() => void app.jump(location)}>${words}</button>`;
}
