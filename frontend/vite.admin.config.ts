/** How the operators' console and the API's own page are built: after the page, and apart from it, so that none holds what another needs. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  publicDir: false,
  build: {
    emptyOutDir: false, // the page is there
    assetsInlineLimit: 0, // a `data:` address is what a strict content security policy forbids
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: { input: ["admin.html", "docs.html"] },
    chunkSizeWarningLimit: 1_600, // in KB: Swagger UI is one file of theirs
  },
});
