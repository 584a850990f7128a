// SARIF is SARIF by the schema that OASIS publishes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { format } from "../../dist/npm/node.js";

const require = createRequire(new URL("../../www/package.json", import.meta.url));
const Ajv = require("ajv-draft-04").default;
const addFormats = require("ajv-formats").default;

/** As a package that tests SARIF carries it. */
const schema = JSON.parse(readFileSync(require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"));

// One of its patterns is only a pattern in the older kind of expression.
const ajv = addFormats(new Ajv({ allErrors: true, strict: false, unicodeRegExp: false }), ["uri", "uri-reference", "date-time"]);
const valid = ajv.compile(schema);

const CGO = "FROM golang:1.18 AS b\nRUN go build -o /a .\nFROM alpine\nCOPY --from=b /a /a\nCMD [\"/a\"]\n";

for (const [what, path, content] of [
  ["nothing found", "Dockerfile", "FROM alpine:3.20\nCMD [\"sh\"]\n"],
  ["nothing there", "Dockerfile", ""],
  ["a condition, its argument and its fixes", "Dockerfile", CGO],
  ["a failure of the build", "Dockerfile", "COPPY a b\n"],
  ["names that no address may hold as they are", "a b/Dockerfile#1 日本?", "FROM scratch\nCMD /app\n"],
  ["a finding that a comment silences", "Dockerfile", "FROM scratch\n# execlens ignore=missing-shell\nCMD /app, % :\n"],
]) {
  for (const locale of ["en", "ja"]) {
    test(`${what} (${locale}) is SARIF 2.1.0`, () => {
      valid(JSON.parse(format([{ path, content }], { locale }, "sarif")));
      assert.deepEqual(valid.errors ?? [], []);
    });
  }
}

test("the schema does refuse what is no SARIF", () => {
  assert.equal(valid({ version: "2.1.0", runs: [{ results: [{}] }] }), false);
});

test("places and changes are where the report has them", () => {
  const { runs: [run] } = JSON.parse(format([{ path: "Dockerfile", content: CGO }], {}, "sarif"));
  const [result] = run.results;
  assert.equal(run.tool.driver.rules[result.ruleIndex].id, result.ruleId);
  const lines = result.relatedLocations.map((step) => step.physicalLocation.region.startLine);
  assert.ok(lines.includes(5), "the command that executes the program");
  assert.ok(lines.includes(3), "the image that it starts in");
  const [replacement] = result.fixes[0].artifactChanges[0].replacements;
  assert.deepEqual(replacement.deletedRegion, { startLine: 2, startColumn: 5, endLine: 2, endColumn: 5 });
  assert.equal(replacement.insertedContent.text, "CGO_ENABLED=0 ");
});
