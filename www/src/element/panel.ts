// What an `<exec-lens>` shows, loaded when it is needed: the answer under the code block, and an editor in its place.
import { html, nothing, render, type TemplateResult } from "lit";
import { icon, type IconName } from "../app/views/icons.ts";
import { sentence, statement } from "../app/views/sentence.ts";
import { Checker, CheckFailed } from "../lib/client.ts";
import { diffHunks } from "../lib/diff.ts";
import { applyEdits } from "../lib/edits.ts";
import { folded } from "../lib/evidence.ts";
import { besideVerdict } from "../lib/inline.ts";
import { preferredLocale, translator } from "../lib/locale.ts";
import type { CheckOptions, Diagnostic, Fix, Report, Verdict } from "../lib/report.ts";
import { toFragment } from "../lib/share.ts";
import { headline } from "../lib/verdict.ts";
import { startInPage, startWorker } from "../worker/start.ts";
import type { ExecLens } from "./exec-lens.ts";
import { panelStyle } from "./panel-style.ts";

const verdictIcon: Record<Verdict, IconName> = { starts: "check", fails: "cross", conditional: "fork", unknown: "question", "no-program": "dash" };

/** The site that this script comes from; `assets/` is where its parts stand. */
const SITE = new URL("../", import.meta.url);

/** A page that is typed into should not be checked at each letter. */
const PAUSE_MS = 200;

// One worker for all elements of a page, one check after the other.
let checker = new Checker(startWorker);
let last: Promise<unknown> = Promise.resolve();
let inPage = false;

function inTurn(text: string, path: string, options: CheckOptions): Promise<Report> {
  const turn = last.catch(() => {}).then(async () => {
    const files = [{ path, content: text }];
    try {
      return await checker.check(files, options);
    } catch (error) {
      // A host policy may forbid workers; a Dockerfile is small enough for the page itself.
      if (inPage || !(error instanceof CheckFailed)) throw error;
      inPage = true;
      checker = new Checker(startInPage);
      return await checker.check(files, options);
    }
  });
  last = turn;
  return turn;
}

export class Panel {
  private readonly place: HTMLElement;
  private report: Report | null = null;
  private blocked = false;
  /** What is typed in place of the author's text; null while that is shown. */
  private draft: string | null = null;
  private link = SITE.href;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The author's text when it was last looked at, and the text that the report speaks of. */
  private seen = "";
  private checked = "";

  constructor(private readonly host: ExecLens) {
    const root = host.shadowRoot!;
    this.place = root.querySelector(".panel")!;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, panelStyle];
    // A site with a router, or a preview that follows its author, may put another text into the same element.
    new MutationObserver(() => {
      if (this.draft === null && host.isConnected && host.text !== this.seen) this.soon();
    }).observe(host, { childList: true, characterData: true, subtree: true });
  }

  async check(): Promise<Report | null> {
    const { host } = this;
    this.seen = host.text;
    const text = this.draft ?? this.seen;
    const locale = this.locale();
    const platform = host.getAttribute("platform");
    const target = host.getAttribute("target");
    const options: CheckOptions = { locale, ...(platform && { platform }), ...(target && { target }) };
    const path = host.getAttribute("path") ?? "Dockerfile";
    try {
      this.report = await inTurn(text, path, options);
      this.checked = text;
      this.blocked = false;
    } catch {
      this.report = null;
      this.blocked = true;
    }
    this.link = new URL(await toFragment({ files: [{ path, content: text }], options: { ...options, locale: undefined } }), SITE).href;
    this.show();
    return this.report;
  }

  private locale(): "en" | "ja" {
    const tag = this.host.closest("[lang]")?.getAttribute("lang");
    return preferredLocale(tag ? [tag] : navigator.languages);
  }

  private show(): void {
    render(this.view(), this.place);
    // The author's block makes room for the editor while one types.
    this.host.shadowRoot!.querySelector("slot")!.hidden = this.draft !== null;
  }

  private view(): TemplateResult {
    const t = translator(this.locale());
    const { report } = this;
    return html`
      <div class="box ${report?.verdict ?? ""}" part="panel" lang=${this.locale()}>
        ${this.draft === null ? nothing : html`
          <textarea part="editor" spellcheck="false" aria-label=${t("editor.label", { path: this.host.getAttribute("path") ?? "Dockerfile" })}
            rows=${Math.min(24, this.draft.split("\n").length + 1)} .value=${this.draft} @input=${this.typed}></textarea>`}
        ${report ? this.answer(report) : nothing}
        ${this.blocked ? html`<p class="summary" part="summary">${t("element.blocked")}</p>` : nothing}
        <div class="row">
          ${this.host.editable && this.draft === null ? html`<button part="button" @click=${this.edit}>${t("element.edit")}</button>` : nothing}
          ${this.draft === null ? nothing : html`<button part="button" @click=${this.reset}>${t("element.reset")}</button>`}
          <a part="link" href=${this.link} target="_blank" rel="noopener">${t("element.open")}</a>
        </div>
      </div>`;
  }

  private answer(report: Report): TemplateResult {
    const t = translator(this.locale());
    const expected = this.host.expected;
    const asExpected = expected === null ? null : report.verdict === expected;
    const first = report.diagnostics[0];
    return html`
      <div class="verdict ${report.verdict}" part="verdict" role="status">
        <strong>${icon(verdictIcon[report.verdict])} ${t(headline(report))}</strong>
        ${asExpected === null ? nothing : html`<span class=${asExpected ? "expected" : "unexpected"}>${asExpected ? t("element.expected") : t("element.unexpected", { verdict: t(`verdict.${expected!}`) })}</span>`}
        <p class="summary" part="summary">${statement(besideVerdict(report.summary))}</p>
      </div>
      ${first ? this.finding(first) : nothing}`;
  }

  private finding(diagnostic: Diagnostic): TemplateResult {
    const t = translator(this.locale());
    const page = new URL(`${this.locale() === "ja" ? "ja/" : ""}${diagnostic.codeDescription.href}`, SITE).href;
    return html`
      <details part="finding">
        <summary>${t("element.details")}</summary>
        ${diagnostic.condition ? html`<p><strong>${t("condition.if")}</strong> ${sentence(diagnostic.condition.text)}</p>` : nothing}
        <p>${statement(diagnostic.message)} <a part="link" href=${page} target="_blank" rel="noopener">${diagnostic.code}</a></p>
        <ol>${folded(diagnostic.evidence).map(({ step }) => html`<li>${statement(step.text)}</li>`)}</ol>
        <ul class="fixes">${diagnostic.fixes.map((fix) => html`
          <li part="fix"><strong>${statement(fix.title)}</strong><span class="tradeoff">${statement(fix.tradeoff)}</span>
            ${fix === diagnostic.fixes[0] ? this.change(fix) : nothing}
            ${this.host.editable && fix.edits.length > 0 ? html`<button part="button" @click=${() => this.apply(fix)}>${t("fix.apply")}</button>` : nothing}
          </li>`)}</ul>
      </details>`;
  }

  /** The best change, to be copied from a page where nothing can be applied. */
  private change(fix: Fix): TemplateResult | typeof nothing {
    if (fix.edits.length === 0) return nothing;
    const t = translator(this.locale());
    const lines = diffHunks(this.checked, applyEdits(this.checked, fix.edits), 0).flat();
    return html`<pre class="diff" tabindex="0" aria-label=${t("fix.diff", { path: fix.edits[0]!.path })}>${lines.map(({ kind, text }) =>
      html`<span class=${kind}>${kind === "added" ? "+" : "−"} ${text}</span>`)}</pre>`;
  }

  private readonly edit = () => {
    this.draft = this.host.text;
    this.show();
    this.place.querySelector("textarea")?.focus();
  };

  private readonly reset = () => {
    this.draft = null;
    void this.host.check();
  };

  private readonly typed = (event: Event) => {
    this.draft = (event.target as HTMLTextAreaElement).value;
    this.soon();
  };

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.host.check(), PAUSE_MS);
  }

  private apply(fix: Fix): void {
    this.draft = applyEdits(this.draft ?? this.host.text, fix.edits);
    void this.host.check();
  }
}
