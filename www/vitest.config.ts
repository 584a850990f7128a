import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/**/*.test.ts"] } },
      {
        // The journeys stand with the other tests of the project and use the packages that are installed here.
        resolve: {
          alias: {
            "playwright-core": here("node_modules/playwright-core/index.mjs"),
            ws: here("node_modules/ws/wrapper.mjs"),
          },
        },
        server: { fs: { allow: [here("..")] } },
        test: {
          name: "browser",
          root: here(".."),
          include: ["tests/browser/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
