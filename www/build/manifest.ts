import type { ManifestOptions } from "vite-plugin-pwa";

/** What makes the page an installable app that opens Dockerfiles and programs from the file manager. */
export const manifest: Partial<ManifestOptions> & Record<string, unknown> = {
  name: "execlens: will it start?",
  short_name: "execlens",
  description: "Tells whether a program will start in a container image, why not, and what mends it. Works offline; nothing is uploaded.",
  lang: "en",
  start_url: "./",
  scope: "./",
  id: "./",
  display: "standalone",
  background_color: "#f7f6f2",
  theme_color: "#f7f6f2",
  categories: ["developer", "utilities"],
  icons: [
    { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
    { src: "icon-192.png", sizes: "192x192", type: "image/png" },
    { src: "icon-512.png", sizes: "512x512", type: "image/png" },
    { src: "icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
  ],
  screenshots: [
    { src: "screenshots/wide.png", sizes: "1280x800", type: "image/png", form_factor: "wide", label: "A Dockerfile and its verdict" },
    { src: "screenshots/narrow.png", sizes: "390x844", type: "image/png", form_factor: "narrow", label: "The same on a phone" },
  ],
  // The system goes by endings and types: a file that is just called `Dockerfile` or `server` comes by its type, or through
  // the share target, the file chooser or a drop.
  file_handlers: [
    {
      action: "./",
      accept: {
        "text/x-dockerfile": [".dockerfile", ".containerfile"],
        "application/x-executable": [".elf", ".bin", ".so", ".out"],
        "application/x-tar": [".tar"],
        "application/gzip": [".tgz", ".gz"],
        "text/plain": [".txt", ".mod", ".sh"],
      },
    },
  ],
  launch_handler: { client_mode: "focus-existing" },
  share_target: {
    action: "./share",
    method: "POST",
    enctype: "multipart/form-data",
    params: { text: "text", files: [{ name: "files", accept: ["text/plain", "application/octet-stream", "application/x-tar", "application/gzip", "*/*"] }] },
  },
};
