import { diffHunks } from "./diff.ts";
import { applyEdits } from "./edits.ts";
import { besideVerdict, statement } from "./inline.ts";
import type { Translate } from "./locale.ts";
import type { Diagnostic, Fix, Report } from "./report.ts";
import { headline } from "./verdict.ts";

/** The report as Markdown, for an issue or a chat; the texts that it speaks of show the best change of each finding. */
export function toMarkdown(report: Report, t: Translate, texts: ReadonlyMap<string, string> = new Map()): string {
  const parts = [`**${t(headline(report))}**: ${besideVerdict(report.summary)}`];
  for (const diagnostic of report.diagnostics) parts.push(finding(diagnostic, t, texts));
  for (const unknown of report.unknowns) parts.push(`- ${t("verdict.unknown")}: ${unknown.text}`);
  parts.push(`_execlens ${report.version}_`);
  return `${parts.join("\n\n")}\n`;
}

function finding(diagnostic: Diagnostic, t: Translate, texts: ReadonlyMap<string, string>): string {
  const where = `${diagnostic.path}:${diagnostic.range.start.line + 1}`;
  const lines = [`### ${statement(diagnostic.message)}`, "", `\`${where}\` · \`${diagnostic.code}\``];
  if (diagnostic.condition) lines.push("", `**${t("condition.if")}** ${diagnostic.condition.text}`);
  if (diagnostic.evidence.length > 0) {
    lines.push("", ...diagnostic.evidence.map((step, at) => {
      const line = step.location ? ` (${step.location.path}:${step.location.range.start.line + 1})` : "";
      return `${at + 1}. ${statement(step.text)}${line}`;
    }));
  }
  if (diagnostic.runtimeMessages.length > 0) {
    lines.push("", fence("text", diagnostic.runtimeMessages.map((message) => message.text)));
  }
  if (diagnostic.fixes.length > 0) {
    const [best] = diagnostic.fixes;
    const change = changeOf(best!, texts);
    if (change.length > 0) lines.push("", fence("diff", change));
    lines.push("", ...diagnostic.fixes.map((fix) => `- **${statement(fix.title)}**: ${fix.tradeoff}`));
  }
  return lines.join("\n");
}

/** The lines that a fix takes away and puts in. */
function changeOf(fix: Fix, texts: ReadonlyMap<string, string>): string[] {
  return [...new Set(fix.edits.map((edit) => edit.path))].flatMap((path) => {
    const text = texts.get(path);
    if (text === undefined) return [];
    const changed = diffHunks(text, applyEdits(text, fix.edits.filter((edit) => edit.path === path)), 0).flat();
    return changed.map((line) => `${line.kind === "added" ? "+" : "-"}${line.text}`);
  });
}

/** A fence that nothing in it can end. */
function fence(language: string, lines: string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map((match) => match[0].length)));
  const mark = "`".repeat(longest + 1);
  return [`${mark}${language}`, ...lines, mark].join("\n");
}
