import type { TemplateResult } from "lit";
import { LONG_LINK, toFragment } from "../../lib/share.ts";
import { type App, MESSAGE_PATH } from "../app.ts";
import { copyText } from "../clipboard.ts";
import { activeText } from "../state.ts";
import { menu } from "./menu.ts";

/** The ways to take input and answer elsewhere. */
export function shareMenu(app: App): TemplateResult {
  const { state, t } = app;
  const { report } = state;
  return menu("share", "share", t("share.menu"), [
    { words: t("share.link"), run: () => copyLink(app) },
    { words: t("share.markdown"), run: () => copyMarkdown(app), disabled: !report },
    { words: t("share.file"), run: () => save(state.active.split("/").at(-1)!, activeText(state)!, "application/octet-stream"), disabled: activeText(state) === null },
    { words: t("share.sarif"), run: () => saveSarif(app), disabled: !report },
    { words: t("share.json"), run: () => save("execlens.json", JSON.stringify(report, null, 2), "application/json"), disabled: !report },
  ]);
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

async function copyMarkdown(app: App): Promise<void> {
  const markdown = await app.written("markdown");
  if (markdown !== null) await copyText(app, markdown, app.t("copied"));
}

async function saveSarif(app: App): Promise<void> {
  const sarif = await app.written("sarif");
  if (sarif !== null) save("execlens.sarif", sarif, "application/sarif+json");
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
