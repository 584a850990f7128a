import type { App } from "./app.ts";

/** Copies a text and says so; also where the page is served without TLS, and the browser offers only the old way. */
export async function copyText(app: App, text: string, done: string): Promise<void> {
  app.notify((await written(text)) ? done : app.t("copy.failed"));
}

async function written(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "hidden";
    const before = document.activeElement as HTMLElement | null;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    before?.focus();
    return copied;
  }
}
