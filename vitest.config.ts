import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Those need a browser (npm run test:web) or WebGPU (npm run test:webgpu).
    exclude: ["test/web/**", "test/webgpu/**"],
    setupFiles: ["test/setup.ts"],
    // A hang is a failure, but no test asserts on time: the limit is far above any honest run.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Training in workers and child processes would fight over two cores otherwise.
    maxWorkers: 2,
  },
});
