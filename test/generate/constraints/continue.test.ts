import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseBackend } from "../../../src/backend/index.js";
import {
  type ContinuationOptions,
  continueScore,
  parseChords,
  parseKey,
  parsePitchRanges,
} from "../../../src/generate/index.js";
import { readScore, type Score, writeScore } from "../../../src/midi/index.js";
import { createTokenizer, type Tokenizer } from "../../../src/tokens/index.js";
import { disposeModels, pipeline, setup } from "../random-model.js";
import { bar, chorale, duo, note, score, track } from "../scores.js";

beforeAll(async () => {
  await chooseBackend("wasm");
});
afterAll(disposeModels);

/** Off the grid of any tokenizer, repeating a note, with velocities of its own. */
const melody = score([
  track(
    [67, 67, 69, 71, 72].map((pitch, i) => note(i + 0.01, 0.9, pitch, 60 + i)),
    { name: "Tune", program: 19, channel: 3 },
  ),
]);

const cases: readonly (readonly [string, Tokenizer, Score])[] = [
  ["remi", createTokenizer("remi", pipeline), duo],
  ["tsd", createTokenizer("tsd", pipeline), duo],
  ["chorale", createTokenizer("chorale"), chorale],
];

describe.each(cases)("continuing under constraints with %s", (name, tokenizer, prompt) => {
  const constraints = {
    key: parseKey("Eb"),
    density: { min: 2, max: 7 },
    pitchRange: parsePitchRanges("C3-C6"),
  };

  it.each([
    ["drawn", {}],
    ["searched", { beams: 2 }],
  ])("gives the same ids cached and recomputed, %s, and keeps to them", async (_, how) => {
    const options = setup(tokenizer, { prompt, bars: 1, constraints, ...how });
    const cached = await continueScore(options);
    const recomputed = await continueScore({ ...options, decode: "recompute" });
    expect(recomputed.samples.map(({ ids }) => ids)).toEqual(cached.samples.map(({ ids }) => ids));
    expect(cached.warnings.filter((warning) => warning.includes("couldn't be kept"))).toEqual([]);
    const { score: piece } = cached.samples[0];
    const fresh = piece.tracks.flatMap(({ notes }) => notes.filter(({ start }) => start >= cached.seam));
    expect(fresh.length).toBeGreaterThanOrEqual(2);
    expect(fresh.length).toBeLessThanOrEqual(name === "chorale" ? 11 : 7);
    for (const { pitch } of fresh) {
      expect([0, 2, 3, 5, 7, 8, 10]).toContain(pitch % 12);
      expect(pitch).toBeGreaterThanOrEqual(48);
      expect(pitch).toBeLessThanOrEqual(84);
    }
  });

  it.each([
    ["from nothing", undefined],
    ["behind a prompt", prompt],
  ])(
    "keeps a melody %s as its file has it, in a track of its own, for as many bars as it has",
    async (_, before) => {
      const options: ContinuationOptions = setup(tokenizer, {
        prompt: before,
        bars: undefined,
        count: 2,
        constraints: { keep: melody, chords: parseChords("C G") },
      });
      const { samples, seam, warnings } = await continueScore(options);
      expect(seam).toBe(before === undefined ? 0 : 2 * bar);
      expect(warnings).toEqual([]);
      for (const { score: piece, stopped } of samples) {
        expect(stopped).toBe("bars");
        const tune = piece.tracks.find((one) => one.name === "Tune");
        expect(tune?.notes).toEqual(
          melody.tracks[0].notes.map((each) => ({ ...each, start: each.start + seam })),
        );
        const others = piece.tracks.filter((one) => one !== tune).flatMap(({ notes }) => notes);
        expect(others.every(({ start }) => start < seam + 2 * bar)).toBe(true);
        expect(piece.tempos).toEqual((before ?? melody).tempos);
        // Notes of one key on one channel that overlap would be read as other notes.
        const again = readScore(writeScore(piece), { mode: "strict" }).score;
        expect(again.tracks.find((one) => one.name === "Tune")?.notes).toEqual(tune?.notes);
      }
      expect(samples[0].ids).not.toEqual(samples[1].ids);
    },
  );
});

describe("constraints", () => {
  const remi = createTokenizer("remi", pipeline);

  it("find the key of the prompt", async () => {
    const options = setup(remi, { prompt: duo, bars: 1, constraints: { key: "auto", scale: "pentatonic" } });
    const { samples, seam } = await continueScore(options);
    const fresh = samples[0].score.tracks.flatMap(({ notes }) => notes.filter(({ start }) => start >= seam));
    expect(fresh.length).toBeGreaterThan(0);
    // The flute and the cello play in C.
    expect(fresh.every(({ pitch }) => [0, 2, 4, 7, 9].includes(pitch % 12))).toBe(true);
  });

  it.each<[string, Partial<ContinuationOptions>, RegExp]>([
    ["a key of nothing", { constraints: { key: "auto" } }, /key: auto without music to find it in/],
    [
      "ranges without a pitch",
      { constraints: { pitchRange: parsePitchRanges("C#4-C#4"), key: parseKey("C") } },
      /invalid constraints: no pitch that key, chord and range allow/,
    ],
    [
      "a voice that isn't there",
      { constraints: { pitchRange: parsePitchRanges("alto=C4-C5") } },
      /unknown voice of a pitch range: "alto"/,
    ],
    ["a melody of no notes", { constraints: { keep: score([]) } }, /melody to keep: no notes/],
    [
      "a melody in another meter than the prompt's",
      {
        prompt: duo,
        constraints: {
          keep: { ...melody, timeSignatures: [{ tick: 0, numerator: 3, denominator: 4 }] },
        },
      },
      /a meter of 3\/4; expected the prompt's, 4\/4/,
    ],
    [
      "a melody of an instrument that the model hasn't",
      { constraints: { keep: { ...melody, tracks: [{ ...melody.tracks[0], program: 100 }] } } },
      /4 of 4 notes that the tokenizer can't write/,
    ],
  ])("refuse %s", async (_, options, message) => {
    await expect(continueScore(setup(remi, { bars: 1, ...options }))).rejects.toThrow(message);
  });

  it("keep only as much of a melody as there are bars", async () => {
    const { samples } = await continueScore(setup(remi, { bars: 1, constraints: { keep: melody } }));
    const tune = samples[0].score.tracks.find((one) => one.name === "Tune");
    // The fifth note begins in the second bar.
    expect(tune?.notes.map(({ pitch }) => pitch)).toEqual([67, 67, 69, 71]);
    for (const { notes } of samples[0].score.tracks) {
      expect(notes.every(({ start, duration }) => start + duration <= bar)).toBe(true);
    }
  });

  it("refuse a melody for streams that can't have one, and voices that can't be told apart", async () => {
    for (const tokenizer of [createTokenizer("midilike", pipeline), createTokenizer("remi")]) {
      await expect(continueScore(setup(tokenizer, { constraints: { keep: melody } }))).rejects.toThrow(
        /unsupported melody to keep: the tokenizer/,
      );
    }
    const keep = score([melody.tracks[0], { ...melody.tracks[0], name: "Other" }]);
    await expect(continueScore(setup(createTokenizer("chorale"), { constraints: { keep } }))).rejects.toThrow(
      /one track, or tracks named Soprano, Alto, Tenor, Bass/,
    );
  });
});
