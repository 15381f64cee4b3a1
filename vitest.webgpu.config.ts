import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/*
 * The tests on a GPU, or on SwiftShader, a GPU in software that comes with Chromium, unless ATTACCA_GPU=1 asks for the
 * machine's own. Node's WebGPU is installed for them outside of the package's dependencies: scripts/install-webgpu.mjs.
 */
const env = process.env;
env.ATTACCA_WEBGPU ??= resolve("build/webgpu/node_modules/webgpu");
if (!existsSync(env.ATTACCA_WEBGPU)) {
  throw new Error(
    `no package webgpu in ${env.ATTACCA_WEBGPU}. Install it with: node scripts/install-webgpu.mjs`,
  );
}
if (env.ATTACCA_GPU !== "1") {
  // Set before the workers start: the loader of libraries reads its path then.
  const folder = resolve(env.CHROMIUM ?? "/usr/bin/chromium", "../../lib/chromium");
  env.VK_ICD_FILENAMES ??= `${folder}/vk_swiftshader_icd.json`;
  env.LD_LIBRARY_PATH = [env.LD_LIBRARY_PATH, folder].filter(Boolean).join(":");
}

export default defineConfig({
  test: {
    include: ["test/webgpu/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
  },
});
