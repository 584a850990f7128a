import { html, type TemplateResult } from "lit";
import { icon, type IconName } from "./icons.ts";

/** Something that one can do, in a menu. */
export interface Item {
  words: string;
  run: () => unknown;
  disabled?: boolean;
}

/** A button that opens a list of things to do; Escape closes it. */
export function menu(name: string, sign: IconName, words: string, items: readonly Item[]): TemplateResult {
  // The focus stays where the menu was opened.
  const close = (event: Event) => {
    const menu = (event.currentTarget as HTMLElement).closest("details")!;
    menu.removeAttribute("open");
    menu.querySelector("summary")!.focus();
  };
  const escape = (event: KeyboardEvent) => {
    if (event.key === "Escape") close(event);
  };
  return html`
    <details class="menu ${name}" @keydown=${escape}>
      <summary class="button">${icon(sign)} ${words}</summary>
      <ul>${items.map(({ words, run, disabled = false }) => html`
        <li><button ?disabled=${disabled} @click=${(event: Event) => { close(event); void run(); }}>${words}</button></li>`)}
      </ul>
    </details>`;
}
