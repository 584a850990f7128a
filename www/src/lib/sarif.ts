import type { Diagnostic, Location, Range, Report } from "./report.ts";

const levels = { 1: "error", 2: "warning", 3: "note" } as const;

/** The report as SARIF 2.1.0, which code scanning and editors read. */
export function toSarif(report: Report): object {
  const { diagnostics, suppressed } = report;
  const codes = [...new Set([...diagnostics, ...suppressed].map((diagnostic) => diagnostic.code))];
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: { driver: { name: "execlens", version: report.version, rules: codes.map((id) => ({ id })) } },
      columnKind: "utf16CodeUnits",
      results: [
        ...diagnostics.map((diagnostic) => result(diagnostic, codes)),
        // Silenced by a comment in the file: a reader of SARIF counts them apart.
        ...suppressed.map((diagnostic) => ({ ...result(diagnostic, codes), suppressions: [{ kind: "inSource" }] })),
      ],
    }],
  };
}

function result(diagnostic: Diagnostic, codes: string[]): object {
  const text = diagnostic.condition ? `${diagnostic.message} (${diagnostic.condition.text})` : diagnostic.message;
  return {
    ruleId: diagnostic.code,
    ruleIndex: codes.indexOf(diagnostic.code),
    level: levels[diagnostic.severity],
    message: { text },
    locations: [location(diagnostic)],
    relatedLocations: diagnostic.evidence.flatMap((step, id) =>
      step.location ? [{ id, ...location(step.location), message: { text: step.text } }] : []),
    fixes: diagnostic.fixes.filter((fix) => fix.edits.length > 0).map((fix) => ({
      description: { text: fix.title },
      artifactChanges: [...new Set(fix.edits.map((edit) => edit.path))].map((path) => ({
        artifactLocation: { uri: uri(path) },
        replacements: fix.edits.filter((edit) => edit.path === path).map((edit) => ({
          deletedRegion: region(edit.range),
          insertedContent: { text: edit.newText },
        })),
      })),
    })),
  };
}

function location({ path, range }: Location): object {
  return { physicalLocation: { artifactLocation: { uri: uri(path) }, region: region(range) } };
}

/** SARIF counts lines and columns from one. */
function region({ start, end }: Range): object {
  return { startLine: start.line + 1, startColumn: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
}

function uri(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
