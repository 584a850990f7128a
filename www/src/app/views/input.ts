import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { fromFileList, isDockerfileName } from "../../lib/files.ts";
import type { App } from "../app.ts";
import { activeText } from "../state.ts";
import { examplesMenu } from "./examples.ts";
import { icon } from "./icons.ts";
import { options } from "./options.ts";
import { shareMenu } from "./outputs.ts";

/** A plain text field lays out all of its text at once, which takes seconds for megabytes; the editor does not. */
const LARGEST_PLAIN = 100_000;

export function input(app: App): TemplateResult {
  const { state, t } = app;
  const text = activeText(state);
  return html`
    <div class="toolbar">
      ${picker(app, "files")}
      ${picker(app, "folder")}
      ${examplesMenu(app)}
      ${shareMenu(app)}
      <button class="button quiet icon-only" aria-label=${t("clear")} title=${t("clear")} @click=${() => app.clear()}>${icon("bin")}</button>
    </div>
    <div class="sheet">
      ${state.files.length > 1 || state.files[0]?.path !== "Dockerfile" ? tabs(app) : nothing}
      ${text === null
        ? html`<p class="no-text">${icon("binary")} ${t("editor.binary", { path: state.active })}</p>`
        : nothing}
      <div class="editor-place" ?hidden=${text === null}>
        ${state.editorReady
          ? html`<code-editor></code-editor>`
          : (text?.length ?? 0) > LARGEST_PLAIN ? html`<p class="no-text">${t("editor.loading")}</p>` : html`<textarea class="plain-editor" aria-label=${t("editor.label", { path: state.active })} placeholder=${t("editor.placeholder")}
              spellcheck="false" autocapitalize="off" autocomplete="off" .value=${text ?? ""}
              @input=${(event: InputEvent) => app.edit(state.active, (event.target as HTMLTextAreaElement).value)}></textarea>`}
      </div>
    </div>
    <label class="message-box">
      <span class="label">${t("message.label")}</span>
      <textarea rows="2" spellcheck="false" autocomplete="off" placeholder=${t("message.placeholder")} .value=${state.message}
        @input=${(event: InputEvent) => app.setMessage((event.target as HTMLTextAreaElement).value)}></textarea>
    </label>
    ${options(app)}`;
}

/** A labelled file input that looks like a button, and is one for keyboards and screen readers. */
function picker(app: App, kind: "files" | "folder"): TemplateResult {
  const folder = (element?: Element) => {
    if (kind === "folder") (element as HTMLInputElement | undefined)?.toggleAttribute("webkitdirectory", true);
  };
  const taken = async (event: Event) => {
    const chooser = event.target as HTMLInputElement;
    const files = [...(chooser.files ?? [])];
    // The same file, picked again after it was changed, is news too.
    chooser.value = "";
    app.add(await fromFileList(files));
  };
  return html`
    <label class="button picker">
      ${icon(kind === "files" ? "file" : "folder")} ${app.t(kind === "files" ? "pick.files" : "pick.folder")}
      <input type="file" multiple data-picker=${kind} ${ref(folder)} @change=${taken} />
    </label>`;
}

function tabs(app: App): TemplateResult {
  const { state, t } = app;
  // A folder brings thousands of files; the ones that can be read or that decide are worth a tab.
  const shown = state.files.length <= 12 ? [...state.files] : state.files.filter((file) => typeof file.content === "string" || file.path === state.active);
  const rest = state.files.length - shown.length;
  // What decides stands first.
  shown.sort((a, b) => Number(isDockerfileName(b.path)) - Number(isDockerfileName(a.path)));
  return html`
    <ul class="tabs" aria-label=${t("files.label")}>
      ${shown.map((file) => html`
        <li class=${file.path === state.active ? "tab active" : "tab"}>
          <button class="tab-name" aria-current=${file.path === state.active ? "true" : "false"} title=${file.path} @click=${() => void app.select(file.path)}>
            ${icon(typeof file.content === "string" ? "file" : "binary")}<span>${file.path}</span>
          </button>
          <button class="tab-close" aria-label=${t("files.remove", { path: file.path })} @click=${() => app.remove(file.path)}>${icon("close")}</button>
        </li>`)}
      ${state.files.some((file) => isDockerfileName(file.path)) ? nothing : html`
        <li class="tab"><button class="tab-name" @click=${() => app.addDockerfile()}>+ ${t("files.addDockerfile")}</button></li>`}
      ${rest > 0 ? html`<li class="tab more">${t("files.more", { count: rest })}</li>` : nothing}
    </ul>`;
}
