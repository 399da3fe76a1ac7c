/** How the page is built, how much of it there may be, and how its tests run. */
import { gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const BUDGET_KB = 150; // gzip: the scripts that are loaded before the first question can be typed

/** Fails a build whose entry, with all that it imports at once, is over the budget. */
function budget(): Plugin {
  return {
    name: "haedap-budget",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
      const wanted = new Set(chunks.filter((one) => one.isEntry).flatMap((one) => [one.fileName, ...one.imports]));
      for (const name of wanted) {
        for (const chunk of chunks) if (chunk.fileName === name) for (const other of chunk.imports) wanted.add(other);
      }
      const bytes = chunks
        .filter((one) => wanted.has(one.fileName))
        .reduce((sum, one) => sum + gzipSync(one.code).length, 0);
      const kilobytes = bytes / 1_000;
      if (kilobytes > BUDGET_KB) this.error(`${kilobytes.toFixed(0)} KB of scripts are over ${BUDGET_KB} KB (gzip)`);
    },
  };
}

/** While developing, `/admin` is the console, as it is where it is served. */
function operatorsConsole(): Plugin {
  return {
    name: "haedap-console",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (/^\/admin(?![\w.])/.test(request.url ?? "")) request.url = "/admin.html";
        next();
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), budget(), operatorsConsole()],
  build: {
    assetsInlineLimit: 0, // a `data:` address is what a strict content security policy forbids
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: { proxy: { "/v1": process.env["HAEDAP_URL"] ?? "http://127.0.0.1:8080" } },
  test: {
    pool: "threads",
    isolate: false, // files share what they import
    restoreMocks: true,
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    css: false,
    testTimeout: 60_000,
  },
});
