import { expect, test } from "vitest";
import { looksLikeMessage } from "../src/lib/message.ts";

test.each([
  ['standard_init_linux.go:211: exec user process caused "no such file or directory"', true],
  ["exec /app: exec format error", true],
  ["docker: Error response from daemon: failed to create task for container: OCI runtime create failed", true],
  ["/app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app)", true],
  ["Error relocating /app: __vfprintf_chk: symbol not found", true],
  ["$ docker run app\nexec /app: no such file or directory\n", true],
  ["FROM alpine\nRUN echo not found\n", false],
  ["# syntax=docker/dockerfile:1\nfrom alpine\nRUN false || echo permission denied", false],
  ["ARG V=1\nFROM alpine:$V\n# exec format error", false],
  ["#!/bin/sh\necho not found\n", false],
  ["just some words", false],
  ["", false],
])("%j: %s", (text, expected) => {
  expect(looksLikeMessage(text)).toBe(expected);
});
