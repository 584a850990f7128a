import { html, nothing, type TemplateResult } from "lit";
import { fromFileList } from "../../lib/files.ts";
import type { Settler } from "../../lib/report.ts";
import type { App } from "../app.ts";
import { icon } from "./icons.ts";

/** The calls to drop what would settle a condition: each opens the right chooser. */
export function settlers(app: App, list: readonly Settler[]): TemplateResult | typeof nothing {
  if (list.length === 0) return nothing;
  return html`
    <div class="settlers">
      <span class="settle-title">${app.t("settle.title")}</span>
      ${list.map((settler) => chooser(app, settler))}
    </div>`;
}

function chooser(app: App, settler: Settler): TemplateResult {
  const choose = () => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    if (settler.kind === "project-folder") input.webkitdirectory = true;
    input.addEventListener("change", () => void fromFileList([...(input.files ?? [])]).then((dropped) => app.add(dropped)));
    input.click();
  };
  return html`<button class="button small" @click=${choose}>${icon(settler.kind === "project-folder" ? "folder" : "file")} ${words(app, settler)}</button>`;
}

function words(app: App, settler: Settler): string {
  switch (settler.kind) {
    case "file": return app.t("settle.file", { path: settler.path });
    case "project-folder": return app.t("settle.folder");
    case "program": return app.t("settle.program", { path: settler.path });
    case "image": return app.t("settle.image", { reference: settler.reference });
  }
}
