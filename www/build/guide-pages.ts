// The guides for people who put the element into their own docs, as static pages.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import type { Plugin } from "vite";
import { documentOf } from "./document.ts";

export function guidePages({ guides }: { guides: string }): Plugin {
  return {
    name: "guide-pages",
    apply: "build",
    generateBundle() {
      if (!existsSync(guides)) return;
      const markdown = new MarkdownIt({ html: false });
      for (const file of readdirSync(guides).filter((name) => name.endsWith(".md"))) {
        const locale = file.endsWith(".ja.md") ? "ja" : "en";
        const name = file.replace(/(\.ja)?\.md$/, "");
        const text = readFileSync(join(guides, file), "utf8");
        const title = /^# (.+)$/m.exec(text)?.[1] ?? name;
        // Guides link each other as files of the repository; on the site they are pages.
        const body = `<div class="prose">${markdown.render(text).replaceAll(/href="([\w-]+)\.md"/g, 'href="$1.html"')}</div>`;
        const root = locale === "ja" ? "../../" : "../";
        this.emitFile({
          type: "asset",
          fileName: `${locale === "ja" ? "ja/" : ""}guides/${name}.html`,
          source: documentOf({ locale, root, title, description: title, body }),
        });
      }
    },
  };
}
