import { html, type TemplateResult } from "lit";
import { toMarkdown } from "../../lib/markdown.ts";
import type { Report } from "../../lib/report.ts";
import { toSarif } from "../../lib/sarif.ts";
import { LONG_LINK, toFragment } from "../../lib/share.ts";
import { type App, MESSAGE_PATH } from "../app.ts";
import { copyText } from "../clipboard.ts";
import { activeText } from "../state.ts";
import { icon } from "./icons.ts";

/** The ways to take input and answer elsewhere. */
export function shareMenu(app: App): TemplateResult {
  const { state, t } = app;
  const { report } = state;
  const close = (event: Event) => (event.currentTarget as HTMLElement).closest("details")?.removeAttribute("open");
  const item = (key: Parameters<typeof t>[0], run: () => unknown, disabled = false) => html`
    <li><button ?disabled=${disabled} @click=${(event: Event) => { close(event); void run(); }}>${t(key)}</button></li>`;
  return html`
    <details class="menu" @keydown=${(event: KeyboardEvent) => { if (event.key === "Escape") { close(event); (event.currentTarget as HTMLElement).querySelector("summary")?.focus(); } }}>
      <summary class="button">${icon("share")} ${t("share.menu")}</summary>
      <ul>
        ${item("share.link", () => copyLink(app))}
        ${item("share.markdown", () => copyMarkdown(app, report!), !report)}
        ${item("share.file", () => save(state.active.split("/").at(-1)!, activeText(state)!, "application/octet-stream"), activeText(state) === null)}
        ${item("share.sarif", () => save("execlens.sarif", JSON.stringify(toSarif(report!), null, 2), "application/sarif+json"), !report)}
        ${item("share.json", () => save("execlens.json", JSON.stringify(report, null, 2), "application/json"), !report)}
      </ul>
    </details>`;
}

async function copyLink(app: App): Promise<void> {
  const texts = app.checkedFiles().filter((file): file is { path: string; content: string } => typeof file.content === "string" && file.path !== MESSAGE_PATH);
  const message = app.state.message.trim();
  if (message !== "") texts.push({ path: MESSAGE_PATH, content: message });
  const { locale: _, ...options } = app.checkOptions();
  const link = new URL(await toFragment({ files: texts, options }), location.href.split("#")[0]);
  history.replaceState(null, "", link);
  const leftOut = app.state.files.some((file) => typeof file.content !== "string");
  await copyText(app, link.href, app.t(leftOut ? "share.copiedTexts" : link.href.length > LONG_LINK ? "share.copiedLong" : "share.copied"));
}

function copyMarkdown(app: App, report: Report): Promise<void> {
  return copyText(app, toMarkdown(report, app.t, app.state.checked), app.t("copied"));
}

/** Plain text would be given the ending `.txt`, which a Dockerfile must not have. */
function save(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
