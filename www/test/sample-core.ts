// A module of the core's shape for tests of the page's own code: it knows the first example, and nothing else.
import type { CheckOptions, InputFile, Report } from "../src/lib/report.ts";
import { fails, starts } from "./sample-report.ts";

export default function init(): Promise<void> {
  return Promise.resolve();
}

export function check(files: InputFile[], _options: CheckOptions = {}): Report {
  const text = files.find((file) => typeof file.content === "string")?.content as string | undefined;
  if (text === undefined || !text.includes("go build")) return { ...starts, verdict: "no-program", summary: "nothing that was given is a program", stages: [], launch: null, programs: [] };
  return text.includes("CGO_ENABLED=0") ? starts : fails(text);
}
