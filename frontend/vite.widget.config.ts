/** How the widget's loader is built: one small classic script with a name that never changes. After the page. */
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

export const MOST_BYTES = 6 * 1024;

const budget: Plugin = {
  name: "haedap-widget-budget",
  generateBundle(_, bundle) {
    for (const made of Object.values(bundle)) {
      const bytes = gzipSync(made.type === "chunk" ? made.code : made.source).length;
      if (bytes > MOST_BYTES) this.error(`${made.fileName} has ${bytes} bytes of gzip, more than ${MOST_BYTES}`);
    }
  },
};

export default defineConfig({
  plugins: [budget],
  publicDir: false,
  build: {
    emptyOutDir: false, // the page is there
    target: "es2022",
    rollupOptions: {
      input: "src/widget/loader.ts",
      output: { format: "iife", entryFileNames: "widget.js" },
    },
  },
});
