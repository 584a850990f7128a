import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BUILD_RULES, headline } from "../src/lib/verdict.ts";
import { fails, starts } from "./sample-report.ts";

test("the rules that end a build are those whose findings say so", () => {
  const folder = new URL("../../src/rules/build/", import.meta.url);
  const ending = readdirSync(folder).filter((name) => /\.rs$/.test(name) && name !== "mod.rs").flatMap((name) => {
    const source = readFileSync(new URL(name, folder), "utf8");
    return /Effect::BuildStops|events::stops\(/.test(source) ? [/^ {4}name: "([\w-]+)"/m.exec(source)![1]!] : [];
  });
  expect([...BUILD_RULES].sort()).toEqual(ending.sort());
});

test("what is not built is not said to be started", () => {
  const report = fails("\nRUN go build");
  const certain = { ...report, verdict: "fails" as const };
  expect(headline(starts)).toBe("verdict.starts");
  expect(headline(report)).toBe("verdict.conditional");
  expect(headline(certain)).toBe("verdict.fails");
  expect(headline({ ...certain, diagnostics: [{ ...certain.diagnostics[0]!, code: "copy-source-missing" }] })).toBe("verdict.not-built");
});
