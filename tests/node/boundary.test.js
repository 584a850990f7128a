// What the boundary itself promises: which mistakes throw, and that nothing which is dropped does.
import assert from "node:assert/strict";
import { openSync, readSync, statSync } from "node:fs";
import { test } from "node:test";

import { check, format } from "../../dist/npm/node.js";

const dockerfile = { path: "Dockerfile", content: 'FROM scratch\nCMD ["/app"]\n' };

test("a caller's mistake throws a TypeError that names it", () => {
  for (const [files, options, message] of [
    [undefined, undefined, /`files` must be an array/],
    [{}, undefined, /`files` must be an array/],
    [[null], undefined, /`files\[0\]\.path` must be a string/],
    [[dockerfile, { content: "" }], undefined, /`files\[1\]\.path` must be a string/],
    [[{ path: "a" }], undefined, /`files\[0\]\.content` must be/],
    [[{ path: "a", content: 1 }], undefined, /`files\[0\]\.content` must be/],
    [[{ path: "a", content: { size: 1 } }], undefined, /`files\[0\]\.content` must be/],
    [[{ path: "a", content: new Blob(["a"]) }], undefined, /in a worker, a Blob/],
    [[], 5, /`options` must be an object/],
    [[], { plattform: "linux/amd64" }, /plattform/],
    [[], { platform: 5 }, /`options\.platform`/],
    [[], { platform: "a b" }, /`platform`/],
    [[], { buildArgs: { A: 1 } }, /`options\.buildArgs`/],
    [[], { images: "alpine" }, /`options\.images`/],
  ]) {
    assert.throws(() => check(files, options), (error) => {
      assert.ok(error instanceof TypeError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});

test("options that are undefined are not given", () => {
  const plain = check([dockerfile]);
  assert.deepEqual(check([dockerfile], {}), plain);
  assert.deepEqual(check([dockerfile], null), plain);
  assert.deepEqual(check([dockerfile], { platform: undefined, buildArgs: undefined }), plain);
});

test("a report is plain data", () => {
  const report = check([dockerfile]);
  assert.equal(report.formatVersion, 1);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

test("a file that cannot be read is an answer", () => {
  for (const read of [
    () => {
      throw new Error("taken away");
    },
    () => new Uint8Array(0),
    () => undefined,
  ]) {
    const { inputs } = check([{ path: "a", content: { size: 1000, read } }]);
    assert.equal(inputs.length, 1);
    assert.notEqual(inputs[0].problem, null);
  }
});

test("a large program is read in part, by few reads", () => {
  const file = process.execPath;
  const { size } = statSync(file);
  const descriptor = openSync(file);
  let reads = 0;
  let bytes = 0;
  const read = (offset, length) => {
    reads += 1;
    bytes += length;
    const buffer = new Uint8Array(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
  };
  check([{ path: "node", content: { size, read } }]);
  console.log(`${reads} reads, ${bytes} of ${size} bytes`);
  assert.ok(bytes < size / 4, `${bytes} of ${size} bytes`);
  assert.ok(reads < 500, `${reads} reads`);
});

test("a report is written in the forms that other tools read", () => {
  const broken = { path: "Dockerfile", content: 'FROM scratch\nCMD /app\n' };
  const { diagnostics } = check([broken]);
  assert.equal(diagnostics[0].code, "missing-shell");
  assert.deepEqual(JSON.parse(format([broken], undefined, "json")), check([broken]));
  assert.equal(JSON.parse(format([broken], null, "sarif")).runs[0].results[0].ruleId, "missing-shell");
  assert.match(format([broken], {}, "github"), /^::error file=Dockerfile,line=2/m);
  for (const form of ["text", "markdown"]) {
    assert.ok(format([broken], {}, form).includes("missing-shell"), form);
  }
  assert.match(format([broken], { locale: "ja" }, "text"), /[\u3040-\u30ff]/);
  assert.throws(() => format([broken], {}, "yaml"), TypeError);
});
