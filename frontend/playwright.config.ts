/** Browser tests with the system's Chromium: none is ever downloaded. */
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const USUAL = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
];
const chromium = process.env["CHROMIUM"] ?? USUAL.find((path) => existsSync(path));
if (chromium === undefined) throw new Error(`no Chromium: none of ${USUAL.join(", ")}; CHROMIUM may name another`);

export default defineConfig({
  testDir: "e2e",
  outputDir: "node_modules/.playwright",
  globalSetup: "./e2e/globalSetup.ts",
  globalTimeout: 10 * 60_000,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "ko-KR",
    timezoneId: "Asia/Seoul",
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: chromium, args: ["--no-sandbox", "--disable-dev-shm-usage"] },
    trace: "off",
  },
  // Pictures and figures are made when they are asked for
  projects: [
    { name: "tests", testMatch: "*.spec.ts" },
    { name: "screenshots", testMatch: "screenshots.ts" },
    { name: "measure", testMatch: "measure.ts" },
  ],
});
