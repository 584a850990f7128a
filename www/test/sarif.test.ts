import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import type { Report } from "../src/lib/report.ts";
import { toSarif } from "../src/lib/sarif.ts";
import { fails, starts } from "./sample-report.ts";

/** The schema of OASIS, as a package that tests SARIF carries it. */
const schema = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"));

// One of its patterns is only a pattern in the older kind of expression.
const ajv = addFormats(new Ajv({ allErrors: true, strict: false, unicodeRegExp: false }), ["uri", "uri-reference", "date-time"]);
const valid = ajv.compile(schema);

const one = fails("\nRUN go build").diagnostics[0]!;

test.each<[string, Report]>([
  ["nothing found", starts],
  ["a finding with its argument and its fixes", fails("\nRUN go build")],
  ["names that no address may hold as they are", { ...starts, verdict: "fails", diagnostics: [{ ...one, path: "a b/Dockerfile#1 日本?" }] }],
  ["a finding that a comment silences", { ...starts, suppressed: [one] }],
  ["each severity", { ...starts, diagnostics: [one, { ...one, severity: 2 }, { ...one, severity: 3, code: "another-rule" }] }],
])("%s is SARIF 2.1.0 by its schema", (_, report) => {
  valid(toSarif(report));
  expect(valid.errors ?? []).toEqual([]);
});

test("the schema does refuse what is no SARIF", () => {
  expect(valid({ version: "2.1.0", runs: [{ results: [{}] }] })).toBe(false);
});

test("places and changes are where the report has them", () => {
  const sarif = toSarif(fails("\nRUN go build")) as any;
  const result = sarif.runs[0].results[0];
  expect(result.locations[0].physicalLocation.region).toMatchObject({ startLine: 2, startColumn: 5 });
  expect(result.fixes[0].artifactChanges[0].replacements[0].insertedContent.text).toBe("CGO_ENABLED=0 ");
  expect(sarif.runs[0].tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
});
