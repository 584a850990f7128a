import { html, nothing, type TemplateResult } from "lit";
import type { ImageVerdict, Program, Report } from "../../lib/report.ts";
import type { App } from "../app.ts";
import { icon } from "./icons.ts";
import { sentence } from "./sentence.ts";

export function programs(app: App, report: Report): TemplateResult | typeof nothing {
  if (report.programs.length === 0) return nothing;
  return html`
    <section class="programs" aria-labelledby="programs-title">
      <h3 id="programs-title">${app.t("programs.title")}</h3>
      ${report.programs.map((program, index) => programView(app, program, index))}
    </section>`;
}

function programView(app: App, program: Program, index: number): TemplateResult {
  const { t } = app;
  const { needs } = program;
  const none = html`<span class="none">${t("program.none")}</span>`;
  const facts: [string, unknown][] = [
    [t("program.kind"), sentence(needs.description)],
    ...(needs.toolchain ? [[t("program.toolchain"), needs.toolchain] as [string, unknown]] : []),
    ...(needs.kind === "elf" || needs.interpreter ? [[
      t(needs.kind === "script" ? "program.interpreter" : "program.loader"),
      needs.interpreter ? html`<code>${needs.interpreter}</code>` : none,
    ] as [string, unknown]] : []),
    ...(needs.kind === "elf" ? [[
      t("program.libraries"),
      needs.libraries.length > 0 ? html`<ul class="inline">${needs.libraries.map((name) => html`<li><code>${name}</code></li>`)}</ul>` : none,
    ] as [string, unknown]] : []),
    ...(needs.symbolVersions.length > 0 ? [[
      t("program.versions"),
      html`<ul class="inline">${needs.symbolVersions.map(({ library, version }) => html`<li><code>${version}</code> <span class="of">${library}</span></li>`)}</ul>`,
    ] as [string, unknown]] : []),
    ...needs.facts.map(({ label, value }) => [label, sentence(value)] as [string, unknown]),
  ];
  return html`
    <article class="program" aria-labelledby="program-${index}">
      <h4 id="program-${index}"><code>${program.path}</code> <span class="origin">${t(`program.${program.origin}`)}</span></h4>
      ${program.images.length > 0 ? imageTable(app, program.images, index) : nothing}
      <dl class="facts">${facts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
      ${needs.settings.length > 0 ? html`
        <details class="settings-list">
          <summary>${t("program.settings")}</summary>
          <dl class="facts mono">${needs.settings.map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value === "" ? none : value}</dd></div>`)}</dl>
        </details>` : nothing}
    </article>`;
}

function imageTable(app: App, images: readonly ImageVerdict[], index: number): TemplateResult {
  const { state, t } = app;
  const words = state.imageFilter.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = images.filter((image) => {
    const text = `${image.reference} ${image.platform} ${image.verdict} ${t(`verdict.${image.verdict}`)} ${image.code ?? ""} ${image.reason}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const starting = images.filter((image) => image.verdict === "starts").length;
  return html`
    <div class="images">
      <div class="images-head">
        <h5 id="images-${index}">${t("images.title", { starts: starting, all: images.length })}</h5>
        <label class="filter"><span class="hidden">${t("images.filter")}</span>
          <input type="search" placeholder=${t("images.filter")} .value=${state.imageFilter} @input=${(event: Event) => app.set({ imageFilter: (event.target as HTMLInputElement).value })} />
        </label>
      </div>
      <div class="table" role="region" tabindex="0" aria-labelledby="images-${index}">
        <table>
          <thead><tr><th scope="col">${t("images.image")}</th><th scope="col">${t("images.verdict")}</th><th scope="col">${t("images.reason")}</th></tr></thead>
          <tbody>
            ${matching.map((image) => html`
              <tr class=${image.verdict}>
                <th scope="row"><code>${image.reference}</code> <span class="platform">${image.platform}</span></th>
                <td class="cell-verdict">${icon(image.verdict === "starts" ? "check" : image.verdict === "fails" ? "cross" : image.verdict === "conditional" ? "fork" : "question")} ${t(`verdict.${image.verdict}`)}</td>
                <td>${sentence(image.reason)}${image.code ? html` <a class="rule" href=${`${state.locale === "ja" ? "ja/" : ""}rules/${image.code}.html`} target="_blank" rel="noopener">${image.code}</a>` : nothing}</td>
              </tr>`)}
            ${matching.length === 0 ? html`<tr><td colspan="3">${t("images.noMatch")}</td></tr>` : nothing}
          </tbody>
        </table>
      </div>
    </div>`;
}
