import { html, type TemplateResult } from "lit";
import { type Example, examples } from "../../../examples/index.ts";
import type { App } from "../app.ts";
import { noOptions } from "../state.ts";
import { icon } from "./icons.ts";
import { menu } from "./menu.ts";

/** What stands where the answer will be, until there is something to answer. */
export function welcome(app: App): TemplateResult {
  const { t } = app;
  return html`
    <div class="welcome">
      <h2 class="lead">${t("welcome.lead")}</h2>
      <p>${t("welcome.how")}</p>
      <h3>${t("welcome.examples")}</h3>
      <ul class="cards">
        ${examples.map((example) => html`
          <li><button class="card" data-example=${example.name} @click=${() => open(app, example)}>
            <span class="card-title">${t(`example.${example.name}.title`)}</span>
            <span class="card-text">${t(`example.${example.name}.text`)}</span>
          </button></li>`)}
      </ul>
      <p class="promise">${icon("check")} ${t("welcome.privacy")}</p>
    </div>`;
}

export function examplesMenu(app: App): TemplateResult {
  const items = examples.map((example) => ({ words: app.t(`example.${example.name}.title`), run: () => open(app, example) }));
  return menu("examples", "list", app.t("examples.open"), items);
}

function open(app: App, example: Example): void {
  app.open({ files: example.files, message: example.message, options: { ...noOptions, ...example.options } }, "example");
}
