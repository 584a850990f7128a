import { html, nothing, type TemplateResult } from "lit";
import { besideVerdict } from "../../lib/inline.ts";
import type { Report, Verdict } from "../../lib/report.ts";
import { headline } from "../../lib/verdict.ts";
import type { App } from "../app.ts";
import { finding, place } from "./findings.ts";
import { messages } from "./messages.ts";
import { icon, type IconName } from "./icons.ts";
import { pictureView } from "./picture.ts";
import { programs } from "./programs.ts";
import { sentence, statement } from "./sentence.ts";
import { settlers } from "./settle.ts";

const verdictIcon: Record<Verdict, IconName> = {
  starts: "check",
  fails: "cross",
  conditional: "fork",
  unknown: "question",
  "no-program": "dash",
};

/** Nobody reads more than this at once, and a file that is no Dockerfile has a finding in each of its lines. */
const MOST_SHOWN = 40;

export function answer(app: App): TemplateResult {
  const { state, t } = app;
  const { report } = state;
  return html`
    ${progress(app)}
    <div class="verdict-place" role="status">
      ${report ? verdict(app, report) : state.failure ? failure(app) : html`<p class="waiting">${t("check.running")}</p>`}
    </div>
    ${report ? html`
      ${messages(app, report, onlyMessages(report))}
      ${pictureView(app, report)}
      ${report.verdict === "unknown" ? unknowns(app, report) : nothing}
      ${report.diagnostics.length > 0 ? html`
        <section class="findings" aria-labelledby="findings-title">
          <h3 id="findings-title">${t("findings.title")}</h3>
          ${report.diagnostics.slice(0, MOST_SHOWN).map((diagnostic, index) => finding(app, diagnostic, index))}
          ${more(app, report.diagnostics)}
        </section>` : nothing}
      ${report.verdict === "unknown" ? nothing : unknowns(app, report)}
      ${programs(app, report)}
      ${suppressed(app, report)}
      ${problems(app, report)}` : nothing}`;
}

/** Whether an error message is all there is: then what it means is the answer. */
function onlyMessages(report: Report): boolean {
  return report.verdict === "no-program" && report.messages.length > 0;
}

function verdict(app: App, report: Report): TemplateResult {
  if (onlyMessages(report)) {
    return html`
      <div class="verdict message" data-verdict=${report.verdict}>
        <span class="badge">${icon("info")}</span>
        <div>
          <h2 id="verdict" tabindex="-1">${app.t("messages.title")}</h2>
          <p class="summary">${statement(report.messages[0]!.meaning)}</p>
          <p class="next">${app.t("messages.next")}</p>
        </div>
      </div>`;
  }
  return html`
    <div class="verdict ${report.verdict}" data-verdict=${report.verdict}>
      <span class="badge">${icon(verdictIcon[report.verdict])}</span>
      <div>
        <h2 id="verdict" tabindex="-1">${app.t(headline(report))}</h2>
        <p class="summary">${statement(besideVerdict(report.summary))}</p>
        ${report.verdict === "no-program" && report.stages.length === 0 ? html`<p class="next">${app.t("verdict.nothing")}</p>` : nothing}
        ${isNoDockerfile(app, report) ? html`<p class="next">${app.t("verdict.noDockerfile")}</p>` : nothing}
        ${bestFix(app, report)}
      </div>
    </div>`;
}

/** Whether a text was given as a Dockerfile that is something else, so that reading it as one says little. */
function isNoDockerfile(app: App, report: Report): boolean {
  const first = report.diagnostics[0];
  if (first?.code !== "refused-instruction" || first.fixes.length > 0) return false;
  return !/^[ \t]*FROM[ \t]/im.test(app.state.checked.get(first.path) ?? "FROM x");
}

/** The best change of all, at hand without reading on. */
function bestFix(app: App, report: Report): TemplateResult | typeof nothing {
  if (report.verdict !== "fails" && report.verdict !== "conditional") return nothing;
  const fix = report.diagnostics[0]?.fixes.find((one) => one.preferred && one.edits.length > 0);
  if (!fix) return nothing;
  return html`
    <p class="best-fix">
      <button class="button" data-best-fix @click=${() => app.applyFix(fix)}>${icon("spark")} <span>${statement(fix.title)}</span></button>
      <a href="#fixes-0" @click=${(event: Event) => showFixes(event)}>${app.t("fix.see")}</a>
    </p>`;
}

/** The address stays what it is: its fragment may carry the input. */
function showFixes(event: Event): void {
  event.preventDefault();
  const fixes = document.querySelector<HTMLElement>("#fixes-0");
  fixes?.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  fixes?.querySelector<HTMLElement>("summary")?.focus({ preventScroll: true });
}

function failure(app: App): TemplateResult {
  return html`
    <div class="verdict failure">
      <span class="badge">${icon("warning")}</span>
      <div>
        <h2 id="verdict" tabindex="-1">${app.t("check.noAnswer")}</h2>
        <p class="summary">${app.state.failure}</p>
        <button class="button" @click=${() => app.retry()}>${app.t("check.retry")}</button>
      </div>
    </div>`;
}

/** The line that says that work goes on, and for big files how far it is and how to stop it. */
function progress(app: App): TemplateResult {
  const { state, t } = app;
  if (!state.running) return html`<div class="progress idle"></div>`;
  if (!state.progress) return html`<div class="progress busy"></div>`;
  const { read, size } = state.progress;
  return html`
    <div class="reading">
      <progress aria-label=${t("check.reading")} max=${size} value=${read}></progress>
      <span>${t("check.read", { read: megabytes(read), size: megabytes(size) })}</span>
      <button class="button quiet" @click=${() => app.cancel()}>${t("check.cancel")}</button>
    </div>`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)}`;
}

function unknowns(app: App, report: Report): TemplateResult | typeof nothing {
  if (report.unknowns.length === 0) return nothing;
  return html`
    <section class="unknowns" aria-labelledby="unknowns-title">
      <h3 id="unknowns-title">${app.t("unknowns.title")}</h3>
      <ul>
        ${report.unknowns.slice(0, MOST_SHOWN).map((unknown) => html`
          <li>
            <p>${statement(unknown.text)} ${unknown.location ? place(app, unknown.location) : nothing}</p>
            ${settlers(app, unknown.settledBy)}
          </li>`)}
      </ul>
      ${more(app, report.unknowns)}
    </section>`;
}

/** What is not shown of a long list is said, and is in the downloads. */
function more(app: App, all: readonly unknown[]): TemplateResult | typeof nothing {
  return all.length > MOST_SHOWN ? html`<p class="more">${app.t("findings.more", { count: all.length - MOST_SHOWN })}</p>` : nothing;
}

function suppressed(app: App, report: Report): TemplateResult | typeof nothing {
  if (report.suppressed.length === 0) return nothing;
  return html`
    <details class="suppressed">
      <summary>${app.t("suppressed.title", { count: report.suppressed.length })}</summary>
      <ul>${report.suppressed.map((one) => html`
        <li>${statement(one.message)} ${place(app, one)}</li>`)}
      </ul>
    </details>`;
}

function problems(app: App, report: Report): TemplateResult | typeof nothing {
  const broken = report.inputs.filter((input) => input.problem !== null);
  if (broken.length === 0) return nothing;
  return html`
    <section class="problems" aria-labelledby="problems-title">
      <h3 id="problems-title">${app.t("problems.title")}</h3>
      <ul>${broken.map((input) => html`<li><code>${input.path}</code>: ${sentence(input.problem!)}</li>`)}</ul>
    </section>`;
}
