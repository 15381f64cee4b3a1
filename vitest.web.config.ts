import { defineConfig } from "vitest/config";

// The tests that need Chromium (CHROMIUM names its program; /usr/bin/chromium unless set).
export default defineConfig({
  test: {
    include: ["test/web/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    globalSetup: ["test/web/build.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
