// A report of the first example, written by hand: the largest of each part that the page shows.
import type { Range, Report } from "../src/lib/report.ts";

const line = (number: number, from: number, to: number): Range => ({
  start: { line: number, character: from },
  end: { line: number, character: to },
});

const stages: Report["stages"] = [
  {
    index: 0, name: "builder", path: "Dockerfile", range: line(0, 0, 27), base: "golang:1.18", platform: "linux/amd64", used: true, target: false,
    image: { reference: "golang:1.18", known: true, distribution: "Debian 11 (bullseye)", libc: "glibc", libcVersion: "2.31" },
  },
  {
    index: 1, name: null, path: "Dockerfile", range: line(5, 0, 18), base: "alpine:latest", platform: "linux/amd64", used: true, target: true,
    image: { reference: "alpine:latest", known: true, distribution: "Alpine 3.22", libc: "musl", libcVersion: "1.2.5" },
  },
];

export const starts: Report = {
  formatVersion: 1,
  version: "0.1.0",
  verdict: "starts",
  summary: "`./server` is static and starts in `alpine:latest`",
  diagnostics: [],
  unknowns: [],
  programs: [],
  stages,
  launch: {
    argv: ["./server"], workingDirectory: "/root", user: "root",
    steps: [{ path: "/root/server", reason: "the command", stage: 0, location: { path: "Dockerfile", range: line(10, 0, 16) }, verdict: "starts" }],
  },
  inputs: [{ path: "Dockerfile", kind: "dockerfile", problem: null }],
  suppressed: [],
  messages: [],
};

export function fails(text: string): Report {
  const build = text.split("\n").findIndex((one) => one.includes("go build"));
  const at = text.split("\n")[build]!.indexOf("go build");
  const range = line(build, at, at + 27);
  return {
    ...starts,
    verdict: "conditional",
    summary: "`/root/server` will not start in `alpine:latest` if a package in the build uses cgo: its loader is not there",
    launch: { ...starts.launch!, steps: [{ ...starts.launch!.steps[0]!, verdict: "conditional" }] },
    diagnostics: [{
      path: "Dockerfile", range, severity: 1, code: "missing-interpreter",
      codeDescription: { href: "rules/missing-interpreter.html" }, source: "execlens",
      message: "`/root/server` asks for `/lib64/ld-linux-x86-64.so.2`, which `alpine:latest` does not have",
      relatedInformation: [],
      certainty: "conditional",
      condition: {
        text: "a package in the build uses cgo (`net`, `os/user` or C code)",
        settledBy: [{ kind: "file", path: "go.mod" }, { kind: "project-folder" }, { kind: "program", path: "server" }],
      },
      evidence: [
        { text: "stage `builder` starts from `golang:1.18`", from: "read", location: { path: "Dockerfile", range: line(0, 0, 27) }, source: null },
        { text: "`golang:1.18` is Debian 11 with glibc 2.31 and a C compiler", from: "recorded", location: null, source: { record: "catalog: golang", reference: "golang:1.18-bullseye", observed: "2024-05-01" } },
        { text: "nothing sets `CGO_ENABLED=0`, so cgo is on", from: "read", location: { path: "Dockerfile", range }, source: null },
        { text: "a package in the build uses cgo", from: "assumed", location: null, source: null },
        { text: "so the program asks for the loader `/lib64/ld-linux-x86-64.so.2`", from: "derived", location: null, source: null },
        { text: "`alpine:latest` has `/lib/ld-musl-x86_64.so.1` and no `/lib64`", from: "recorded", location: { path: "Dockerfile", range: line(5, 0, 18) }, source: { record: "catalog: alpine", reference: "alpine:3.22", observed: "2025-06-01" } },
      ],
      runtimeMessages: [
        { engine: "Docker 28", text: "exec ./server: no such file or directory", exitCode: 255 },
        { engine: "Docker 20.10", text: "standard_init_linux.go:239: exec user process caused: no such file or directory", exitCode: 1 },
        { engine: "Podman (crun)", text: "exec container process (missing dynamic library?) `/root/./server`: No such file or directory", exitCode: 127 },
      ],
      fixes: [
        { title: "build without cgo: `CGO_ENABLED=0`", tradeoff: "uses Go's own resolver and user lookup; packages that are C (sqlite3) do not build", preferred: true, edits: [{ path: "Dockerfile", range: line(build, at, at), newText: "CGO_ENABLED=0 " }] },
        { title: "build in the matching Alpine image", tradeoff: "musl's behaviour; C packages need `apk add build-base`", preferred: false, edits: [{ path: "Dockerfile", range: line(0, 5, 16), newText: "golang:1.18-alpine" }] },
        { title: "run in a glibc image", tradeoff: "a larger image (about 75 MB)", preferred: false, edits: [{ path: "Dockerfile", range: line(5, 5, 18), newText: "debian:bullseye-slim" }, { path: "Dockerfile", range: line(6, 4, 41), newText: "apt-get update && apt-get install -y ca-certificates" }] },
      ],
    }],
    programs: [{
      path: "/root/server", origin: "predicted",
      needs: {
        kind: "elf", description: "ELF 64-bit x86-64, dynamically linked", platform: "linux/amd64", interpreter: "/lib64/ld-linux-x86-64.so.2", linkage: "dynamic",
        libraries: ["libpthread.so.0", "libc.so.6"], symbolVersions: [{ library: "libc.so.6", version: "GLIBC_2.3.2" }], toolchain: "Go 1.18",
        settings: [{ name: "CGO_ENABLED", value: "1" }], facts: [], certainty: "conditional",
      },
      images: [
        { reference: "debian:12", platform: "linux/amd64", verdict: "starts", code: null, reason: "" },
        { reference: "alpine:3.20", platform: "linux/amd64", verdict: "fails", code: "missing-interpreter", reason: "`/lib64/ld-linux-x86-64.so.2` is not there" },
        { reference: "scratch", platform: "linux/amd64", verdict: "fails", code: "missing-interpreter", reason: "an empty image has no loader" },
      ],
    }],
  };
}
