import { html, type TemplateResult } from "lit";
import type { Locale } from "../../lib/locale.ts";
import type { App } from "../app.ts";
import type { Theme } from "../state.ts";
import { icon, type IconName } from "./icons.ts";

const themes: { theme: Theme; icon: IconName }[] = [
  { theme: "auto", icon: "auto" },
  { theme: "light", icon: "sun" },
  { theme: "dark", icon: "moon" },
];

const languages: { locale: Locale; name: string }[] = [
  { locale: "en", name: "English" },
  { locale: "ja", name: "日本語" },
];

export function header(app: App): TemplateResult {
  const { state, t } = app;
  return html`
    <header class="masthead">
      <a class="skip" href="#main">${t("skip")}</a>
      <div class="brand">
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
          <circle cx="14" cy="14" r="10"/><path d="M21.5 21.5 28 28"/><path class="prompt" d="M10 10.5 13.5 14 10 17.5M15 17.5h4"/>
        </svg>
        <h1>execlens <span class="tagline">${t("tagline")}</span></h1>
      </div>
      <nav class="settings" aria-label=${t("settings")}>
        <a class="link" href=${state.locale === "ja" ? "ja/rules/index.html" : "rules/index.html"}>${t("rules.link")}</a>
        <div class="switch" role="group" aria-label=${t("language")}>
          ${languages.map(({ locale, name }) => html`
            <button lang=${locale} aria-pressed=${state.locale === locale} @click=${() => app.setLocale(locale)}>${name}</button>`)}
        </div>
        <div class="switch" role="group" aria-label=${t("theme")}>
          ${themes.map(({ theme, icon: name }) => html`
            <button aria-pressed=${state.theme === theme} aria-label=${t(`theme.${theme}`)} title=${t(`theme.${theme}`)} @click=${() => app.setTheme(theme)}>${icon(name)}</button>`)}
        </div>
      </nav>
    </header>`;
}

export function footer(app: App): TemplateResult {
  const { t, state } = app;
  return html`
    <footer class="colophon">
      <p>${t("footer.privacy")}</p>
      <p>
        <a href=${state.locale === "ja" ? "ja/rules/index.html" : "rules/index.html"}>${t("footer.rules")}</a>
        <a href=${state.locale === "ja" ? "ja/guides/index.html" : "guides/index.html"}>${t("footer.embed")}</a>
        ${state.report ? html`<span>execlens ${state.report.version}</span>` : ""}
      </p>
    </footer>`;
}
