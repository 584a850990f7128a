// What the diagram shows, worked out from a report; how it looks is the view's business.
import type { Diagnostic, Report, Stage } from "./report.ts";
import { BUILD_RULES } from "./verdict.ts";

export interface Picture {
  /** The stages on the way, in the order of the build; the last one is the image. */
  stages: PictureStage[];
  /** Stages that the target does not need. */
  unused: Stage[];
  /** What is executed, or null when the image starts nothing. */
  program: string | null;
  /** Where it breaks; null when it does not. */
  break: Break | null;
}

export interface PictureStage {
  stage: Stage;
  /** Whether the program is made here, comes here by a copy, or is what the base image has. */
  program: "made" | "arrives" | "inherited" | null;
  /** Whether the program comes past on its way here or further. */
  onWay: boolean;
}

export interface Break {
  /** The index in `stages` where the build stops; `start` when the image is built and does not start. */
  at: number | "start";
  diagnostic: Diagnostic;
  certain: boolean;
}

/** The rules that say that what is to be executed is not in the image at all. */
const ABSENT_RULES = new Set(["missing-shell", "program-missing", "program-not-in-path"]);

/** The picture of a report; null when no Dockerfile was dropped. */
export function picture(report: Report): Picture | null {
  if (report.stages.length === 0) return null;
  const used = report.stages.filter((stage) => stage.used || stage.target);
  const shown = used.length > 0 ? used : report.stages;
  // Of several programs that are started one after the other, the one that does not start is the story.
  const steps = report.launch?.steps ?? [];
  const step = steps.find((one) => one.verdict === "fails" || one.verdict === "conditional") ?? steps.at(-1) ?? null;
  const last = shown.length - 1;
  const broken = breakOf(report, shown);
  const isThere = step !== null && !(broken?.certain && ABSENT_RULES.has(broken.diagnostic.code));
  const made = shown.findIndex((stage) => isThere && stage.index === step.stage);
  // Where a build stops for certain, nothing is made and nothing arrives.
  const stops = broken?.certain && broken.at !== "start" ? broken.at : shown.length;
  return {
    stages: shown.map((stage, at) => ({
      stage,
      onWay: made >= 0 && at > made,
      program: !isThere || at >= stops ? null : stage.index === step.stage ? "made" : at === last ? (made >= 0 ? "arrives" : "inherited") : null,
    })),
    unused: report.stages.filter((stage) => !shown.includes(stage)),
    program: step?.path ?? report.launch?.argv[0] ?? null,
    break: broken,
  };
}

function breakOf(report: Report, shown: Stage[]): Break | null {
  if (report.verdict !== "fails" && report.verdict !== "conditional") return null;
  const of = (severity: number) => report.diagnostics.find((one) => one.severity === severity);
  // What is only worth knowing breaks nothing.
  const diagnostic = of(1) ?? of(2) ?? report.diagnostics[0];
  if (!diagnostic) return null;
  const certain = report.verdict === "fails";
  if (!BUILD_RULES.has(diagnostic.code)) return { at: "start", diagnostic, certain };
  const at = shown.findLastIndex((stage) => stage.path === diagnostic.path && stage.range.start.line <= diagnostic.range.start.line);
  return { at: Math.max(0, at), diagnostic, certain };
}
