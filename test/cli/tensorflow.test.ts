import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attacca-tensorflow-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const asked = ["bench", "decode", "--backend", "tensorflow"];

it("says what to install where TensorFlow's package isn't there", async () => {
  const { code, stderr } = await runCli(asked, { cwd: folder });
  expect(code).toBe(1);
  expect(stderr).toContain("missing backend tensorflow");
  expect(stderr).toContain("npm install @tensorflow/tfjs-node-gpu");
  expect(stderr).toContain("CUDA 11.2");
  expect(stderr).not.toContain("    at ");
});

it("finds the package from the working folder, and says why it doesn't load", async () => {
  const home = join(folder, "node_modules", "@tensorflow", "tfjs-node");
  await mkdir(home, { recursive: true });
  await writeFile(join(home, "package.json"), '{"name": "@tensorflow/tfjs-node", "main": "index.js"}');
  await writeFile(join(home, "index.js"), 'throw new Error("libtensorflow.so.2: cannot open\\nmore");');
  const { code, stderr } = await runCli(asked, { cwd: folder });
  expect(code).toBe(1);
  expect(stderr).toContain("unsupported backend tensorflow (@tensorflow/tfjs-node on Node ");
  expect(stderr).toContain("libtensorflow.so.2: cannot open");
  expect(stderr).toContain("docs/tensorflow.md");
  expect(stderr).not.toContain("    at ");
});
