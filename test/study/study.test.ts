import { describe, expect, it } from "vitest";
import type { Score } from "../../src/midi/index.js";
import { randomStream } from "../../src/random.js";
import {
  arms,
  count3,
  count3Sequence,
  distances,
  everything,
  musicStatistics,
  outerSteps,
  pairedDifference,
  plan,
  pointerSequence,
  pointerVocabulary,
  stepsOf,
  trainingFlops,
  voiceRanges,
} from "../../src/study/index.js";
import { createTokenizer } from "../../src/tokens/index.js";
import { curvePlot, intervalPlot } from "../../src/view/index.js";

describe("the paired bootstrap", () => {
  const noise = randomStream(1, "noise");
  const tokens = Array.from({ length: 60 }, () => 20 + noise.below(30));
  const hardness = tokens.map(() => 1 + 2 * noise.uniform());
  /** A run whose loss is `shift` above the pieces' own, with a little noise. */
  const run = (shift: number) => ({
    tokens,
    nll: tokens.map((count, i) => count * (hardness[i] + shift + 0.05 * noise.normal())),
  });

  it("finds a small difference under a large one between pieces, and its size", () => {
    const { mean, low, high } = pairedDifference([run(0.1), run(0.1)], [run(0), run(0)]);
    expect(low).toBeGreaterThan(0.05);
    expect(high).toBeLessThan(0.15);
    expect(low).toBeLessThan(mean);
    expect(mean).toBeLessThan(high);
  });

  it("has 0 in the interval of about 95 in 100 pairs that don't differ", () => {
    let covered = 0;
    for (let i = 0; i < 40; i++) {
      const { low, high } = pairedDifference([run(0)], [run(0)]);
      if (low <= 0 && high >= 0) covered++;
    }
    expect(covered).toBeGreaterThan(33);
  });

  it("gives the same for the same", () => {
    const [a, b] = [run(0.1), run(0)];
    expect(pairedDifference([a], [b])).toEqual(pairedDifference([a], [b]));
  });
});

describe("a study's plan", () => {
  const costs = {
    A: { flops: 10, seconds: 1 },
    A0: { flops: 5, seconds: 0.8 },
    B: { flops: 5, seconds: 0.5 },
    B1: { flops: 5, seconds: 0.5 },
    C: { flops: 10, seconds: 2 },
    K: { flops: 20, seconds: 1.25 },
  };
  const runs = plan(1000, costs, everything(2));
  const find = (name: string) => runs.find((run) => run.name === name)!;
  const spent = (name: string, unit: "flops" | "seconds"): number =>
    find(name).trainings.reduce((sum, { arm, steps, init }) => {
      const cost = init === undefined ? costs[arm] : costs.B1;
      return sum + steps * cost[unit];
    }, 0);

  it("has each arm, budget and seed once, and arm A once for all budgets", () => {
    expect(runs).toHaveLength(2 * (1 + 5 * 3));
    expect(new Set(runs.map(({ name }) => name)).size).toBe(runs.length);
  });

  it("spends the same on every arm in each budget", () => {
    for (const arm of ["A0", "B", "B1", "C", "K"]) {
      expect(find(`${arm}-steps-s1`).trainings.reduce((sum, { steps }) => sum + steps, 0)).toBe(1000);
      expect(spent(`${arm}-flops-s1`, "flops")).toBe(1000 * costs.A.flops);
      expect(spent(`${arm}-time-s1`, "seconds")).toBe(1000 * costs.A.seconds);
    }
    expect(find("B1-flops-s0").trainings).toEqual([
      { name: "A-half-s0", arm: "A", seed: 0, steps: 500 },
      { name: "B1-flops-s0", arm: "B1", seed: 0, steps: 1000, init: "A-half-s0" },
    ]);
  });
});

it("a pass costs what its products do, counted one by one", () => {
  const measures = { vocab_size: 5, n_embd: 4, n_inner: 6, n_layer: 2 };
  const count = (length: number, prefix: number): number => {
    let products = 0;
    for (let i = 0; i < length; i++) {
      products += 5 * 4 + 2 * (4 * 12 + 4 * 4 + 4 * 6 + 6 * 4);
      // Each pair is a product of queries with keys, and one of probabilities with values.
      for (let j = 0; j < length; j++) if (j <= i || j < prefix) products += 2 * 2 * 4;
    }
    return 3 * 2 * products;
  };
  expect(trainingFlops(measures, { batchSize: 2, length: 7 })).toBe(2 * count(7, 0));
  const mixed = { batchSize: 3, length: 7, prefixes: [7, 3, 0] };
  expect(trainingFlops(measures, mixed)).toBe(count(7, 7) + count(7, 3) + count(7, 0));
  // Six positions less in the last block's products behind attention, and in the head's.
  const saved = 3 * 2 * 6 * (5 * 4 + 4 * 4 + 4 * 6 + 6 * 4);
  expect(trainingFlops(measures, { batchSize: 1, length: 7, prefixes: [7], positions: "last" })).toBe(
    count(7, 7) - saved,
  );
});

/** A score of tracks on the piano, and of drums. */
const scoreOf = (
  ...tracks: { isDrum?: boolean; notes: readonly (readonly [number, number, number])[] }[]
): Score => ({
  ticksPerQuarter: 480,
  tempos: [],
  timeSignatures: [],
  keySignatures: [],
  texts: [],
  tracks: tracks.map(({ isDrum = false, notes }) => ({
    name: "",
    program: 0,
    isDrum,
    notes: notes.map(([start, duration, pitch]) => ({ start, duration, pitch, velocity: 80 })),
    controls: [],
    channel: isDrum ? 9 : 0,
    pitchBends: [],
  })),
});

it("lookahead keys cost a second projection, two more products for pairs, and a sum over what lies between", () => {
  const measures = { vocab_size: 5, n_embd: 4, n_inner: 6, n_layer: 2, n_head: 2 };
  const length = 7;
  let more = 0;
  for (let t = 0; t < length; t++) {
    more += 4 * 12;
    for (let s = 0; s <= t; s++) {
      // Queries with lookahead values for j ≤ t, and, where j is later than s, the gate of s and j.
      more += 4 + (s < t ? 4 : 0);
      for (let j = s + 1; j <= t; j++) more += measures.n_head;
    }
  }
  const causal = trainingFlops(measures, { batchSize: 3, length });
  const found = trainingFlops({ ...measures, attention: "lookahead" }, { batchSize: 3, length });
  expect(found - causal).toBe(3 * 2 * 3 * 2 * more);
});

describe("statistics of music", () => {
  const ranges = [
    { low: 60, high: 80 },
    { low: 55, high: 75 },
    { low: 48, high: 67 },
    { low: 36, high: 60 },
  ];
  const held = (step: number[], quarters = 1): number[][] => Array.from({ length: 4 * quarters }, () => step);
  // A chord, then every voice a tone higher: tenor and bass move in fifths, alto and bass in twelfths.
  const tone = [...held([72, 67, 55, 48]), ...held([74, 69, 57, 50])];

  it("hear parallel fifths, and not held or contrary ones", () => {
    expect(musicStatistics([tone], ranges).parallelFifths).toBe(200);
    const onePair = [...held([72, 67, 64, 48]), ...held([72, 69, 65, 50])];
    expect(musicStatistics([onePair], ranges).parallelFifths).toBe(100);
    const down = [...held([72, 67, 64, 60]), ...held([72, 62, 65, 55])];
    expect(musicStatistics([down], ranges).parallelFifths).toBe(100);
    const opposite = [...held([72, 70, 55, 48]), ...held([72, 71, 62, 43])];
    expect(musicStatistics([opposite], ranges).parallelFifths).toBe(0);
    expect(musicStatistics([held([72, 67, 55, 48], 3)], ranges).parallelFifths).toBe(0);
  });

  it("count pitch classes, steps of voices, repeats, crossings and ranges", () => {
    const found = musicStatistics([tone], ranges);
    expect(found.pitchClasses[0]).toBe(8 / 32);
    expect(found.pitchClasses[2]).toBe(8 / 32);
    expect(found.pitchClasses.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(found.intervals[13 + 2]).toBe(1);
    expect(found.repetition).toBe(0);
    expect(musicStatistics([[...tone, ...tone]], ranges).repetition).toBe(0.5);
    expect(found.crossing).toBe(0);
    expect(musicStatistics([held([60, 67, 55, 48])], ranges).crossing).toBe(1);
    expect(musicStatistics([held([60, -1, 62, 48])], ranges).crossing).toBe(1);
    expect(found.outOfRange).toBe(0);
    expect(musicStatistics([held([81, 67, 55, -1])], ranges).outOfRange).toBeCloseTo(1 / 3, 12);
    expect(voiceRanges([tone])[3]).toEqual({ low: 48, high: 50 });
  });

  it("are at no distance from themselves, and distributions at most 1 apart", () => {
    const found = musicStatistics([tone], ranges);
    expect(Object.values(distances(found, found))).toEqual([0, 0, 0, 0, 0, 0]);
    const other = musicStatistics([held([73, 66, 54, 49])], ranges);
    expect(distances(other, found).pitchClasses).toBe(1);
  });

  it("follow the highest and the lowest note of music without fixed voices", () => {
    const notes = [
      [0, 480, 60],
      [0, 240, 67],
      [120, 120, 48],
    ] as const;
    const score = scoreOf({ notes }, { isDrum: true, notes: [[0, 1920, 36]] });
    expect(outerSteps(score)).toEqual([
      [67, 60],
      [67, 48],
      [60, 60],
      [60, 60],
    ]);
    const found = musicStatistics([outerSteps(score)], voiceRanges([outerSteps(score)]), false);
    expect(found.intervals[13 - 7]).toBe(1 / 3);
    expect([found.outOfRange, found.crossing, found.parallelFifths]).toEqual([0, undefined, undefined]);
    expect(distances(found, found).parallelFifths).toBeNaN();
  });

  it("of REMI tokens begin where the prompt ends", () => {
    const tokenizer = createTokenizer("remi");
    const notes = Array.from({ length: 12 }, (_, i) => [480 * i, 480, 60 + i] as const);
    const ids = [tokenizer.special.begin, ...tokenizer.encode(scoreOf({ notes }))[0]];
    const from = ids.length - [...ids].reverse().findIndex((id) => tokenizer.isBoundary(id)) - 1;
    expect(stepsOf(tokenizer, ids)).toHaveLength(48);
    expect(stepsOf(tokenizer, ids, from).filter((_, i) => i % 4 === 0)).toEqual(
      [68, 69, 70, 71].map((p) => [p, p]),
    );
  });

  it("are zeros of nothing", () => {
    const nothing = musicStatistics([], ranges);
    expect([nothing.repetition, nothing.crossing, nothing.parallelFifths]).toEqual([0, 0, 0]);
  });
});

describe("Count3", () => {
  it("is what counting pair by pair gives", () => {
    const stream = randomStream(3, "ids");
    for (let n = 1; n <= 20; n++) {
      const ids = Array.from({ length: n }, () => stream.below(20));
      let pairs = 0;
      for (const a of ids) for (const b of ids) if ((a + b + ids[n - 1]) % n === 0) pairs++;
      expect(count3(ids)).toBe(pairs % n);
    }
  });

  it("goes on from random ids, the same for the same number", () => {
    const options = { length: 12, given: 4 };
    const ids = count3Sequence(options, "test", 5);
    expect(ids).toHaveLength(13);
    for (let n = 4; n < 13; n++) expect(ids[n]).toBe(count3(ids.slice(0, n)));
    expect(count3Sequence(options, "test", 5)).toEqual(ids);
    expect(count3Sequence(options, "test", 6)).not.toEqual(ids);
  });
});

it("pointers lead where following them one by one does", () => {
  const answers = new Set<number>();
  for (let number = 0; number < 60; number++) {
    const { ids, hops, answer } = pointerSequence(6, "test", number);
    expect(ids).toHaveLength(7);
    expect(Math.max(...ids)).toBeLessThan(pointerVocabulary(6));
    const next = new Map(ids.slice(0, 6).map((id) => [Math.floor(id / 6), id % 6]));
    expect(next.size).toBe(6);
    const query = ids[6] - 36;
    expect(Math.floor(query / 6)).toBe(hops - 1);
    let name = query % 6;
    for (let i = 0; i < hops; i++) name = next.get(name)!;
    expect(name).toBe(answer);
    answers.add(hops);
  }
  expect([...answers].sort()).toEqual([1, 2, 3]);
});

describe("plots", () => {
  it("say their numbers, and are the same for the same", () => {
    const row = { label: "B & A", interval: { mean: 0.01, low: -0.02, high: 0.04 } };
    const svg = intervalPlot("Differences", [row]);
    expect(svg).toContain("B &amp; A: 0.0100 (-0.0200 to 0.0400)");
    expect(intervalPlot("Differences", [row])).toBe(svg);
    const curves = curvePlot("Loss", "steps", [
      {
        label: "A",
        points: [
          [1, 3],
          [2, 1.5],
        ],
      },
    ]);
    expect(curves).toContain("A ends at 1.5000");
    expect(curves).not.toContain("NaN");
  });

  it("paint each arm's curve in a way of its own", () => {
    const svg = curvePlot(
      "Loss",
      "steps",
      arms.map((label) => ({ label, points: [[1, 2] as const] })),
    );
    const paints = [...svg.matchAll(/stroke="(#\w+)" stroke-dasharray="([\d ]*)" d="M[\d.]+ \d+h28"/g)];
    expect(new Set(paints.map(([, colour]) => colour)).size).toBe(arms.length);
    expect(new Set(paints.map(([, , dashes]) => dashes)).size).toBe(arms.length);
  });
});
