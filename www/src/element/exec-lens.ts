// The small part of `<exec-lens>`: it waits beside the author's own code block until it is near the viewport or used,
// and only then loads the rest. Without script, or before that, the page is what its author wrote.
import type { Report, Verdict } from "../lib/report.ts";
import type { Panel } from "./panel.ts";

/** What `exec-lens-report` carries. */
export interface ReportDetail {
  report: Report;
  /** Whether the verdict is the one that `expected` names; null without `expected`. */
  asExpected: boolean | null;
}

/** How far outside the viewport the check begins. */
const NEAR = "300px";

/** What highlighters put before a line, where a style sheet and not the element says that it is no text: Chroma's, Pygments', Prism's. */
const LINE_NUMBERS = ".ln, .lnt, .linenos, .lineno, .line-numbers-rows";

const style = `
:host { display: block; position: relative; }
:host([hidden]) { display: none; }
.panel:empty { display: none; }
`;

/**
 * `<exec-lens><pre><code>FROM …</code></pre></exec-lens>`
 *
 * Attributes: `expected` (a verdict), `editable`, `path`, `platform`, `target`, `lang`.
 * Event: `exec-lens-report`. Parts: `panel`, `verdict`, `summary`, `finding`, `fix`, `button`, `link`, `editor`.
 */
export class ExecLens extends HTMLElement {
  static readonly observedAttributes = ["expected", "editable", "path", "platform", "target", "lang"];

  private panel: Promise<Panel> | null = null;
  private observer: IntersectionObserver | null = null;
  /** The last report; null before the first. */
  report: Report | null = null;

  connectedCallback(): void {
    if (!this.shadowRoot) {
      const root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
      const panel = document.createElement("div");
      panel.className = "panel";
      root.append(document.createElement("slot"), panel);
    }
    this.observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void this.check();
    }, { rootMargin: NEAR });
    this.observer.observe(this);
  }

  disconnectedCallback(): void {
    this.observer?.disconnect();
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (this.panel && before !== after) void this.check();
  }

  /** The text of the code block, as a reader sees it. */
  get text(): string {
    // A table with line numbers has two blocks, the numbers first.
    const block = [...this.querySelectorAll("pre code")].at(-1) ?? [...this.querySelectorAll("pre, code")].at(-1);
    return block ? textOf(block, selectable(block)) : "";
  }

  // React and Vue set an attribute as a property where there is one of its name, so each can be written.

  get expected(): Verdict | null {
    return this.getAttribute("expected") as Verdict | null;
  }
  set expected(verdict: Verdict | null) {
    this.reflect("expected", verdict);
  }

  get editable(): boolean {
    return this.hasAttribute("editable");
  }
  set editable(may: boolean) {
    // A framework without types may say `""` for an attribute that is there.
    this.reflect("editable", may || (may as unknown) === "" ? "" : null);
  }

  get path(): string | null {
    return this.getAttribute("path");
  }
  set path(path: string | null) {
    this.reflect("path", path);
  }

  get platform(): string | null {
    return this.getAttribute("platform");
  }
  set platform(platform: string | null) {
    this.reflect("platform", platform);
  }

  get target(): string | null {
    return this.getAttribute("target");
  }
  set target(stage: string | null) {
    this.reflect("target", stage);
  }

  private reflect(name: string, value: string | null | undefined): void {
    if (value === null || value === undefined) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  /** Checks now; the report, or null when the host page's policy does not allow the check, or its parts cannot be had. */
  async check(): Promise<Report | null> {
    this.observer?.disconnect();
    this.panel ??= import("./panel.ts").then(({ Panel }) => new Panel(this));
    let panel: Panel;
    try {
      panel = await this.panel;
    } catch {
      // Its site is out of reach, or has another version by now; the page stays what its author wrote.
      this.panel = null;
      return null;
    }
    const report = await panel.check();
    if (!report) return null;
    this.report = report;
    const detail: ReportDetail = { report, asExpected: this.expected === null ? null : report.verdict === this.expected };
    this.dispatchEvent(new CustomEvent("exec-lens-report", { detail, bubbles: true, composed: true }));
    return report;
  }
}

/** The text of a block without what cannot be selected in it, which is how line numbers are marked. */
function textOf(node: Node, selects: boolean): string {
  let text = "";
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) text += child.nodeValue;
    if (!(child instanceof Element) || child.matches(LINE_NUMBERS)) continue;
    // Some highlighters end their lines with an element instead of a line break.
    if (child.localName === "br") text += "\n";
    // On a page where nothing can be selected, that says nothing.
    else if (!selects || selectable(child)) text += textOf(child, selects);
  }
  return text;
}

function selectable(element: Element): boolean {
  const style = getComputedStyle(element);
  return (style.userSelect || style.getPropertyValue("-webkit-user-select")) !== "none";
}
