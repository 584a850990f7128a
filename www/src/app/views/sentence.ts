import { html, type TemplateResult } from "lit";
import { pieces, statement as asStatement } from "../../lib/inline.ts";

/** A sentence of the report; what it quotes in backticks is shown as code. */
export function sentence(text: string): TemplateResult[] {
  return pieces(text).map((piece) => (piece.code ? html`<code>${piece.text}</code>` : html`${piece.text}`));
}

/** A sentence that stands by itself, and so begins with a capital. */
export function statement(text: string): TemplateResult[] {
  return sentence(asStatement(text));
}
