import type { Evidence } from "./report.ts";

/** A step of the argument, with the records that it follows from. */
export interface Step {
  step: Evidence;
  records: Evidence[];
}

/**
 * The argument with the records of the catalog folded into what follows from them.
 *
 * Each step stands before what follows from it, so records that stand before a conclusion are what it rests on; a reader
 * wants the conclusion first.
 */
export function folded(evidence: readonly Evidence[]): Step[] {
  const steps: Step[] = [];
  let records: Evidence[] = [];
  const flush = () => {
    steps.push(...records.map((step) => ({ step, records: [] })));
    records = [];
  };
  for (const step of evidence) {
    if (step.from === "recorded" && step.location === null && step.source !== null) {
      records.push(step);
    } else if (step.from === "derived") {
      steps.push({ step, records });
      records = [];
    } else {
      flush();
      steps.push({ step, records: [] });
    }
  }
  flush();
  return steps;
}
