import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readScore, type Score } from "../../src/midi/index.js";
import { inVoices, isInVoices } from "../../src/studio/voices.js";
import { createTokenizer } from "../../src/tokens/index.js";

type Plain = readonly [start: number, duration: number, pitch: number];
const scoreOf = (...tracks: readonly (readonly Plain[])[]): Score => ({
  ticksPerQuarter: 4,
  tempos: [],
  timeSignatures: [],
  keySignatures: [],
  texts: [],
  tracks: tracks.map((notes, channel) => ({
    name: "",
    program: 19,
    isDrum: false,
    channel,
    notes: notes.map(([start, duration, pitch]) => ({ start, duration, pitch, velocity: 80 })),
    controls: [],
    pitchBends: [],
  })),
});
const plain = ({ tracks }: Score): Record<string, Plain[]> =>
  Object.fromEntries(
    tracks.map(({ name, notes }) => [name, notes.map((n): Plain => [n.start, n.duration, n.pitch])]),
  );

describe("arranging for four voices", () => {
  it("gives a tune to the soprano, however low it is", () => {
    const tune: Plain[] = [
      [0, 4, 48],
      [4, 4, 50],
      [8, 8, 52],
    ];
    const arranged = inVoices(scoreOf(tune));
    expect(plain(arranged)).toEqual({ Soprano: tune, Alto: [], Tenor: [], Bass: [] });
    expect(arranged.tracks[0].program).toBe(19);
  });

  it("parts a tune from its chords, and keeps top and bottom of what is too full", () => {
    const chord = [48, 52, 55, 60, 64, 72].map((pitch): Plain => [0, 8, pitch]);
    expect(plain(inVoices(scoreOf(chord)))).toEqual({
      Soprano: [[0, 8, 72]],
      Alto: [[0, 8, 64]],
      Tenor: [[0, 8, 60]],
      Bass: [[0, 8, 48]],
    });
  });

  it("lets a held bass sound while the soprano moves", () => {
    const arranged = plain(
      inVoices(
        scoreOf(
          [
            [0, 4, 71],
            [4, 4, 72],
          ],
          [[0, 8, 48]],
        ),
      ),
    );
    expect(arranged).toMatchObject({
      Soprano: [
        [0, 4, 71],
        [4, 4, 72],
      ],
      Bass: [[0, 8, 48]],
    });
  });

  it("knows what is in voices already", () => {
    expect(isInVoices(readScore(readFileSync("data/prompts/chorale.mid")).score)).toBe(true);
    expect(isInVoices(scoreOf([[0, 1, 60]]))).toBe(false);
    expect(isInVoices(inVoices(scoreOf([[0, 1, 60]])))).toBe(true);
  });

  it.each([...readdirSync("data/prompts"), ...readdirSync("data/tunes").map((name) => `../tunes/${name}`)])(
    "makes %s one that the chorale tokenizer writes",
    (name) => {
      const { score } = readScore(readFileSync(`data/prompts/${name}`));
      const arranged = inVoices(score);
      expect(createTokenizer("chorale").encode(arranged)[0].length).toBeGreaterThan(0);
    },
  );

  it("has one note at a time in each voice, all of them out of the score", () => {
    const note = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 40, max: 80 }));
    fc.assert(
      fc.property(fc.array(note, { minLength: 1, maxLength: 30 }), (notes) => {
        for (const voice of Object.values(plain(inVoices(scoreOf(notes))))) {
          for (const [i, [start, duration, pitch]] of voice.entries()) {
            expect(notes.some((one) => one[0] === start && one[2] === pitch)).toBe(true);
            if (i + 1 < voice.length) expect(start + duration).toBeLessThanOrEqual(voice[i + 1][0]);
          }
        }
      }),
    );
  });
});
