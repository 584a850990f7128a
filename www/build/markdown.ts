import { deflateRawSync } from "node:zlib";
import MarkdownIt from "markdown-it";

/** Reads Markdown as the static pages show it: no markup of its own, and code that can be scrolled by keyboard. */
export function markdownIt(tryIt?: { root: string; words: string }): ReturnType<typeof MarkdownIt> {
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
  const fence = markdown.renderer.rules.fence!;
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]!;
    // `dockerfile,fails`: the tests read the mark, the reader sees it as a colour and in the words around.
    const [language = "", ...marks] = token.info.split(",").map((word) => word.trim());
    token.info = language;
    const kind = marks.find((mark) => mark === "fails" || mark === "starts" || mark === "conditional");
    const html = fence(tokens, index, options, env, self).replace("<pre>", '<pre tabindex="0">');
    if (!kind) return html;
    const link = tryIt ? `<p class="try"><a href="${tryIt.root}${fragmentOf(token.content)}">${tryIt.words}</a></p>` : "";
    return `<div class="example ${kind}">${html}${link}</div>\n`;
  };
  return markdown;
}

/** The address of a Dockerfile on the page, as `src/lib/share.ts` reads it. */
function fragmentOf(content: string): string {
  const json = JSON.stringify({ v: 1, files: [{ path: "Dockerfile", content }], options: {} });
  return `#s=${deflateRawSync(json, { level: 9 }).toString("base64url")}`;
}
