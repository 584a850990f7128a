// The package under Node gives, for the same files, the reports that the native core gives.
import assert from "node:assert/strict";
import { openSync, readFileSync, readSync, statSync } from "node:fs";
import { test } from "node:test";

import { check } from "../../dist/npm/node.js";

const lines = readFileSync(process.env.NATIVE_REPORTS, "utf8").trimEnd().split("\n");

for (const line of lines) {
  const { name, files, options, report } = JSON.parse(line);
  test(name, () => {
    for (const shape of [asText, asBytes, asBuffer, asRanges]) {
      const inputs = files.map(({ path, mode, ...source }) => ({ path, mode, content: shape(source) }));
      assert.deepEqual(check(inputs, options), report, shape.name);
    }
  });
}

/** Text stays text where it is text. */
function asText(source) {
  return source.text ?? asBytes(source);
}

function asBytes({ text, bytes, file }) {
  if (file !== undefined) return new Uint8Array(readFileSync(file));
  return text === undefined ? Uint8Array.from(bytes) : new TextEncoder().encode(text);
}

function asBuffer(source) {
  const bytes = asBytes(source);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

function asRanges(source) {
  if (source.file !== undefined) return onDisk(source.file);
  const bytes = asBytes(source);
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

function onDisk(file) {
  const descriptor = openSync(file);
  const read = (offset, length) => {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
  };
  return { size: statSync(file).size, read };
}
