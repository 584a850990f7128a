// The two script addresses that this project makes at run time: its worker and its service worker.

interface Policy {
  createScriptURL(url: string): string;
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

let policy: Policy | null = null;

/** The address as a trusted one, where the browser and the page's policy ask for that. */
export function trustedScriptUrl(url: string): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  if (!factory) return url;
  policy ??= factory.createPolicy("execlens", {
    createScriptURL(asked) {
      const { protocol, origin } = new URL(asked, location.href);
      if (protocol !== "blob:" && origin !== new URL(import.meta.url).origin) throw new TypeError(`not ours: ${asked}`);
      return asked;
    },
  });
  return policy.createScriptURL(url);
}
