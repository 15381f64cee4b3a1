import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tokenize } from "#built/node/index.js";
import { openTab, type Tab } from "../../scripts/web/tab.js";
import { chooseBackend } from "../../src/node/backend.js";
import { writeDataset } from "../../src/node/dataset.js";
import { trainRun } from "../../src/node/train.js";
import type { TrainRunOptions } from "../../src/run/index.js";
import type { TrainEvent } from "../../src/studio/protocol.js";
import { createTokenizer, pipelineConfig } from "../../src/tokens/index.js";
import { dropped, runStudio } from "./studio-tab.js";

const tunes = dropped("data/tunes", "tunes");
const options: Partial<TrainRunOptions> = {
  layers: 2,
  heads: 2,
  width: 32,
  context: 64,
  batchSize: 4,
  steps: 8,
  evalEvery: 4,
  saveEvery: 4,
  evalBatches: 2,
  label: "tunes",
};
const request = { tokenizer: "remi", options, sample: { bars: 1, seed: 2 } };

/** What a run says of its losses. */
interface Losses {
  readonly steps: readonly number[];
  readonly evaluations: readonly number[];
}

let folder: string;
let expected: Losses;
beforeAll(async () => {
  // The build that every Node can run, so that its bits can be compared with a tab's.
  await chooseBackend("simd", { build: "shared-plain", threads: 2 });
  folder = await mkdtemp(join(tmpdir(), "attacca-studio-"));
  const { dataset } = await tokenize({
    paths: ["data/tunes"],
    tokenizer: createTokenizer("remi", pipelineConfig).toJSON(),
    preparation: { align: "none" },
    workers: 1,
  });
  await writeDataset(join(folder, "data"), dataset.files, { force: false });
  expected = await trainInNode("data", "run", {});
});
afterAll(() => rm(folder, { recursive: true }));

async function trainInNode(
  data: string,
  out: string,
  more: { resume?: boolean; steps?: number },
): Promise<Losses> {
  const steps: number[] = [];
  const evaluations: number[] = [];
  const { resume, ...changed } = more;
  const given = resume ? changed : { ...options, ...changed };
  const run = {
    data: join(folder, data),
    out: join(folder, out),
    options: { ...given, backend: "simd" },
    resume,
  };
  for await (const event of trainRun(run)) {
    if (event.type === "step") steps.push(event.loss);
    if (event.type === "evaluation") evaluations.push(event.validationLoss);
  }
  return { steps, evaluations };
}

function lossesOf(events: readonly TrainEvent[]): Losses {
  return {
    steps: events.flatMap((event) => (event.kind === "step" ? [event.record.loss] : [])),
    evaluations: events.flatMap((event) => (event.kind === "evaluation" ? [event.validationLoss] : [])),
  };
}

async function withStudio<Result>(
  setup: { isolated: boolean; build?: string },
  call: (tab: Tab) => Promise<Result>,
): Promise<Result> {
  const tab = await openTab(setup);
  try {
    await runStudio(tab, "start", { version: "0.1.0", threads: 2, build: setup.build });
    return await call(tab);
  } finally {
    await tab.close();
  }
}

describe("training in a tab", () => {
  it.each([
    { isolated: true, build: "shared-plain" },
    { isolated: false, build: "single-plain" },
  ])("gives Node's losses bit for bit, step by step and at evaluations ($build)", async (setup) => {
    await withStudio(setup, async (tab) => {
      const { result, events } = await runStudio(tab, "train", request, { files: tunes });
      expect(lossesOf(events)).toEqual(expected);
      expect(expected.steps).toHaveLength(8);
      expect(expected.evaluations).toHaveLength(2);
      expect(result).toMatchObject({ reason: "finished", step: 8 });
      expect(events.filter(({ kind }) => kind === "sample")).toHaveLength(2);
    });
  });

  it("gives nearly the same with fused multiply-add, which rounds once where the plain build rounds twice", async () => {
    const found = await withStudio({ isolated: true, build: "shared-relaxed" }, async (tab) => {
      const { events } = await runStudio(tab, "train", request, { files: tunes });
      return lossesOf(events);
    });
    for (const [step, loss] of expected.steps.entries()) {
      expect(Math.abs(found.steps[step] / loss - 1), `step ${step + 1}`).toBeLessThan(1e-5);
    }
  });

  it("stops and goes on as if it never had, and gives its model to generate with", async () => {
    await withStudio({ isolated: true, build: "shared-plain" }, async (tab) => {
      const isStep = ({ kind }: TrainEvent) => kind === "step";
      const first = await runStudio(tab, "train", request, { files: tunes, stopAfter: tunes.length + 3 });
      expect(first.result.reason).toBe("interrupted");
      const done = first.events.filter(isStep).length;
      expect(done).toBeGreaterThan(0);
      expect(done).toBeLessThan(8);
      await runStudio(tab, "useTrained", { name: "so far" });
      const rest = await runStudio(tab, "train", { ...request, goOn: true }, { files: [] });
      expect(lossesOf([...first.events, ...rest.events])).toEqual(expected);
      const { result } = await runStudio(tab, "useTrained", { name: "tunes" });
      expect(result).toMatchObject({ name: "tunes", tokenizer: "remi", width: 32, contextLength: 64 });
    });
  });

  it("generates while it trains, and trains one model at a time", async () => {
    await withStudio({ isolated: true }, async (tab) => {
      await runStudio(
        tab,
        "open",
        { name: "chorales" },
        { files: dropped("checkpoints/chorales", "chorales") },
      );
      const long = { ...request, options: { ...options, steps: 100_000, evalEvery: 100_000 } };
      const training = runStudio(tab, "train", long, { files: tunes, stopAfter: tunes.length + 60 });
      const second = expect(runStudio(tab, "train", request, { files: tunes })).rejects.toThrow(
        /invalid training: one that is going on/,
      );
      const settings = { bars: 1, temperature: 1, topP: 1, seed: 1, decode: "cached" };
      expect((await runStudio(tab, "continue", settings)).result.stopped).toBe("bars");
      await second;
      expect((await training).result.reason).toBe("interrupted");
    });
  });

  it("downloads a run that Node generates with and resumes", async () => {
    const files = await withStudio({ isolated: true, build: "shared-plain" }, async (tab) => {
      await runStudio(tab, "train", request, { files: tunes });
      const { result } = await runStudio(tab, "zipTrained", { name: "mine" });
      const zip = result as unknown as string;
      // The zip is also a checkpoint that the studio opens.
      const opened = await runStudio(
        tab,
        "open",
        { name: "again" },
        { files: [{ path: "mine.zip", base64: zip }] },
      );
      expect(opened.result).toMatchObject({ width: 32 });
      return unzipSync(Buffer.from(zip, "base64"));
    });
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    const longer = { resume: true, steps: 12 };
    expect(await trainInNode("mine-dataset", "mine", longer)).toEqual(
      await trainInNode("data", "run", longer),
    );
  });
});

describe("training that can't be done in a tab", () => {
  let tab: Tab;
  beforeAll(async () => {
    tab = await openTab({ isolated: true });
    await runStudio(tab, "start", { version: "0.1.0" });
  });
  afterAll(() => tab.close());
  const text = btoa("this is no MIDI file");
  it.each([
    ["no files", [], {}, /training data: no MIDI files/],
    ["no MIDI", [{ path: "a.mid", base64: text }], {}, /none of 1 files could be encoded/],
    [
      "a context that is longer than the music",
      tunes.slice(0, 1),
      { context: 100_000 },
      /train split|context/,
    ],
    ["heads that don't divide the width", tunes.slice(0, 1), { heads: 5 }, /width.*multiple/],
    [
      "more than memory holds",
      tunes,
      { width: 8192, heads: 2, layers: 40 },
      /this model and batch.*at most in a tab/,
    ],
  ] as const)("says so: %s", async (_, files, changed, message) => {
    const run = runStudio(tab, "train", { ...request, options: { ...options, ...changed } }, { files });
    await expect(run).rejects.toThrow(message);
  });

  it("passes over files that it can't read, names them, and trains on the rest", async () => {
    const files = [...tunes.slice(0, 3), { path: "tunes/broken.mid", base64: text }];
    const { result, events } = await runStudio(
      tab,
      "train",
      { ...request, options: { ...options, steps: 1 } },
      { files },
    );
    const start = events.find(({ kind }) => kind === "start");
    expect(start).toMatchObject({ skipped: [{ source: "broken.mid", kind: "unreadable" }] });
    expect(result.info).toMatchObject({ trainPieces: 2, validationPieces: 1 });
  });

  it("ends where the loss runs away, keeps the last good checkpoint, and won't go on", async () => {
    const wild = { ...options, steps: 400, learningRate: 1000, warmupSteps: 0, saveEvery: 1, clip: 0 };
    const { result } = await runStudio(tab, "train", { ...request, options: wild }, { files: tunes });
    expect(result.reason).toBe("diverged");
    await expect(runStudio(tab, "train", { ...request, goOn: true }, { files: [] })).rejects.toThrow(
      /invalid training: one whose loss ran away/,
    );
    expect((await runStudio(tab, "useTrained", { name: "good" })).result.name).toBe("good");
  });
});
