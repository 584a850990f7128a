// Puts an `<exec-lens>` around every Dockerfile block of a page, for sites whose authors write plain code fences.

/** The classes by which generators and highlighters name a Dockerfile block. */
const BLOCK = ":is(.language-dockerfile, .language-docker, .language-containerfile)";

const VERDICTS = ["starts", "fails", "conditional", "unknown", "no-program"];

/** Wraps what is there now. A word after the language (```` ```dockerfile,fails ````) is the expected verdict. */
export function wrapAll(root: ParentNode): void {
  for (const marked of root.querySelectorAll(BLOCK)) {
    // Some generators mark the code, some the block, some a box around both.
    const block = marked.closest("pre") ?? marked.querySelector("pre");
    if (!block || block.closest("exec-lens")) continue;
    const lens = document.createElement("exec-lens");
    const expected = VERDICTS.find((verdict) => marked.classList.contains(verdict));
    if (expected) lens.setAttribute("expected", expected);
    block.replaceWith(lens);
    lens.append(block);
  }
}

/** Wraps what is there, and what a site that swaps its pages in place brings later. */
export function keepWrapping(): void {
  wrapAll(document);
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      wrapAll(document);
    }, 100);
  }).observe(document.body, { childList: true, subtree: true });
}
