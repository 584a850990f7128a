import en from "../../locales/en.json" with { type: "json" };
import ja from "../../locales/ja.json" with { type: "json" };

export type Locale = "en" | "ja";
export type Key = keyof typeof en;

/** Looks a sentence of the interface up and fills its `{named}` parts. */
export type Translate = (key: Key, parts?: Record<string, string | number>) => string;

const sentences: Record<Locale, Record<Key, string>> = { en, ja };

export function translator(locale: Locale): Translate {
  return (key, parts = {}) =>
    sentences[locale][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(parts[name] ?? whole));
}

/** The first of the reader's languages that the page speaks. */
export function preferredLocale(languages: readonly string[]): Locale {
  for (const tag of languages) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "ja" || primary === "en") return primary;
  }
  return "en";
}
