/** A piece of a sentence: words, or what stood between backticks. */
export interface Piece {
  code: boolean;
  text: string;
}

/** Splits a sentence of the report at its backticks; two backticks quote a text that has single ones in it. */
export function pieces(sentence: string): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const match of sentence.matchAll(/``\s?(.+?)\s?``|`([^`]+)`/g)) {
    if (match.index > at) out.push({ code: false, text: sentence.slice(at, match.index) });
    out.push({ code: true, text: match[1] ?? match[2]! });
    at = match.index + match[0].length;
  }
  if (at < sentence.length) out.push({ code: false, text: sentence.slice(at) });
  return out;
}

/** A sentence as plain words. */
export function plain(sentence: string): string {
  return pieces(sentence).map((piece) => piece.text).join("");
}

/** Names that are written small, also where a sentence begins. */
const NAMES = /^(cgo|cargo|crun|dash|glibc|go|libc|make|musl|npm|runc|rustc|uclibc|node|python|pip|bash|sh)\b/;

/** A sentence that stands by itself: with a capital, unless it begins with a name. */
export function statement(sentence: string): string {
  const isEnglish = !/[\u3040-\u30ff\u4e00-\u9fff]/.test(sentence);
  return isEnglish && /^[a-z]+(?=[\s,])/.test(sentence) && !NAMES.test(sentence) ? sentence[0]!.toUpperCase() + sentence.slice(1) : sentence;
}

/** What a summary says once more when it stands beside its verdict. */
const SAID = /^(?:the build stops: |it will not start: |it starts: |it cannot be told: |ビルドが止まります：|起動しません：|起動します。|判断できません：)/;

/** The summary of a report as it stands under or after the verdict's own word. */
export function besideVerdict(summary: string): string {
  return summary.replace(SAID, "");
}
