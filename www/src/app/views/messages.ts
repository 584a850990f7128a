import { html, nothing, type TemplateResult } from "lit";
import type { Report } from "../../lib/report.ts";
import type { App } from "../app.ts";
import { statement } from "./sentence.ts";

/** What the pasted error messages say, and where they can come from; `told`: what the first one means stands above already. */
export function messages(app: App, report: Report, told: boolean): TemplateResult | typeof nothing {
  const { t, state } = app;
  if (report.messages.length === 0) return nothing;
  const rule = (code: string) => `${state.locale === "ja" ? "ja/" : ""}rules/${code}.html`;
  return html`
    <section class="meanings" aria-labelledby="meanings-title">
      <h3 id="meanings-title" class=${told ? "hidden" : ""}>${t("messages.title")}</h3>
      ${report.messages.map((message, index) => html`
        <div class="meaning">
          <samp>${message.text}</samp>
          ${told && index === 0 ? nothing : html`<p>${statement(message.meaning)}</p>`}
          ${message.confirmed === null ? nothing : html`<p class=${message.confirmed ? "confirmed" : "denied"}>${t(message.confirmed ? "messages.confirmed" : "messages.denied")}</p>`}
          <p class="about">
            ${message.speaker === "" ? nothing : html`<span>${t("messages.from", { speaker: message.speaker })}</span>`}
            ${message.codes.length > 0 ? html`<span>${t("messages.rules")} ${message.codes.map((code) => html`<a class="rule" href=${rule(code)} target="_blank" rel="noopener">${code}</a> `)}</span>` : nothing}
          </p>
        </div>`)}
    </section>`;
}
