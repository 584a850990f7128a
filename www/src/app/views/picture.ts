import { html, nothing, type TemplateResult } from "lit";
import { plain } from "../../lib/inline.ts";
import { picture, type Picture, type PictureStage } from "../../lib/picture.ts";
import type { Report, Stage } from "../../lib/report.ts";
import type { App } from "../app.ts";
import { icon } from "./icons.ts";

/** The picture: the program on its way from the stage that makes it to the image that runs it. */
export function pictureView(app: App, report: Report): TemplateResult | typeof nothing {
  const shown = picture(report);
  if (!shown) return nothing;
  return html`
    <section class="picture" aria-labelledby="picture-title">
      <h3 id="picture-title" class="hidden">${app.t("picture.title")}</h3>
      <ol class="track ${report.verdict}">
        ${shown.stages.map((stage, at) => stageNode(app, shown, stage, at))}
        ${startNode(app, shown, report)}
      </ol>
      ${shown.unused.length > 0 ? html`<p class="unused">${app.t("picture.unused", { stages: shown.unused.map((stage) => stage.name ?? stage.base).join(", ") })}</p>` : nothing}
    </section>`;
}

function stageNode(app: App, shown: Picture, { stage, program, onWay }: PictureStage, at: number): TemplateResult {
  const { t } = app;
  const isImage = at === shown.stages.length - 1;
  const breaks = shown.break?.at === at;
  return html`
    <li class="node ${isImage ? "image" : "stage"} ${program ?? ""} ${onWay ? "on-way" : ""} ${breaks ? "breaks" : ""}">
      <span class="role">${isImage ? t("picture.image") : stage.name ? t("picture.stage", { name: stage.name }) : t("picture.stageNumber", { index: stage.index })}</span>
      <button class="base" @click=${() => void app.jump(stage)}>${stage.base}</button>
      <span class="system">${system(app, stage)}</span>
      ${program && shown.program ? html`<span class="program"><span class="hidden">${t(`picture.${program}`)} </span>${shown.program.split("/").at(-1)}</span>` : nothing}
      ${breaks ? mark(app, shown) : nothing}
    </li>`;
}

function startNode(app: App, shown: Picture, report: Report): TemplateResult | typeof nothing {
  const { t } = app;
  if (!shown.program) return nothing;
  const breaks = shown.break?.at === "start";
  const unreached = shown.break !== null && !breaks;
  const word = report.verdict === "starts" ? t("verdict.starts") : report.verdict === "unknown" ? t("verdict.unknown") : "";
  return html`
    <li class="node start ${report.verdict} ${breaks ? "breaks" : ""} ${unreached ? "unreached" : ""}">
      <span class="role">${t("picture.start")}</span>
      <code class="command">${(report.launch?.argv ?? [shown.program]).join(" ")}</code>
      ${steps(app, report)}
      ${breaks ? mark(app, shown) : word ? html`<span class="mark">${icon(report.verdict === "starts" ? "check" : "question")} ${word}</span>` : nothing}
    </li>`;
}

/** What is executed one after the other, where it is more than one program: a shell, an entrypoint script, the program. */
function steps(app: App, report: Report): TemplateResult | typeof nothing {
  const chain = report.launch?.steps ?? [];
  if (chain.length < 2) return nothing;
  const icons = { starts: "check", fails: "cross", conditional: "fork", unknown: "question" } as const;
  return html`
    <ol class="steps">
      ${chain.map((step) => html`
        <li class=${step.verdict} title=${plain(step.reason)}>${icon(icons[step.verdict])}<span class="hidden">${app.t(`verdict.${step.verdict}`)}</span> <code>${step.path}</code></li>`)}
    </ol>`;
}

function mark(app: App, shown: Picture): TemplateResult {
  const { certain } = shown.break!;
  return html`<span class="mark">${icon(certain ? "cross" : "fork")} ${app.t(certain ? "picture.breaks" : "picture.mayBreak")}</span>`;
}

function system(app: App, stage: Stage): string {
  const { image } = stage;
  if (stage.base === "scratch") return app.t("picture.empty");
  if (!image) return "";
  if (!image.known) return app.t("picture.unknownImage");
  const libc = image.libc === null || image.libc === "none" ? app.t("picture.noLibc") : [image.libc, image.libcVersion].filter(Boolean).join(" ");
  return [image.distribution, libc].filter(Boolean).join(" · ");
}
