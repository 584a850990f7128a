// The guides for people who put the element into their own docs, as static pages.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { documentOf } from "./document.ts";
import { markdownIt } from "./markdown.ts";

export function guidePages({ guides }: { guides: string }): Plugin {
  return {
    name: "guide-pages",
    apply: "build",
    generateBundle() {
      if (!existsSync(guides)) return;
      for (const file of readdirSync(guides).filter((name) => name.endsWith(".md"))) {
        const locale = file.endsWith(".ja.md") ? "ja" : "en";
        const name = file.replace(/(\.ja)?\.md$/, "");
        const text = readFileSync(join(guides, file), "utf8");
        const title = /^# (.+)$/m.exec(text)?.[1] ?? name;
        // Guides link each other as files of the repository; on the site they are pages.
        const body = `<div class="prose">${markdownIt({ locale }).render(text).replaceAll(/href="([\w-]+)\.md"/g, 'href="$1.html"')}</div>`;
        const root = locale === "ja" ? "../../" : "../";
        this.emitFile({
          type: "asset",
          fileName: `${locale === "ja" ? "ja/" : ""}guides/${name}.html`,
          source: documentOf({ locale, root, other: otherLanguage(locale, name), title, description: title, body }),
        });
      }
    },
  };
}

function otherLanguage(locale: "en" | "ja", name: string) {
  return locale === "ja"
    ? { locale: "en" as const, href: `../../guides/${name}.html` }
    : { locale: "ja" as const, href: `../ja/guides/${name}.html` };
}
