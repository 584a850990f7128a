import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import en from "../locales/en.json" with { type: "json" };
import ja from "../locales/ja.json" with { type: "json" };

const parts = (sentence: string) => [...sentence.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages say the same things", () => {
  expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
});

test("each sentence has the same parts in both, and is not empty", () => {
  const keys = Object.keys(en) as (keyof typeof en)[];
  const different = keys.filter((key) => parts(ja[key]).join() !== parts(en[key]).join() || ja[key].trim() === "");
  expect(different).toEqual([]);
});

test("every sentence is used somewhere", () => {
  const source = sources("src").join("\n");
  const computed = [/^verdict\./, /^picture\.(made|arrives|inherited)$/, /^severity\./, /^evidence\.(?!title)/, /^theme\./, /^example\./, /^fix\.(removed|added)$/, /^program\.(dropped|predicted|image)$/];
  const unused = Object.keys(en).filter((key) => !source.includes(`"${key}"`) && !computed.some((pattern) => pattern.test(key)));
  expect(unused).toEqual([]);
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : [readFileSync(join(folder, entry.name), "utf8")]);
}
