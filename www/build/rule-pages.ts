// One static page per rule and language, and an index by message, from the files of the rules themselves.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "vite";
import { documentOf, escapeHtml } from "./document.ts";
import { markdownIt } from "./markdown.ts";

/** The moments of a start, in the order in which they come. */
const MOMENTS = ["build", "engine", "kernel", "loader", "runtime"] as const;
type Moment = (typeof MOMENTS)[number];
type Locale = "en" | "ja";

export interface RuleSource {
  name: string;
  moment: Moment;
  pages: Partial<Record<Locale, string>>;
}

const momentWords: Record<Locale, Record<Moment, string>> = {
  en: {
    build: "While the image is built",
    engine: "Before the program is executed",
    kernel: "When the kernel executes it",
    loader: "While its libraries are loaded",
    runtime: "Soon after it has started",
  },
  ja: {
    build: "イメージのビルド中",
    engine: "プログラムが実行される前",
    kernel: "カーネルが実行するとき",
    loader: "ライブラリーの読み込み中",
    runtime: "起動した直後",
  },
};

const words = {
  en: {
    title: "Messages, what they mean and what mends them",
    lead: "Look for the words that your terminal printed. Each leads to why it happens and to what mends it.",
    check: "Check your Dockerfile for this",
    try: "Try this example",
  },
  ja: {
    title: "エラーメッセージの意味と修正方法",
    lead: "ターミナルに表示された文言を探してください。原因と修正方法を説明しています。",
    check: "Dockerfile をこのルールで確認する",
    try: "この例を試す",
  },
};

/** Reads the rules; a file without documentation is no rule. */
export function readRules(folder: string): RuleSource[] {
  return MOMENTS.flatMap((moment) => {
    const inside = join(folder, moment);
    if (!existsSync(inside)) return [];
    return readdirSync(inside)
      .filter((file) => file.endsWith(".rs") && file !== "mod.rs")
      .sort()
      .flatMap((file): RuleSource[] => {
        const source = readFileSync(join(inside, file), "utf8");
        // Only what registers itself as a rule has a page; a file of helpers beside them has none.
        if (!/\bstatic\s+\w*RULE\w*\s*:\s*(?:\w+::)*Rule\b/.test(source)) return [];
        const en = moduleDocs(source);
        const japanese = join(inside, file.replace(/\.rs$/, ".ja.md"));
        return [{
          name: basename(file, ".rs").replaceAll("_", "-"),
          moment,
          pages: { ...(en !== "" && { en }), ...(existsSync(japanese) && { ja: readFileSync(japanese, "utf8") }) },
        }];
      });
  });
}

/** The `//!` lines at the head of a Rust file. */
export function moduleDocs(source: string): string {
  const lines: string[] = [];
  for (const line of source.split("\n")) {
    const doc = /^\/\/! ?(.*)$/.exec(line);
    if (!doc) break;
    lines.push(doc[1]!);
  }
  return lines.join("\n").trim();
}

/** A page's title and body; a page without a heading is headed by its rule's name. */
export function renderRule(rule: RuleSource, locale: Locale): { title: string; description: string; html: string } {
  const page = rule.pages[locale] ?? rule.pages.en ?? "";
  const heading = /^# (.+)$/m.exec(page);
  const text = heading ? page.replace(heading[0], "").trim() : page;
  const title = heading ? heading[1]!.replaceAll("`", "") : rule.name;
  const description = firstSentence(text);
  const site = locale === "ja" ? "../../?lang=ja" : "../";
  const markdown = markdownIt({ locale, tryIt: { root: site, words: words[locale].try } });
  const fallback = rule.pages[locale] ? "" : ` lang="en"`;
  const html = `<p class="moment">${momentWords[locale][rule.moment]} · <code>${rule.name}</code></p>
<h1>${markdown.renderInline(heading ? heading[1]! : `\`${rule.name}\``)}</h1>
<div class="prose"${fallback}>
${markdown.render(text)}</div>`;
  return { title, description, html };
}

/** The messages that a page quotes: the fences without a language, or marked as text. */
export function messagesOf(page: string): string[] {
  return [...page.matchAll(/^```(?:text|console)?\n([\s\S]*?)^```/gm)]
    .flatMap((fence) => fence[1]!.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("$") && !line.startsWith("#"));
}

export function renderIndex(rules: readonly RuleSource[], locale: Locale): string {
  const markdown = markdownIt({ locale });
  const groups = MOMENTS.map((moment) => {
    const inside = rules.filter((rule) => rule.moment === moment);
    if (inside.length === 0) return "";
    const items = inside.map((rule) => {
      const { title, description } = renderRule(rule, locale);
      const messages = messagesOf(rule.pages.en ?? "").slice(0, 3).map((message) => `<samp>${escapeHtml(message)}</samp>`).join("");
      return `<li><a href="${rule.name}.html">${escapeHtml(title)}</a><p>${markdown.renderInline(description)}</p>${messages}</li>`;
    });
    return `<section><h2>${momentWords[locale][moment]}</h2>\n<ul class="messages">\n${items.join("\n")}\n</ul></section>`;
  });
  return `<h1>${words[locale].title}</h1>\n<p class="lead">${words[locale].lead}</p>\n${groups.join("\n")}`;
}

function firstSentence(page: string): string {
  const paragraph = page.split(/\n\s*\n/).find((part) => !/^(#|```|[-*] |\d+\. )/.test(part.trim())) ?? "";
  const text = paragraph.replaceAll("\n", " ").trim();
  return /^.+?(?:[.!?](?=\s|$)|。)/.exec(text)?.[0] ?? text;
}

export function rulePages({ rules: folder, styles }: { rules: string; styles: string[] }): Plugin {
  return {
    name: "rule-pages",
    apply: "build",
    buildStart() {
      for (const style of styles) this.addWatchFile(style);
    },
    generateBundle() {
      const rules = readRules(folder);
      const emit = (fileName: string, source: string) => this.emitFile({ type: "asset", fileName, source });
      emit("reading.css", styles.map((style) => readFileSync(style, "utf8")).join("\n"));
      for (const locale of ["en", "ja"] as const) {
        const base = locale === "ja" ? "ja/rules" : "rules";
        const root = locale === "ja" ? "../../" : "../";
        const other = (name: string) => locale === "ja"
          ? { locale: "en" as const, href: `../../rules/${name}.html` }
          : { locale: "ja" as const, href: `../ja/rules/${name}.html` };
        emit(`${base}/index.html`, documentOf({
          locale, root, other: other("index"), title: words[locale].title, description: words[locale].lead, body: renderIndex(rules, locale),
        }));
        for (const rule of rules) {
          const { title, description, html } = renderRule(rule, locale);
          const body = `${html}\n<p class="call"><a href="${root}${locale === "ja" ? "?lang=ja" : ""}">${words[locale].check}</a></p>`;
          emit(`${base}/${rule.name}.html`, documentOf({ locale, root, other: other(rule.name), title, description, body }));
        }
      }
    },
  };
}
