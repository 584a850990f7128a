import { html, nothing, type TemplateResult } from "lit";
import type { App } from "../app.ts";
import { isEmpty } from "../state.ts";
import { answer } from "./answer.ts";
import { welcome } from "./examples.ts";
import { header, footer } from "./frame.ts";
import { input } from "./input.ts";
import { icon } from "./icons.ts";

/** The whole page: what was given on one side, the answer on the other. */
export function page(app: App): TemplateResult {
  const { state, t } = app;
  return html`
    ${header(app)}
    <main class="desk" id="main">
      <section class="input" aria-labelledby="input-title">
        <h2 id="input-title" class="hidden">${t("input.title")}</h2>
        ${input(app)}
      </section>
      <section class="answer" aria-label=${t("answer.title")} aria-busy=${state.running}>
        ${isEmpty(state) ? welcome(app) : answer(app)}
      </section>
    </main>
    ${footer(app)}
    ${state.dragging ? html`<div class="drop-veil" aria-hidden="true"><p>${t("drop.here")}</p></div>` : nothing}
    <div class="notices">
      <div role="status">
        ${state.updateReady ? html`
          <div class="notice update">
            <p>${t("update.ready")}</p>
            <button class="button primary" data-action="update">${t("update.now")}</button>
            <button class="button quiet" @click=${() => app.set({ updateReady: false })}>${t("update.later")}</button>
          </div>` : nothing}
      </div>
      <div role="status">
        ${state.notice ? html`
          <div class="notice news">
            <p>${state.notice.text}</p>
            ${state.notice.action ? html`<button class="button quiet" @click=${state.notice.action.run}>${state.notice.action.label}</button>` : nothing}
            <button class="button icon-only" aria-label=${t("dismiss")} @click=${() => app.dismiss()}>${icon("close")}</button>
          </div>` : nothing}
      </div>
    </div>
  `;
}
