import { html, nothing, type TemplateResult } from "lit";
import type { App } from "../app.ts";
import { isPlatform, type Options } from "../state.ts";

const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/s390x", "linux/riscv64"];

/** The options, in Docker's own words; closed until someone needs them. */
export function options(app: App): TemplateResult {
  const { state, t } = app;
  const { options } = state;
  const changed = Object.values(options).filter((value) => value.trim() !== "").length;
  const typed = taker(app);
  const stages = state.report?.stages.flatMap((stage) => (stage.name === null ? [] : [stage.name])) ?? [];
  return html`
    <details class="options" ?open=${state.optionsOpen} @toggle=${(event: Event) => app.set({ optionsOpen: (event.target as HTMLDetailsElement).open })}>
      <summary>${t("options.title")} ${changed > 0 ? html`<span class="count">${changed}</span>` : ""}</summary>
      <div class="fields">
        ${platform(app, "platform", t("options.platform"), "--platform")}
        ${platform(app, "buildPlatform", t("options.buildPlatform"), "BUILDPLATFORM")}
        <label><span class="words">${t("options.target")} <code>--target</code></span>
          <input list="stages" placeholder=${t("options.lastStage")} autocomplete="off" spellcheck="false" .value=${options.target} @input=${typed("target")} />
        </label>
        <label><span class="words">${t("options.buildArgs")} <code>--build-arg</code></span>
          <textarea rows="2" placeholder="VERSION=1.22" autocomplete="off" spellcheck="false" .value=${options.buildArgs} @input=${typed("buildArgs")}></textarea>
        </label>
      </div>
      <datalist id="platforms">${platforms.map((name) => html`<option value=${name}></option>`)}</datalist>
      <datalist id="stages">${stages.map((name) => html`<option value=${name}></option>`)}</datalist>
    </details>`;
}

function platform(app: App, name: "platform" | "buildPlatform", words: string, flag: string): TemplateResult {
  const value = app.state.options[name];
  const wrong = !isPlatform(value);
  return html`
    <label><span class="words">${words} <code>${flag}</code></span>
      <span>
        <input list="platforms" placeholder="linux/amd64" autocomplete="off" spellcheck="false" aria-invalid=${wrong} .value=${value} @input=${taker(app)(name)} />
        ${wrong ? html`<span class="wrong">${app.t("options.noPlatform")}</span>` : nothing}
      </span>
    </label>`;
}

function taker(app: App): (name: keyof Options) => (event: Event) => void {
  return (name) => (event) => app.setOptions({ [name]: (event.target as HTMLInputElement).value });
}
