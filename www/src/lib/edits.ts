import type { FileEdit, Position, Range } from "./report.ts";

/** The offset, in UTF-16 code units, of a position; past the end of a line or of the text it is that end. */
export function offsetAt(text: string, position: Position): number {
  let start = 0;
  for (let line = 0; line < position.line; line++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const newline = text.indexOf("\n", start);
  const end = newline < 0 ? text.length : newline;
  return Math.min(start + position.character, end);
}

/** The text of a range. */
export function textAt(text: string, range: Range): string {
  return text.slice(offsetAt(text, range.start), offsetAt(text, range.end));
}

/** The text after all edits, which (as in LSP) speak of the text before them and do not overlap. */
export function applyEdits(text: string, edits: readonly Pick<FileEdit, "range" | "newText">[]): string {
  const changes = edits
    .map((edit, order) => ({
      from: offsetAt(text, edit.range.start),
      to: offsetAt(text, edit.range.end),
      insert: edit.newText,
      order,
    }))
    .sort((a, b) => a.from - b.from || a.to - b.to || a.order - b.order);
  let out = "";
  let at = 0;
  for (const change of changes) {
    if (change.from < at) throw new RangeError("edits overlap");
    out += text.slice(at, change.from) + change.insert;
    at = change.to;
  }
  return out + text.slice(at);
}
