// The published contract of execlens: what `check` takes and what it answers.
// Names follow Docker's terms and the Language Server Protocol's (3.17), so editors and tools can use the answer as it is.

/** One dropped file. */
export interface InputFile {
  /** Its path as dropped, with `/` between the parts: `project/cmd/main.go`. */
  path: string;
  /** Text, bytes, or a source that is read by ranges. */
  content: string | Uint8Array | ArrayBuffer | Blob | RangeSource;
  /** Permission bits (0o755), where they are known; a browser cannot tell. */
  mode?: number;
}

/** Bytes that are read by ranges, synchronously. */
export interface RangeSource {
  /** Length in bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`. */
  read(offset: number, length: number): Uint8Array;
}

export interface CheckOptions {
  /** The target platform; default `linux/amd64`. */
  platform?: string;
  /** The platform of the builder (`BUILDPLATFORM`); default `linux/amd64`. */
  buildPlatform?: string;
  /** The target stage, by name or index; default: the last one. */
  target?: string;
  /** `--build-arg` values. */
  buildArgs?: Record<string, string>;
  /** The language of the messages, a BCP 47 tag; English unless it is Japanese. */
  locale?: string;
  /** Images to judge dropped programs against; default: the usual base images. */
  images?: string[];
}

/** The answer, in one word. */
export type Verdict =
  /** Everything that was checked holds. */
  | "starts"
  /** It will not start (or not build). */
  | "fails"
  /** It fails under a condition that could not be seen; the diagnostics name it. */
  | "conditional"
  /** Something that decides could not be seen; `unknowns` name it. */
  | "unknown"
  /** Nothing that was dropped is a program or starts one. */
  | "no-program";

export interface Report {
  /** The version of this format. */
  formatVersion: 1;
  /** The version of execlens. */
  version: string;
  verdict: Verdict;
  /** One sentence that says the verdict and its reason. */
  summary: string;
  diagnostics: Diagnostic[];
  /** What could not be seen, and what to drop to know. */
  unknowns: Unknown[];
  /** Every program that the image starts, or that was dropped. */
  programs: Program[];
  /** The stages as the builder resolves them for the target. */
  stages: Stage[];
  /** How the image starts, where a Dockerfile or an image file was dropped. */
  launch: Launch | null;
  /** What each dropped file was taken for. */
  inputs: RecognizedInput[];
  /** Diagnostics that a comment in the Dockerfile silenced. */
  suppressed: Diagnostic[];
  /** Error messages that were pasted, and what they say. */
  messages: MessageMeaning[];
}

/** A place in a text: zero-based line, zero-based UTF-16 code unit. */
export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** A place in a dropped file. */
export interface Location {
  path: string;
  range: Range;
}

/** 1 error: it will not start (or not build). 2 warning. 3 information. */
export type Severity = 1 | 2 | 3;

export type Certainty = "certain" | "conditional";

/** An LSP `Diagnostic` with what a person needs to trust and to mend it. */
export interface Diagnostic {
  /** The file that `range` is in. */
  path: string;
  range: Range;
  severity: Severity;
  /** The rule's name: `missing-interpreter`. */
  code: string;
  /** The rule's page, relative to the site's root. */
  codeDescription: { href: string };
  source: "execlens";
  message: string;
  relatedInformation: { location: { uri: string; range: Range }; message: string }[];
  certainty: Certainty;
  /** Completes "if …"; null when certain. */
  condition: Condition | null;
  /** The argument, each step before what follows from it. */
  evidence: Evidence[];
  /** What the terminal prints, per engine. */
  runtimeMessages: RuntimeMessage[];
  /** Best first. */
  fixes: Fix[];
}

export interface Condition {
  text: string;
  settledBy: Settler[];
}

/** What to drop to turn a condition or an unknown into a certainty. */
export type Settler =
  | { kind: "file"; path: string }
  | { kind: "project-folder" }
  | { kind: "program"; path: string }
  | { kind: "image"; reference: string };

export interface Evidence {
  /** One sentence. */
  text: string;
  /** How it is known. */
  from: "read" | "recorded" | "derived" | "assumed" | "definition";
  /** Where it stands, when it was read. */
  location: Location | null;
  /** What it rests on, when it was recorded. */
  source: { record: string; reference: string; observed: string } | null;
}

export interface RuntimeMessage {
  /** Who prints it: `Docker 28`, `Podman (crun)`, `the loader (glibc)`. */
  engine: string;
  text: string;
  /** The container's exit status, where it is known. */
  exitCode: number | null;
}

export interface Fix {
  title: string;
  /** What it costs. */
  tradeoff: string;
  preferred: boolean;
  /** To apply together; empty when the change is not in a dropped file. */
  edits: FileEdit[];
}

/** An LSP `TextEdit` and the file that it changes. */
export interface FileEdit {
  path: string;
  range: Range;
  newText: string;
}

export interface Unknown {
  text: string;
  settledBy: Settler[];
  location: Location | null;
}

export interface Program {
  /** Its path in the image, or as dropped. */
  path: string;
  /** Where its bytes or its prediction come from. */
  origin: "dropped" | "predicted" | "image";
  needs: ProgramNeeds;
  /** Whether it would start there; best first. */
  images: ImageVerdict[];
}

export interface ProgramNeeds {
  kind: "elf" | "script" | "foreign" | "unknown";
  /** `ELF 64-bit x86-64, dynamically linked`, in words. */
  description: string;
  /** Docker's platform of the program, `linux/amd64`; null when unknown. */
  platform: string | null;
  /** The loader or the script's interpreter; null for a static program or when unknown. */
  interpreter: string | null;
  linkage: "static" | "dynamic" | null;
  libraries: string[];
  /** Newest version needed of each library: `{ library: "libc.so.6", version: "GLIBC_2.34" }`. */
  symbolVersions: { library: string; version: string }[];
  /** `Go 1.22.1`; null when unknown. */
  toolchain: string | null;
  /** Build settings as the program records them. */
  settings: { name: string; value: string }[];
  /** Facts worth knowing (hardening, embedded data), each a label and a value in the chosen language. */
  facts: { label: string; value: string }[];
  certainty: Certainty;
}

export interface ImageVerdict {
  reference: string;
  platform: string;
  verdict: Exclude<Verdict, "no-program">;
  /** The rule that fails; null when none does. */
  code: string | null;
  /** Why not, in words; empty when it starts. */
  reason: string;
}

export interface Stage {
  index: number;
  /** Its name, or null. */
  name: string | null;
  /** The file of the Dockerfile, and its FROM instruction in there. */
  path: string;
  range: Range;
  /** The reference after FROM, expanded: an image, `scratch`, or another stage's name. */
  base: string;
  platform: string;
  /** Whether the target needs it. */
  used: boolean;
  target: boolean;
  image: StageImage | null;
}

export interface StageImage {
  reference: string;
  /** Whether the catalog knows it. */
  known: boolean;
  /** `Debian 12 (bookworm)`; null for scratch or when unknown. */
  distribution: string | null;
  libc: "glibc" | "musl" | "uclibc" | "none" | null;
  libcVersion: string | null;
}

export interface Launch {
  /** Entrypoint and command together, as the engine executes them. */
  argv: string[];
  workingDirectory: string;
  user: string;
  /** What is executed, one step after the other: entrypoint script, wrapper, program. */
  steps: LaunchStep[];
}

export interface LaunchStep {
  /** The path that is executed. */
  path: string;
  /** How it came about, in words: "the entrypoint", "`exec \"$@\"` in /entry.sh, line 3". */
  reason: string;
  /** The stage that makes it; null when it comes from the base image or is unknown. */
  stage: number | null;
  location: Location | null;
  verdict: Exclude<Verdict, "no-program">;
}

/** What a pasted error message says. */
export interface MessageMeaning {
  /** The line that was understood, as it was pasted. */
  text: string;
  /** What it means, in a sentence or two. */
  meaning: string;
  /** The rules that it can come from, the likeliest first. */
  codes: string[];
  /** Who printed it, with its age where the wording tells: `runc v1.0.0-rc8 to rc10 (2019-03 to 2020-01)`. */
  speaker: string;
  /** Whether the other dropped files bear it out; null when nothing that was dropped can tell. */
  confirmed: boolean | null;
}

export interface RecognizedInput {
  path: string;
  /** `dockerfile`, `elf`, `script`, `go-mod`, `archive`, `image`, `other`, … */
  kind: string;
  /** Why it could not be read, or is not used; else null. */
  problem: string | null;
}

/** Checks the files; whatever was dropped is an answer, and only a caller's mistake (a wrong option) throws. */
export function check(files: InputFile[], options?: CheckOptions): Report;

/** The report as a text that other tools read. */
export type Format =
  /** For a terminal. */
  | "text"
  /** The report itself. */
  | "json"
  /** SARIF 2.1.0, for code scanning. */
  | "sarif"
  /** Workflow commands that GitHub Actions turns into annotations. */
  | "github"
  /** To paste into an issue. */
  | "markdown";

/** Checks the files as `check` does, and writes the report in another form. */
export function format(files: InputFile[], options: CheckOptions | null | undefined, form: Format): string;
