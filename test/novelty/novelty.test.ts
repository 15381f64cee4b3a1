import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SuffixAutomaton } from "../../src/novelty/automaton.js";
import { type CorpusPiece, findCopies } from "../../src/novelty/index.js";
import { randomStream } from "../../src/random.js";
import { bar, note, score, track } from "../generate/scores.js";

const symbols = fc.array(fc.nat(2), { maxLength: 14 });

/** The longest run of `text` that stands in one of the sequences, by trying all. */
function longestByHand(sequences: readonly number[][], text: readonly number[]): number {
  let longest = 0;
  for (const sequence of sequences) {
    for (let i = 0; i < sequence.length; i++) {
      for (let j = 0; j < text.length; j++) {
        let length = 0;
        while (i + length < sequence.length && j + length < text.length) {
          if (sequence[i + length] !== text[j + length]) break;
          length++;
        }
        longest = Math.max(longest, length);
      }
    }
  }
  return longest;
}

describe("the suffix automaton", () => {
  it("finds the longest run that comparing everything finds, and where it is", () => {
    fc.assert(
      fc.property(fc.array(symbols, { minLength: 1, maxLength: 4 }), symbols, (sequences, text) => {
        const automaton = new SuffixAutomaton(sequences);
        const joined = sequences.flat();
        let match = automaton.start;
        let longest = 0;
        for (const [i, symbol] of text.entries()) {
          match = automaton.read(match, symbol);
          longest = Math.max(longest, match.length);
          if (match.length === 0) continue;
          const end = automaton.endOf(match) + 1;
          expect(joined.slice(end - match.length, end)).toEqual(text.slice(i + 1 - match.length, i + 1));
        }
        expect(longest).toBe(longestByHand(sequences, text));
      }),
      { numRuns: 500 },
    );
  });
});

/** Sixteenths and eighths that no two pieces share by chance for long. */
function melody(name: string, length: number): [start: number, duration: number, pitch: number][] {
  const random = randomStream(3, name);
  let at = 0;
  return Array.from({ length }, () => {
    const start = at;
    at += (1 + random.below(4)) / 4;
    return [start, at - start, 55 + random.below(30)];
  });
}

const pieceOf = (name: string, ...voices: [number, number, number][][]): CorpusPiece => ({
  name,
  score: score(voices.map((voice) => track(voice.map((each) => note(...each))))),
});

describe("findCopies", () => {
  const corpus = ["a", "b", "c"].map((name) => pieceOf(name, melody(name, 200)));
  const planted = melody("b", 200)
    .slice(40, 65)
    .map(([start, duration, pitch]): [number, number, number] => [start, duration, pitch]);
  const [first] = planted;
  // Twelve notes of its own, the copy from the third bar on and five semitones higher, and its own again.
  const copy = planted.map(([start, , pitch]): [number, number, number] => [
    8 + start - first[0],
    0.25,
    pitch + 5,
  ]);
  const own = melody("sample", 12).map(([start, duration, pitch]): [number, number, number] => [
    (start * 8) / 40,
    duration / 5,
    pitch,
  ]);

  it("finds a planted copy in another key and with other lengths of notes, and says where it stands", () => {
    const sample = pieceOf("sample", [...own, ...copy]).score;
    const [{ notes, texture, voice }] = findCopies([sample], corpus);
    expect(notes).toBe(37);
    expect(texture).toMatchObject({ notes: 25, bar: 3, piece: "b", transposition: 5 });
    expect(texture.pieceBar).toBe(Math.floor(first[0] / 4) + 1);
    const quarters = copy[24][0] + 0.25 - 8;
    expect(texture.bars).toBeCloseTo(quarters / 4, 10);
    expect(texture.seconds).toBeCloseTo(quarters * 0.612345, 3);
    expect(voice).toEqual(texture);
  });

  it("finds it in one voice where the others are new, and not in all voices together", () => {
    const bass = Array.from({ length: 60 }, (_, i): [number, number, number] => [
      i / 2,
      0.5,
      36 + ((i * i) % 11),
    ]);
    const sample = pieceOf("sample", copy, bass).score;
    const [{ texture, voice }] = findCopies([sample], corpus);
    expect(voice).toMatchObject({ notes: 25, piece: "b", transposition: 5 });
    expect(texture.notes).toBeLessThan(8);
  });

  it("finds nothing of a sample that shares no two notes, nor in drums, nor without pieces", () => {
    const nothing = { notes: 0, bars: 0, seconds: 0, bar: 1 };
    const wide = pieceOf("wide", [
      [0, 1, 20],
      [0.1, 1, 120],
      [7.3, 1, 21],
    ]).score;
    expect(findCopies([wide], corpus)).toEqual([{ notes: 3, texture: nothing, voice: nothing }]);
    const drums = { ...corpus[0].score, tracks: [{ ...corpus[0].score.tracks[0], isDrum: true }] };
    expect(findCopies([drums], corpus)).toEqual([{ notes: 0, texture: nothing, voice: nothing }]);
    expect(findCopies([corpus[0].score], [])[0].texture).toEqual(nothing);
    expect(findCopies([], corpus)).toEqual([]);
  });

  it("finds the whole of a piece in itself, on another grid and at another tempo", () => {
    const whole = corpus[2].score;
    const finer = score(
      whole.tracks.map((one) => ({
        ...one,
        notes: one.notes.map((each) => ({ ...each, start: each.start * 2, duration: each.duration * 2 })),
      })),
      { ticksPerQuarter: 960, tempos: [{ tick: 0, microsecondsPerQuarter: 1_000_000 }] },
    );
    const [{ texture }] = findCopies([finer], corpus);
    const last = whole.tracks[0].notes[199];
    expect(texture).toMatchObject({ notes: 200, bar: 1, piece: "c", pieceBar: 1, transposition: 0 });
    expect(texture.bars).toBeCloseTo((last.start + last.duration) / bar, 10);
    expect(texture.seconds).toBeCloseTo((last.start + last.duration) / 480, 10);
  });
});
