/** A line of a diff: kept, removed or added; numbers count from 1, in the old or the new text. */
export interface DiffLine {
  kind: "same" | "removed" | "added";
  number: number;
  text: string;
}

/** Past this many cells the table of the longest common subsequence costs more than a precise diff is worth. */
const MOST_CELLS = 1_000_000;

/** The changed lines with `context` lines around them, in hunks. */
export function diffHunks(before: string, after: string, context = 1): DiffLine[][] {
  const lines = diffLines(before.split("\n"), after.split("\n"));
  const hunks: DiffLine[][] = [];
  let lastTaken = -1;
  for (let at = 0; at < lines.length; at++) {
    if (lines[at]!.kind === "same") continue;
    const from = Math.max(lastTaken + 1, at - context);
    let end = at;
    while (end + 1 < lines.length && lines.slice(end + 1, end + 2 + context).some((line) => line.kind !== "same")) end++;
    const to = Math.min(lines.length - 1, end + context);
    const part = lines.slice(from, to + 1);
    if (hunks.length > 0 && from === lastTaken + 1) hunks.at(-1)!.push(...part);
    else hunks.push(part);
    lastTaken = to;
    at = to;
  }
  return hunks;
}

function diffLines(before: string[], after: string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head && tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) tail++;
  const removed = before.slice(head, before.length - tail);
  const added = after.slice(head, after.length - tail);
  const out: DiffLine[] = before.slice(0, head).map((text, i) => ({ kind: "same", number: i + 1, text }));
  out.push(...middle(removed, added, head));
  for (let i = tail; i > 0; i--) {
    out.push({ kind: "same", number: after.length - i + 1, text: after[after.length - i]! });
  }
  return out;
}

function middle(removed: string[], added: string[], head: number): DiffLine[] {
  const rows = removed.length;
  const columns = added.length;
  const out: DiffLine[] = [];
  const remove = (i: number) => out.push({ kind: "removed", number: head + i + 1, text: removed[i]! });
  const add = (j: number) => out.push({ kind: "added", number: head + j + 1, text: added[j]! });
  if (rows * columns > MOST_CELLS) {
    removed.forEach((_, i) => remove(i));
    added.forEach((_, j) => add(j));
    return out;
  }
  // length[i][j]: the longest common subsequence of what is left from line i and line j on.
  const length = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      length[i]![j] = removed[i] === added[j]
        ? length[i + 1]![j + 1]! + 1
        : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
    }
  }
  let i = 0;
  let j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && removed[i] === added[j]) {
      out.push({ kind: "same", number: head + j + 1, text: added[j]! });
      i++;
      j++;
    } else if (i < rows && (j === columns || length[i + 1]![j]! >= length[i]![j + 1]!)) {
      remove(i++);
    } else {
      add(j++);
    }
  }
  return out;
}
