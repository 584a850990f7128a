import { expect, test } from "vitest";
import { fromFragment } from "../src/lib/share.ts";
import { messagesOf, moduleDocs, renderIndex, renderRule, type RuleSource } from "../build/rule-pages.ts";

const source = `//! # The loader is missing
//!
//! The program asks for a loader that the image does not have. More here.
//!
//! \`\`\`text
//! exec /app: no such file or directory
//! \`\`\`
//!
//! \`\`\`dockerfile,fails
//! FROM <x>
//! \`\`\`

use crate::rules::Rule;
`;

const rule: RuleSource = { name: "missing-interpreter", moment: "kernel", pages: { en: moduleDocs(source), ja: "# ローダーがありません\n\nイメージにありません。続き。\n" } };

test("the documentation of a rule's file is its page", () => {
  const { title, description, html } = renderRule(rule, "en");
  expect(title).toBe("The loader is missing");
  expect(description).toBe("The program asks for a loader that the image does not have.");
  expect(html).toContain('<div class="example fails"><p class="kind">Will not start</p><pre tabindex="0"><code class="language-dockerfile">FROM &lt;x&gt;');
});

test("the other language is the page beside it", () => {
  expect(renderRule(rule, "ja")).toMatchObject({ title: "ローダーがありません", description: "イメージにありません。" });
});

test("the index lists the messages that a page quotes", () => {
  expect(messagesOf(rule.pages.en!)).toEqual(["exec /app: no such file or directory"]);
  expect(renderIndex([rule], "en")).toContain("<samp>exec /app: no such file or directory</samp>");
});

test("an example opens on the page, as a shared link would", async () => {
  const { html } = renderRule(rule, "ja");
  expect(html).not.toContain("#s=");
  const link = /href="\.\.\/(#s=[\w-]+)"/.exec(renderRule(rule, "en").html);
  expect(await fromFragment(link![1]!)).toEqual({ files: [{ path: "Dockerfile", content: "FROM <x>\n" }], options: {} });
});
