// The frame of the static pages: rules and guides. They need no script at all, and the policy allows none; `connect-src` is
// for those who look at a page from within, and ask for `robots.txt` there.
// The other language is an ordinary link: one in the head would have to be absolute, and the site may stand anywhere.

export interface Document {
  locale: "en" | "ja";
  title: string;
  description: string;
  /** The path from this page to the site's root: `../` or `../../`. */
  root: string;
  /** The same page in the other language, relative to this one. */
  other?: { locale: "en" | "ja"; href: string };
  body: string;
}

const words = {
  en: { home: "Check a Dockerfile", rules: "All messages", other: "English" },
  ja: { home: "Dockerfile を確認する", rules: "メッセージ一覧", other: "日本語" },
};

export function documentOf({ locale, title, description, root, other, body }: Document): string {
  const t = words[locale];
  const rules = locale === "ja" ? "ja/rules/index.html" : "rules/index.html";
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · execlens</title>
<meta name="description" content="${escapeHtml(description)}">
<link rel="icon" href="${root}icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}reading.css">
</head>
<body>
<header class="masthead">
<a class="home" href="${root}${locale === "ja" ? "?lang=ja" : ""}"><img src="${root}icon.svg" alt="" width="28" height="28"> execlens</a>
<nav><a href="${root}${rules}">${t.rules}</a> <a href="${root}${locale === "ja" ? "?lang=ja" : ""}">${t.home}</a>${other ? ` <a href="${other.href}" lang="${other.locale}" hreflang="${other.locale}">${words[other.locale].other}</a>` : ""}</nav>
</header>
<main>
${body}
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
