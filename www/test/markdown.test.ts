import { expect, test } from "vitest";
import { translator } from "../src/lib/locale.ts";
import { toMarkdown } from "../src/lib/markdown.ts";
import { fails } from "./sample-report.ts";

const text = "FROM golang:1.18 AS build\nRUN go build -o /app .\nFROM alpine\n";
const t = translator("en");

test("a report as Markdown has the verdict, the argument, what is printed and the best change", () => {
  const lines = toMarkdown(fails(text), t, new Map([["Dockerfile", text]])).split("\n");
  expect(lines[0]).toMatch(/^\*\*It depends\*\*: /);
  expect(lines).toEqual(expect.arrayContaining([
    expect.stringMatching(/^### /), expect.stringMatching(/^1\. Stage/),
    "```diff", "-RUN go build -o /app .", "+RUN CGO_ENABLED=0 go build -o /app .",
  ]));
});

test("without the texts it has no change, and still all words", () => {
  const markdown = toMarkdown(fails(text), t);
  expect(markdown).not.toContain("```diff");
  expect(markdown).toContain("**");
});

test("a message that has a fence in it does not end the fence around it", () => {
  const report = fails(text);
  report.diagnostics[0]!.runtimeMessages = [{ engine: "x", text: "```\n# out", exitCode: null }];
  expect(toMarkdown(report, t)).toContain("````text\n```\n# out\n````");
});
