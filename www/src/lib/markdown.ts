import { besideVerdict } from "./inline.ts";
import type { Translate } from "./locale.ts";
import type { Diagnostic, Report } from "./report.ts";

/** The report as Markdown, for an issue or a chat. */
export function toMarkdown(report: Report, t: Translate): string {
  const parts = [`**${t(`verdict.${report.verdict}`)}**: ${besideVerdict(report.summary)}`];
  for (const diagnostic of report.diagnostics) parts.push(finding(diagnostic, t));
  for (const unknown of report.unknowns) parts.push(`- ${t("verdict.unknown")}: ${unknown.text}`);
  parts.push(`_execlens ${report.version}_`);
  return `${parts.join("\n\n")}\n`;
}

function finding(diagnostic: Diagnostic, t: Translate): string {
  const where = `${diagnostic.path}:${diagnostic.range.start.line + 1}`;
  const lines = [`### ${diagnostic.message}`, "", `\`${where}\` · \`${diagnostic.code}\``];
  if (diagnostic.condition) lines.push("", `${t("condition.if")} ${diagnostic.condition.text}`);
  if (diagnostic.evidence.length > 0) {
    lines.push("", ...diagnostic.evidence.map((step, at) => {
      const line = step.location ? ` (${step.location.path}:${step.location.range.start.line + 1})` : "";
      return `${at + 1}. ${step.text}${line}`;
    }));
  }
  if (diagnostic.runtimeMessages.length > 0) {
    lines.push("", "```text", ...diagnostic.runtimeMessages.map((message) => message.text), "```");
  }
  if (diagnostic.fixes.length > 0) {
    lines.push("", ...diagnostic.fixes.map((fix) => `- ${fix.title}: ${fix.tradeoff}`));
  }
  return lines.join("\n");
}
