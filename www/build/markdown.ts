import { deflateRawSync } from "node:zlib";
import MarkdownIt from "markdown-it";

const kinds = {
  en: { fails: "Will not start", starts: "Starts", conditional: "It depends" },
  ja: { fails: "起動しません", starts: "起動します", conditional: "条件によります" },
};

/** Reads Markdown as the static pages show it: no markup of its own, and code that can be scrolled by keyboard. */
export function markdownIt({ locale, tryIt }: { locale: "en" | "ja"; tryIt?: { root: string; words: string } }): ReturnType<typeof MarkdownIt> {
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
  // One sentence per line in the source; Japanese has no space between two of them.
  if (locale === "ja") markdown.renderer.rules.softbreak = () => "";
  const fence = markdown.renderer.rules.fence!;
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]!;
    // `dockerfile,fails`: the tests read the mark, the reader sees it as a colour and in the words around.
    const [language = "", ...marks] = token.info.split(",").map((word) => word.trim());
    token.info = language;
    const kind = marks.find((mark): mark is keyof typeof kinds.en => mark in kinds.en);
    const plain = language === "text" || language === "console" ? ' class="terminal"' : "";
    const html = fence(tokens, index, options, env, self).replace("<pre>", `<pre tabindex="0"${plain}>`);
    if (!kind) return html;
    const link = tryIt ? `<p class="try"><a href="${tryIt.root}${fragmentOf(token.content)}">${tryIt.words}</a></p>` : "";
    return `<div class="example ${kind}"><p class="kind">${kinds[locale][kind]}</p>${html}${link}</div>\n`;
  };
  return markdown;
}

/** The address of a Dockerfile on the page, as `src/lib/share.ts` reads it. */
function fragmentOf(content: string): string {
  const json = JSON.stringify({ v: 1, files: [{ path: "Dockerfile", content }], options: {} });
  return `#s=${deflateRawSync(json, { level: 9 }).toString("base64url")}`;
}
