import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseBackend } from "../../src/backend/index.js";
import { continueScore } from "../../src/generate/index.js";
import { createTokenizer } from "../../src/tokens/index.js";
import { disposeModels, pipeline, setup } from "./random-model.js";
import { bar, chorale, duo, note, QUARTER, score, track } from "./scores.js";

beforeAll(async () => {
  await chooseBackend("wasm");
});
afterAll(disposeModels);

describe("a prompt at the seam", () => {
  const remi = createTokenizer("remi", pipeline);

  it("is taken up to --prompt-bars, and whole where it has fewer", async () => {
    const one = await continueScore(setup(remi, { prompt: duo, promptBars: 1 }));
    expect(one.seam).toBe(bar);
    expect(one.samples[0].score.tracks[1].notes.slice(0, 2)).toEqual(duo.tracks[1].notes.slice(0, 2));
    expect(one.warnings).toEqual([]);
    const many = await continueScore(setup(remi, { prompt: duo, promptBars: 7 }));
    expect(many.seam).toBe(2 * bar);
    expect(many.warnings).toEqual(["the prompt has 2 bars, not 7: all of them are taken"]);
  });

  it("keeps a note that rings past it whole, unless its key is struck again", async () => {
    const ringing = score([
      track(
        [...duo.tracks[0].notes, note(6, 4, 36)].sort((a, b) => a.start - b.start),
        { program: 73 },
      ),
    ]);
    const { samples, seam } = await continueScore(setup(remi, { prompt: ringing, promptBars: 2, bars: 3 }));
    const { notes } = samples[0].score.tracks[0];
    const kept = notes.find(({ start, pitch }) => start === 6 * QUARTER && pitch === 36);
    const again = notes.find(({ start, pitch }) => start >= seam && pitch === 36);
    const whole = 4 * QUARTER;
    expect(kept?.duration).toBe(again === undefined ? whole : Math.min(whole, again.start - 6 * QUARTER));
  });

  it("begins from nothing, in its tempo and meter, where it has no notes", async () => {
    const silent = score([track([])], { timeSignatures: [{ tick: 0, numerator: 3, denominator: 4 }] });
    const { samples, seam, warnings } = await continueScore(setup(remi, { prompt: silent, bars: 6 }));
    expect(seam).toBe(0);
    expect(warnings).toEqual([
      "the prompt has no notes: the piece begins from nothing, in the prompt's tempo and meter",
    ]);
    const { score: result } = samples[0];
    expect(result.tempos).toEqual(silent.tempos);
    expect(result.timeSignatures).toEqual(silent.timeSignatures);
    const starts = result.tracks.flatMap(({ notes }) => notes.map(({ start }) => start));
    expect(starts.length).toBeGreaterThan(0);
    expect(Math.max(...starts)).toBeLessThan(6 * 3 * QUARTER);
  });

  it("counts bars in its own meter, also with a tokenizer that knows 4/4 only", async () => {
    const waltz = score([track([0, 1, 2, 3, 4, 5].map((i) => note(i, 1, 60 + i)))], {
      timeSignatures: [{ tick: 0, numerator: 3, denominator: 4 }],
    });
    for (const options of [pipeline, { ...pipeline, useTimeSignatures: false }]) {
      const tokenizer = createTokenizer("remi", options);
      const { samples, seam } = await continueScore(setup(tokenizer, { prompt: waltz, bars: 4 }));
      expect(seam).toBe(6 * QUARTER);
      const { score: result } = samples[0];
      expect(result.timeSignatures).toEqual(waltz.timeSignatures);
      const fresh = result.tracks[0].notes.filter(({ start }) => start >= seam);
      expect(fresh.length).toBeGreaterThan(0);
      expect(fresh.at(-1)?.start).toBeLessThan(seam + 4 * 3 * QUARTER);
    }
  });

  it("may be off its own grid: the new part keeps to the prompt's beats", async () => {
    const offset = 77;
    const late = {
      ...duo,
      tracks: duo.tracks.map((one) => ({
        ...one,
        notes: one.notes.map((n) => ({ ...n, start: n.start + offset })),
      })),
    };
    const { samples, seam, warnings } = await continueScore(setup(remi, { prompt: late }));
    expect(warnings).toEqual([
      expect.stringMatching(/^the prompt's notes are 0\.36 of a 16th off its own grid/),
    ]);
    expect(seam).toBe(2 * bar + offset);
    const { score: result } = samples[0];
    for (const [i, { notes }] of late.tracks.entries()) {
      expect(result.tracks[i].notes.filter(({ start }) => start < seam)).toEqual(notes);
    }
    const fresh = result.tracks.flatMap(({ notes }) => notes.filter(({ start }) => start >= seam));
    expect(fresh.length).toBeGreaterThan(0);
    // On the prompt's grid of 32nds.
    expect(fresh.every(({ start }) => (start - offset) % (QUARTER / 8) === 0)).toBe(true);
    const unaligned = await continueScore(setup(remi, { prompt: late, preparation: { align: "none" } }));
    expect(unaligned.seam).toBe(3 * bar);
  });

  it("keeps notes that the vocabulary doesn't have, and says what the model hears instead", async () => {
    const wide = score([
      track([note(0, 1, 3), note(1, 1, 60), note(2, 1, 64)], { program: 0 }),
      track([note(0, 1, 5), note(1, 1, 38)], { isDrum: true, channel: 9 }),
    ]);
    const { samples, warnings, seam } = await continueScore(setup(remi, { prompt: wide }));
    expect(warnings).toEqual([
      expect.stringMatching(/^1 of the prompt's notes lie.* in another octave/),
      expect.stringMatching(/^1 of the prompt's notes lie.* not at all/),
    ]);
    for (const [i, { notes }] of wide.tracks.entries()) {
      expect(samples[0].score.tracks[i].notes.filter(({ start }) => start < seam)).toEqual(notes);
    }
  });

  it("stays where it is, if the model hears none of it", async () => {
    const tokenizer = createTokenizer("remi", { ...pipeline, programs: [0] });
    const { samples, seam, warnings } = await continueScore(setup(tokenizer, { prompt: duo, bars: 4 }));
    expect(warnings).toEqual([
      "the model hears none of the prompt's notes: what follows doesn't know of them",
    ]);
    const { tracks } = samples[0].score;
    expect(tracks.slice(0, 2).map(({ notes }) => notes)).toEqual(duo.tracks.map(({ notes }) => notes));
    expect(tracks[2].notes.length).toBeGreaterThan(0);
    expect(tracks[2].notes[0].start).toBeGreaterThanOrEqual(seam);
  });

  it("may be much longer than the context", async () => {
    const long = score([
      track(
        Array.from({ length: 200 }, (_, i) => note(i, 1, 50 + (i % 20))),
        { program: 73 },
      ),
    ]);
    const options = setup(remi, { prompt: long, tokens: 40 });
    const cached = await continueScore(options);
    expect(cached.streams[0].promptLength).toBeGreaterThan(options.config.n_positions);
    const recomputed = await continueScore({ ...options, decode: "recompute" });
    expect(recomputed.samples).toEqual(cached.samples);
  });

  it("shares new notes out between two tracks of one instrument by their register", async () => {
    const hands = score([
      track(
        [0, 1, 2, 3].map((i) => note(i, 1, 79 + i)),
        { name: "right" },
      ),
      track(
        [0, 1, 2, 3].map((i) => note(i, 1, 40 + i)),
        { name: "left" },
      ),
    ]);
    const { samples, seam } = await continueScore(setup(remi, { prompt: hands, bars: 4 }));
    const [right, left] = samples[0].score.tracks.map(({ notes }) =>
      notes.filter(({ start }) => start >= seam),
    );
    expect(samples[0].score.tracks).toHaveLength(2);
    expect(right.length + left.length).toBeGreaterThan(0);
    expect(right.every(({ pitch }) => pitch >= 60)).toBe(true);
    expect(left.every(({ pitch }) => pitch <= 62)).toBe(true);
  });

  it("gives two instruments of one channel a channel each: a player would give both the later one's sound", async () => {
    const shared = score([
      track(
        [0, 1, 2, 3].map((i) => note(i, 1, 79 + i)),
        { program: 73, channel: 3 },
      ),
      track(
        [0, 1, 2, 3].map((i) => note(i, 1, 40 + i)),
        { program: 42, channel: 3 },
      ),
    ]);
    const { samples } = await continueScore(setup(remi, { prompt: shared }));
    expect(samples[0].score.tracks.map(({ channel, program }) => [channel, program])).toEqual([
      [3, 73],
      [0, 42],
    ]);
  });

  it("leaves seed, checkpoint and version behind, and marks the seam", async () => {
    const provenance = { version: "1.2.3", checkpoint: "sha256:abc" };
    const { samples } = await continueScore(setup(remi, { prompt: duo, provenance, seed: 9, count: 2 }));
    expect(samples[1].score.texts).toEqual([
      { tick: 0, kind: "text", text: "attacca 1.2.3; seed 9, sample 1; checkpoint sha256:abc" },
      { tick: 2 * bar, kind: "marker", text: "attacca" },
    ]);
  });

  it("may not have millions of bars, as a file of sixty bytes can", async () => {
    const far = score([track([note(0, 1, 60), { ...note(0, 1, 60), start: 2 ** 28 }])], {
      ticksPerQuarter: 1,
    });
    await expect(continueScore(setup(remi, { prompt: far }))).rejects.toThrow(
      /invalid prompt: 67,108,984 bars; expected 100,000 at most/,
    );
    const { seam } = await continueScore(setup(remi, { prompt: far, promptBars: 200, tokens: 4 }));
    expect(seam).toBe(800);
  });

  it("refuses a model of another vocabulary", async () => {
    const options = setup(remi);
    await expect(continueScore({ ...options, tokenizer: createTokenizer("chorale") })).rejects.toThrow(
      /invalid model: \d+ ids; expected the 62 of its tokenizer/,
    );
  });

  it("ends early only where that is allowed", async () => {
    const tokenizer = createTokenizer("chorale");
    const free = await continueScore(setup(tokenizer, { prompt: chorale, bars: 8, allowEnd: true }));
    const full = await continueScore(setup(tokenizer, { prompt: chorale, bars: 8 }));
    expect([free.samples[0].stopped, full.samples[0].stopped]).toEqual(["end", "bars"]);
    expect(full.samples[0].ids).toHaveLength(8 * 64);
    expect(free.samples[0].ids.at(-1)).toBe(tokenizer.special.end);
  });
});
