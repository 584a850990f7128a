// Examples one click away. The first is the case that this project began with.
import type { Options } from "../src/app/state.ts";
import type { PageFile } from "../src/lib/files.ts";
import entrypoint from "./entrypoint.sh?raw";
import platform from "./platform.Dockerfile?raw";
import rust from "./rust.Dockerfile?raw";
import script from "./script.Dockerfile?raw";
import seed from "./seed.Dockerfile?raw";
import shell from "./shell.Dockerfile?raw";

export interface Example {
  name: "seed" | "rust" | "script" | "platform" | "shell" | "message";
  files: PageFile[];
  message?: string;
  options?: Partial<Options>;
}

const dockerfile = (content: string): PageFile => ({ path: "Dockerfile", content });

export const examples: readonly Example[] = [
  { name: "seed", files: [dockerfile(seed)] },
  { name: "rust", files: [dockerfile(rust)] },
  { name: "script", files: [dockerfile(script), { path: "entrypoint.sh", content: entrypoint }] },
  { name: "platform", files: [dockerfile(platform)], options: { platform: "linux/arm64", buildPlatform: "linux/amd64" } },
  { name: "shell", files: [dockerfile(shell)] },
  { name: "message", files: [dockerfile("")], message: 'standard_init_linux.go:211: exec user process caused "no such file or directory"' },
];
