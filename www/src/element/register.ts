// The one script tag: `<script type="module" src="…/exec-lens.js"></script>`.
import { ExecLens } from "./exec-lens.ts";

// Docs sites with their own router may run this more than once.
if (!customElements.get("exec-lens")) customElements.define("exec-lens", ExecLens);

// `exec-lens.js?wrap`: for generators whose authors write plain code fences and no elements.
if (new URL(import.meta.url).searchParams.has("wrap")) {
  void import("./wrap.ts").then(({ keepWrapping }) => keepWrapping());
}
