/** How the page is built, and how its tests run. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react(), tailwindcss()],
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
    testTimeout: 30_000,
  },
});
