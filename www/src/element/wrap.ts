// Puts an `<exec-lens>` around every Dockerfile block of a page, for sites whose authors write plain code fences.

/** The classes by which generators and highlighters name a Dockerfile block, as their authors write the language. */
const BLOCK = ["dockerfile", "docker", "containerfile"].map((language) => `[class~="language-${language}" i]`).join(", ");

const VERDICTS = ["starts", "fails", "conditional", "unknown", "no-program"];

/** What generators put around a block, with its title, its line numbers and its buttons. */
const BOX = ".highlight, .code-wrapper, figure";

/**
 * Wraps what is there now.
 *
 * A word after the language (```` ```dockerfile,fails ````) is the expected verdict; `editable` is that attribute.
 */
export function wrapAll(root: ParentNode): void {
  for (const marked of root.querySelectorAll(BLOCK)) {
    // Some generators mark the code, some the block, some a box around both.
    const block = marked.closest("pre") ?? (marked.querySelector("pre") ? marked : null);
    if (!block || block.closest("exec-lens")) continue;
    const around = boxOf(block);
    const lens = document.createElement("exec-lens");
    const expected = VERDICTS.find((verdict) => marked.classList.contains(verdict));
    if (expected) lens.setAttribute("expected", expected);
    lens.toggleAttribute("editable", marked.classList.contains("editable"));
    around.replaceWith(lens);
    lens.append(around);
  }
}

/** The outermost box that has this block alone: a table with line numbers is not to be taken apart. */
function boxOf(block: Element): Element {
  let around = block;
  for (let box = block.parentElement?.closest(BOX); box && box.querySelectorAll(BLOCK).length <= 1; box = box.parentElement?.closest(BOX)) around = box;
  return around;
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
