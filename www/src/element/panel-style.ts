/** The looks of the panel: its measures follow the text around it. A host page changes them through custom properties and parts. */
export const panelStyle = new CSSStyleSheet();

panelStyle.replaceSync(`
.box {
  --good: var(--exec-lens-good, light-dark(#146c3a, #6fd39a));
  --bad: var(--exec-lens-bad, light-dark(#b3261e, #ff9288));
  --maybe: var(--exec-lens-maybe, light-dark(#8a5600, #f0b958));
  --unsure: var(--exec-lens-unsure, light-dark(#4c5870, #b4bfd3));
  --accent: var(--exec-lens-accent, light-dark(#2745b0, #9db3ff));
  --surface: var(--exec-lens-surface, light-dark(#fff, #1c1f25));
  --tone: var(--unsure);
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  gap: 0.5em;
  margin-block: 0.35em 1.25em;
  padding: 0.7em 0.9em;
  border: 1px solid var(--exec-lens-line, light-dark(#e2dfd6, #2e323b));
  border-inline-start: 4px solid var(--tone);
  border-radius: var(--exec-lens-radius, 0.6em);
  background: var(--surface);
  color: var(--exec-lens-ink, light-dark(#1b1f27, #e9e7e2));
  font: var(--exec-lens-font, inherit);
}
.box.starts { --tone: var(--good); }
.box.fails { --tone: var(--bad); }
.box.conditional { --tone: var(--maybe); }
.verdict strong { color: var(--tone); font-size: 1.1em; }
.icon { width: 1.15em; height: 1.15em; vertical-align: -0.2em; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.expected, .unexpected { margin-inline-start: 0.5em; font-size: 0.875em; }
.expected { color: var(--good); }
.unexpected { color: var(--bad); font-weight: 600; }
p { margin: 0; overflow-wrap: anywhere; }
code { font: 0.9em ui-monospace, Menlo, Consolas, monospace; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
ol, .fixes { margin: 0.4em 0 0; padding-inline-start: 1.9em; }
li { overflow-wrap: anywhere; }
.fixes { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.6em; padding: 0.5em 0 0; list-style: none; }
.fixes li { padding-inline-start: 0.75em; border-inline-start: 2px solid var(--exec-lens-line, light-dark(#c9c6bd, #444a56)); }
.fixes button { padding-block: 0.1em; margin-top: 0.25em; font-size: 0.9em; }
.diff { margin: 0.3em 0 0; padding: 0.3em 0; border-radius: 0.4em; background: light-dark(#f1efe9, #121418); overflow-x: auto; font: 0.85em/1.6 ui-monospace, Menlo, Consolas, monospace; }
.diff span { display: block; width: max-content; min-width: 100%; box-sizing: border-box; padding-inline: 0.6em; white-space: pre; }
.diff .removed { color: var(--bad); }
.diff .added { color: var(--good); }
.tradeoff { display: block; opacity: 0.85; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5em 1em; font-size: 0.9em; }
a { color: var(--accent); }
button { padding: 0.25em 0.75em; border: 1px solid var(--accent); border-radius: 0.4em; background: transparent; color: var(--accent); font: inherit; cursor: pointer; }
textarea { box-sizing: border-box; width: 100%; padding: 0.6em 0.75em; border: 1px solid var(--exec-lens-line, light-dark(#c9c6bd, #444a56)); border-radius: 0.4em; background: transparent; color: inherit; font: 0.9em/1.6 ui-monospace, Menlo, Consolas, monospace; resize: vertical; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`);
