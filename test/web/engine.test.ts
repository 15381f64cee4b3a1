import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTab, type Tab } from "../../scripts/web/tab.js";
import { disposeParameters, initialParameters, modelConfig, parameterValues } from "../../src/model/index.js";
import { chooseBackend } from "../../src/node/backend.js";
import { tinyConfig, tinyParameters } from "../generate/tiny-model.js";
import { randomIds, rowsOf } from "../tensors.js";
import { runJob } from "./jobs.js";
import { runInTab, type Setup, type Started, setups, startTab } from "./setups.js";

/** Uses a tab for one test. */
async function inTab<Result>(setup: Setup, call: (tab: Tab & { started: Started }) => Promise<Result>) {
  const tab = await startTab(setup);
  try {
    return await call(tab);
  } finally {
    await tab.close();
  }
}

beforeAll(async () => {
  // The build that every Node can run, so that its bits can be compared with a tab's.
  await chooseBackend("simd", { build: "shared-plain", threads: 1 });
});

describe("a training pass in a tab", () => {
  const config = modelConfig({
    vocab_size: 67,
    n_positions: 40,
    n_embd: 48,
    n_layer: 2,
    n_head: 3,
    attn_pdrop: 0.1,
    resid_pdrop: 0.1,
    embd_pdrop: 0.1,
  });
  const ids = rowsOf(randomIds("a training pass", [5, 40], 67));
  const job = async () => {
    const parameters = initialParameters(config, 1);
    const values = Object.fromEntries(await parameterValues(parameters));
    disposeParameters(parameters);
    return { config, values, ids, targets: ids, training: { seed: 1, step: 1 } };
  };

  it.each(["relaxed", "plain"] as const)(
    "gives the same bits for any number of threads, and without isolation (%s build)",
    async (speed) => {
      const pass = await job();
      const bits = (setup: Omit<Setup, "name">) =>
        inTab({ name: "", ...setup }, async (tab) => ({
          threads: tab.started.threads,
          ...(await runInTab(tab, "gradients", pass)),
        }));
      const one = await bits({ isolated: false, build: `single-${speed}` });
      expect(one.threads).toBe(1);
      expect(Number.isFinite(one.loss[0])).toBe(true);
      for (const threads of [1, 2, 5]) {
        const found = await bits({ isolated: true, threads, build: `shared-${speed}` });
        expect(found).toEqual({ ...one, threads });
      }
      if (speed === "plain") expect(one).toEqual({ threads: 1, ...(await runJob("gradients", pass)) });
    },
  );
});

describe("generating in a tab", () => {
  const samplers = {
    greedy: { greedy: true, count: 1, seed: 0 },
    sampled: { temperature: 1.1, topK: 12, topP: 0.95, count: 3, seed: 7 },
  };
  const job = async (sampler: keyof typeof samplers, decode: "cached" | "recompute") => {
    const parameters = tinyParameters();
    const values = Object.fromEntries(await parameterValues(parameters));
    disposeParameters(parameters);
    return {
      config: tinyConfig,
      values,
      prompt: [1, 5, 0, 7, 3],
      maxTokens: 60,
      decode,
      ...samplers[sampler],
    };
  };

  it.each(setups)("gives Node's ids, greedy and sampled, cached and recomputed, in $name", async (setup) => {
    await inTab(setup, async (tab) => {
      for (const sampler of ["greedy", "sampled"] as const) {
        for (const decode of ["cached", "recompute"] as const) {
          const options = await job(sampler, decode);
          const expected = await runJob("generate", options);
          expect(expected.map(({ length }) => length)).toEqual(Array(options.count).fill(60));
          expect(await runInTab(tab, "generate", options), `${sampler}, ${decode}`).toEqual(expected);
        }
      }
    });
  });
});

describe.each([{ isolated: true }, { isolated: false }])("a page (isolated: $isolated)", ({ isolated }) => {
  let tab: Tab;
  beforeAll(async () => {
    tab = await openTab({ isolated });
  });
  afterAll(() => tab.close());

  it("says where the engine may run when its own thread starts it, and computes with another one", async () => {
    expect(await tab.call("startHere")).toMatch(/^unsupported: .*simd engine.*expected a dedicated worker/);
    expect(await tab.call("chooseHere")).toMatchObject({ name: expect.stringMatching(/^(wasm|cpu)$/) });
  });

  it("names the file that it can't fetch", async () => {
    const start = tab.run("start", { wasmBase: "/elsewhere" });
    await expect(start).rejects.toThrow(
      /^.*missing: .*module.*the server answers 404.*\/elsewhere\/\w+-\w+\.wasm/,
    );
  });

  it(isolated ? "says so when a thread can't be loaded" : "refuses to share memory", async () => {
    const start = tab.run(
      "start",
      isolated ? { threads: 2, brokenThreads: true } : { build: "shared-plain" },
    );
    await expect(start).rejects.toThrow(
      isolated
        ? /missing: .*thread of the simd engine.*couldn't be loaded/
        : /unsupported: .*shared-plain.*without cross-origin isolation.*Cross-Origin-Opener-Policy/,
    );
  });

  it("starts, after all that, with the fastest build that runs here, and once", async () => {
    expect(await tab.run("choose", "auto")).toMatchObject({
      name: "simd",
      why: expect.stringContaining("fastest"),
    });
    const started = await tab.run<Started>("start", { threads: 7 });
    expect(started.isolated).toBe(isolated);
    expect(started.build).toMatch(isolated ? /^shared-(relaxed|plain)$/ : /^single-(relaxed|plain)$/);
    if (!isolated) expect(started.threads).toBe(1);
  });
});
