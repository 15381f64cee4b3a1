import { describe, expect, it } from "vitest";
import { reportBackend } from "../../src/node/backends.js";
import { expectNoLeak, useBackend } from "../tensors.js";
import { runCli } from "./run-cli.js";

describe("attacca backends", () => {
  it("lists the engines, says why some don't run, and which one auto takes", async () => {
    const { code, stdout, stderr } = await runCli(["backends", "--seconds", "0", "--threads", "1"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^webgpu +doesn't run here: missing package webgpu.*npm i webgpu$/m);
    expect(stdout).toMatch(
      /^simd +attacca's own engine on WebAssembly SIMD\n +1 thread, build \S+, up to [\d.]+ GiB/m,
    );
    expect(stdout).toMatch(/^cpu +TensorFlow.js in plain JavaScript/m);
    expect(stdout).toMatch(/\nauto takes simd: .*the fastest that runs here; .*webgpu/);
    expect(stdout).not.toContain("tokens/s");
  });

  it("gives the same as JSON", async () => {
    const { stdout } = await runCli(["backends", "--seconds", "0", "--json"]);
    const { backends, auto } = JSON.parse(stdout) as {
      backends: { name: string; runs: boolean }[];
      auto: string;
    };
    expect(auto).toBe("simd");
    expect(Object.fromEntries(backends.map(({ name, runs }) => [name, runs]))).toMatchObject({
      webgpu: false,
      simd: true,
      wasm: true,
      cpu: true,
    });
  });

  it("measures an engine", async () => {
    await useBackend("simd");
    const report = await expectNoLeak(() => reportBackend("simd", { seconds: 0.01, threads: 1 }));
    expect(report).toMatchObject({ name: "simd", runs: true });
    expect(report.training).toBeGreaterThan(0);
    expect(report.generating).toBeGreaterThan(0);
  });
});
