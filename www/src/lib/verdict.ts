import type { Key } from "./locale.ts";
import type { Report } from "./report.ts";

/** The rules whose failure ends the build; all others let it succeed and then the start fails. */
export const BUILD_RULES: ReadonlySet<string> = new Set([
  "build-command-fails", "cgo-without-compiler", "copy-source-missing", "no-shell-for-run", "refused-instruction", "unknown-stage",
]);

/** The word that stands over an answer: of what does not start, whether it even builds. */
export function headline(report: Report): Key {
  const first = report.diagnostics.find((one) => one.severity === 1) ?? report.diagnostics[0];
  return report.verdict === "fails" && first && BUILD_RULES.has(first.code) ? "verdict.not-built" : `verdict.${report.verdict}`;
}
