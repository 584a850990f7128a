import { expect, test } from "vitest";
import { folded } from "../src/lib/evidence.ts";
import type { Evidence } from "../src/lib/report.ts";

/** `R image` is a record, `D` follows, `A` is assumed, `L` is read at a line. */
function step(text: string): Evidence {
  const from = ({ R: "recorded", D: "derived", A: "assumed", L: "read" } as const)[text[0] as "R" | "D" | "A" | "L"];
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  return {
    text, from,
    location: from === "read" ? { path: "Dockerfile", range } : null,
    source: from === "recorded" ? { record: text, reference: "catalog", observed: "2026" } : null,
  };
}

test.each([
  [["L1", "R1", "R2", "D1", "A1", "D2"], ["L1", "D1(R1,R2)", "A1", "D2"]],
  [["R1", "L1", "D1"], ["R1", "L1", "D1"]],
  [["L1", "R1"], ["L1", "R1"]],
  [[], []],
])("records are folded into what follows from them: %j", (given, shown) => {
  expect(folded(given.map(step)).map(({ step, records }) => step.text + (records.length > 0 ? `(${records.map((one) => one.text).join()})` : ""))).toEqual(shown);
});
