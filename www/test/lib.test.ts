import { describe, expect, test } from "vitest";
import { diffHunks } from "../src/lib/diff.ts";
import { applyEdits, offsetAt } from "../src/lib/edits.ts";
import { isDockerfileName, lineSeparator, asText } from "../src/lib/files.ts";
import { besideVerdict, pieces, plain, statement } from "../src/lib/inline.ts";
import { preferredLocale } from "../src/lib/locale.ts";
import { picture } from "../src/lib/picture.ts";
import { fromFragment, toFragment } from "../src/lib/share.ts";
import { fails, starts } from "./sample-report.ts";

const at = (line: number, from: number, to = from) => ({ start: { line, character: from }, end: { line, character: to } });

describe("edits", () => {
  test.each([
    ["in the middle of a line", "a\nRUN go build\n", [{ range: at(1, 4), newText: "CGO_ENABLED=0 " }], "a\nRUN CGO_ENABLED=0 go build\n"],
    ["several, given in any order", "one\ntwo", [{ range: at(1, 0, 3), newText: "2" }, { range: at(0, 0, 3), newText: "1" }], "1\n2"],
    ["two insertions at one place keep their order", "x", [{ range: at(0, 0), newText: "a" }, { range: at(0, 0), newText: "b" }], "abx"],
    ["characters count as UTF-16", "# 🐳 x", [{ range: at(0, 5, 6), newText: "y" }], "# 🐳 y"],
    ["past the end is the end", "x", [{ range: at(9, 9), newText: "\ny" }], "x\ny"],
    ["none", "x", [], "x"],
  ])("%s", (_, before, edits, after) => {
    expect(applyEdits(before, edits)).toBe(after);
  });

  test("edits that overlap are a mistake of the caller", () => {
    expect(() => applyEdits("abc", [{ range: at(0, 0, 2), newText: "" }, { range: at(0, 1, 3), newText: "" }])).toThrow(RangeError);
  });

  test("a position past the end of its line is that end", () => {
    expect(offsetAt("ab\ncd", { line: 0, character: 9 })).toBe(2);
  });
});

describe("diff", () => {
  const show = (before: string, after: string) =>
    diffHunks(before, after).map((hunk) => hunk.map((line) => `${{ same: " ", removed: "-", added: "+" }[line.kind]}${line.number} ${line.text}`));

  test.each([
    ["one line", "a\nb\nc\nd", "a\nB\nc\nd", [[" 1 a", "-2 b", "+2 B", " 3 c"]]],
    ["an added line", "a\nb", "a\nx\nb", [[" 1 a", "+2 x", " 3 b"]]],
    ["a removed line", "a\nx\nb", "a\nb", [[" 1 a", "-2 x", " 2 b"]]],
    ["far apart", "1\n2\n3\n4\n5\n6\n7", "A\n2\n3\n4\n5\n6\nB", [["-1 1", "+1 A", " 2 2"], [" 6 6", "-7 7", "+7 B"]]],
    ["nothing", "a", "a", []],
  ])("%s", (_, before, after, hunks) => {
    expect(show(before, after)).toEqual(hunks);
  });
});

describe("shared links", () => {
  const shared = { files: [{ path: "Dockerfile", content: "FROM alpine\n# 日本語 🐳\n" }], options: { platform: "linux/arm64", buildArgs: { A: "1" } } };

  test("carry text and options there and back", async () => {
    const fragment = await toFragment(shared);
    expect(fragment).toMatch(/^#s=[\w-]+$/);
    expect(await fromFragment(fragment)).toEqual(shared);
  });

  test.each(["", "#", "#s=", "#s=!!", "#s=AAAA", "#other"])("%j carries nothing", async (fragment) => {
    expect(await fromFragment(fragment)).toBeNull();
  });

  test("one that would fill the memory is not unpacked", async () => {
    const fragment = await toFragment({ files: [{ path: "Dockerfile", content: "x".repeat(8_000_000) }], options: {} });
    expect(fragment.length).toBeLessThan(20_000);
    expect(await fromFragment(fragment)).toBeNull();
  });
});

describe("sentences", () => {
  test.each([
    ["`/app` needs it", [["/app"], " needs it"]],
    ["no code", ["no code"]],
    ["``a `b` c`` ends", [["a `b` c"], " ends"]],
    ["one ` alone", ["one ` alone"]],
  ])("%s", (sentence, expected) => {
    expect(pieces(sentence).map((piece) => (piece.code ? [piece.text] : piece.text))).toEqual(expected);
  });

  test.each([
    ["it starts", "It starts"], ["`/app` starts", "`/app` starts"], ["cgo is on", "cgo is on"], ["cgo は有効です", "cgo は有効です"],
    ["golang is", "Golang is"], ["x-y is", "x-y is"], ["", ""],
  ])("%j stands by itself as %j", (text, expected) => {
    expect(statement(text)).toBe(expected);
  });

  test("plain words have no backticks", () => {
    expect(plain("`a` and `b`")).toBe("a and b");
  });
});

describe("files", () => {
  test.each([
    ["Dockerfile", true], ["a/b/Containerfile", true], ["Dockerfile.dev", true], ["app.dockerfile", true], ["Dockerfile-prod", true],
    ["dockerfile.go", true], ["docker-compose.yml", false], ["main.go", false], ["notes-on-Dockerfile.md", false],
  ])("%s is named as a Dockerfile: %s", (path, expected) => {
    expect(isDockerfileName(path)).toBe(expected);
  });

  test.each([["a\nb\n", "\n"], ["a\r\nb\r\n", "\r\n"], ["", "\n"], ["a\r\nb\n", null], ["\na\r\n", null], ["a\rb", null]])("lines of %j end in %j", (text, expected) => {
    expect(lineSeparator(text)).toBe(expected);
  });

  test.each([
    ["text", new TextEncoder().encode("FROM x\n"), "FROM x\n"],
    ["a byte order mark stays", new Uint8Array([0xef, 0xbb, 0xbf, 0x23]), "\ufeff#"],
    ["a program is no text", new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0]), null],
    ["neither is another encoding", new Uint8Array([0xff, 0xfe, 0x41]), null],
  ])("%s", async (_, bytes, expected) => {
    expect(await asText(new Blob([bytes]))).toBe(expected);
  });
});

test.each([
  [["ja-JP", "en"], "ja"], [["fr", "ja"], "ja"], [["de"], "en"], [[], "en"], [["en-GB", "ja"], "en"],
] as const)("readers of %j are shown %s", (languages, expected) => {
  expect(preferredLocale(languages)).toBe(expected);
});

describe("the picture", () => {
  const report = fails("FROM golang:1.18 as builder\n\n\n\nRUN go build -v -o server ./cmd\n");

  test("shows the program on its way and where it may break", () => {
    const shown = picture(report)!;
    expect(shown.stages.map(({ stage, program }) => [stage.base, program])).toEqual([["golang:1.18", "made"], ["alpine:latest", "arrives"]]);
    expect(shown.program).toBe("/root/server");
    expect(shown.break).toMatchObject({ at: "start", certain: false });
  });

  test("a failing build breaks in its stage", () => {
    const broken = { ...report, verdict: "fails" as const, diagnostics: [{ ...report.diagnostics[0]!, code: "no-shell-for-run" }] };
    expect(picture(broken)!.break).toMatchObject({ at: 0, certain: true });
    expect(picture(broken)!.stages.map(({ program }) => program)).toEqual([null, null]);
  });

  test("what is not in the image does not arrive there", () => {
    const broken = { ...report, verdict: "fails" as const, diagnostics: [{ ...report.diagnostics[0]!, code: "program-missing" }] };
    expect(picture(broken)!.stages.map(({ program }) => program)).toEqual([null, null]);
  });

  test("nothing breaks where all holds, and without a Dockerfile there is none", () => {
    expect(picture(starts)!.break).toBeNull();
    expect(picture({ ...starts, stages: [] })).toBeNull();
  });
});

test.each([
  ["it will not start: `/app` needs `x`", "`/app` needs `x`"],
  ["起動しません：`/app` に `x` がありません", "`/app` に `x` がありません"],
  ["it starts: everything that was checked holds", "everything that was checked holds"],
  ["it will not start if a package uses cgo: `/app` needs `x`", "it will not start if a package uses cgo: `/app` needs `x`"],
  ["the build stops: no stage of that name", "no stage of that name"],
])("beside its verdict a summary does not say it again: %s", (summary, words) => {
  expect(besideVerdict(summary)).toBe(words);
});
