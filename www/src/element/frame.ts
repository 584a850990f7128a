// The page of the `iframe` variant: the input comes in the fragment, the height and the verdict go to the parent.
import { fromFragment } from "../lib/share.ts";
import { ExecLens } from "./exec-lens.ts";
import "./register.ts";

const lens = document.querySelector<ExecLens>("exec-lens")!;

async function begin(): Promise<void> {
  const parameters = new URLSearchParams(location.search);
  for (const name of ["expected", "platform", "target", "lang"]) {
    const value = parameters.get(name);
    if (value !== null) lens.setAttribute(name, value);
  }
  lens.toggleAttribute("editable", !parameters.has("readonly"));
  const shared = await fromFragment(location.hash);
  const file = shared?.files[0];
  if (file) {
    lens.setAttribute("path", file.path);
    lens.querySelector("code")!.textContent = file.content;
  }
  lens.addEventListener("exec-lens-report", (event) => tell({ verdict: event.detail.report.verdict }));
  new ResizeObserver(() => tell({})).observe(document.body);
  await lens.check();
}

/** Tells the parent how high to make the frame; the parent may be any page, and nothing secret is told. */
function tell(more: { verdict?: string }): void {
  if (parent !== window) parent.postMessage({ source: "exec-lens", height: document.documentElement.scrollHeight, ...more }, "*");
}

void begin();

declare global {
  interface HTMLElementEventMap {
    "exec-lens-report": CustomEvent<import("./exec-lens.ts").ReportDetail>;
  }
}
