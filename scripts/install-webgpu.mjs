// Installs Node's WebGPU (the npm package `webgpu`) into build/webgpu, for the tests that need it. It isn't a dependency
// of this project, as it has an install script; that script (it takes a mark of quarantine off on macOS) isn't run.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

const VERSION = "0.6.2";
const folder = "build/webgpu";
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true }));
execFileSync(
  process.platform === "win32" ? "npm.cmd" : "npm",
  ["install", "--ignore-scripts", "--no-audit", "--no-fund", `webgpu@${VERSION}`],
  { cwd: folder, stdio: "inherit" },
);
