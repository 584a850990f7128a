import { html, svg, type TemplateResult } from "lit";

// Drawn on a grid of 20; strokes take the colour of the text around them.
const shapes = {
  check: svg`<path d="M4.5 10.5 8.5 14.5 15.5 6"/>`,
  cross: svg`<path d="M5.5 5.5 14.5 14.5M14.5 5.5 5.5 14.5"/>`,
  fork: svg`<path d="M10 16.5v-5M10 11.5 5 6M10 11.5 15 6M5 9V6h3M12 6h3v3"/>`,
  question: svg`<path d="M7.2 7.4c.3-1.6 1.5-2.4 2.9-2.4 1.6 0 2.8 1 2.8 2.5 0 2.2-2.8 2.4-2.8 4.4M10 15v.1"/>`,
  dash: svg`<path d="M5 10h10"/>`,
  info: svg`<path d="M10 9.5V14M10 6.2v.1"/>`,
  warning: svg`<path d="M10 5.5v5M10 14v.1"/>`,
  file: svg`<path d="M5.5 3h6l3 3v11h-9zM11.5 3v3h3"/>`,
  folder: svg`<path d="M3 5.5h5l1.5 2H17v8H3z"/>`,
  binary: svg`<path d="M4 4h12v12H4zM7 7.5v5M10 7.5h3v5h-3z"/>`,
  close: svg`<path d="M6 6 14 14M14 6 6 14"/>`,
  bin: svg`<path d="M4 6h12M8 6V4h4v2M5.5 6l.8 10.5h7.4L14.5 6M8.5 9v4.5M11.5 9v4.5"/>`,
  list: svg`<path d="M4 6h.1M4 10h.1M4 14h.1M7.5 6H16M7.5 10H16M7.5 14H16"/>`,
  share: svg`<path d="M8 11.5 12.5 8.5M8 9 12.5 12M4.8 10.2a1.9 1.9 0 1 0 3.6 0 1.9 1.9 0 1 0-3.6 0M12 7a1.8 1.8 0 1 0 3.6 0A1.8 1.8 0 1 0 12 7M12 13.5a1.8 1.8 0 1 0 3.6 0 1.8 1.8 0 1 0-3.6 0"/>`,
  copy: svg`<path d="M7.5 7.5V4h8.5v8.5h-3.5M4 7.5h8.5V16H4z"/>`,
  down: svg`<path d="M10 3.5V13M6 9.5l4 4 4-4M4 16.5h12"/>`,
  arrow: svg`<path d="M4 10h12M12 6l4 4-4 4"/>`,
  play: svg`<path d="M7 5v10l8-5z"/>`,
  spark: svg`<path d="M10 3v4M10 13v4M3 10h4M13 10h4"/>`,
  auto: svg`<path d="M10 3.5a6.5 6.5 0 1 0 0 13zM10 3.5a6.5 6.5 0 0 1 0 13"/>`,
  sun: svg`<path d="M10 6.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 1 0 0-6.4M10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M15.3 4.7l-1.1 1.1M5.8 14.2l-1.1 1.1"/>`,
  moon: svg`<path d="M15.8 12.2A6.3 6.3 0 0 1 7.8 4.2a6.3 6.3 0 1 0 8 8z"/>`,
};

export type IconName = keyof typeof shapes;

/** An icon beside words that say the same; readers of the screen skip it. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">${shapes[name]}</svg>`;
}
