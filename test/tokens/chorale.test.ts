import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readScore, type Score, type ScoreTrack, writeScore } from "../../src/midi/index.js";
import { createChoraleTokenizer, tokenizerFromJSON } from "../../src/tokens/index.js";

const tokenizer = createChoraleTokenizer();
const { begin, end, pad } = tokenizer.special;

/** Steps of four pitches or rests, the last one not silent: silence at the end is not written. */
const grids = fc
  .array(fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom(-1, ...pitches(30, 87)))), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => [...steps, [60, 55, 50, 45]]);

function pitches(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function voice(name: string, notes: readonly (readonly [start: number, duration: number, pitch: number])[]) {
  return {
    name,
    program: 0,
    isDrum: false,
    channel: 0,
    notes: notes.map(([start, duration, pitch]) => ({ start, duration, pitch, velocity: 64 })),
    controls: [],
    pitchBends: [],
  } satisfies ScoreTrack;
}

function scoreOf(tracks: readonly ScoreTrack[], ticksPerQuarter = 8): Score {
  return { ticksPerQuarter, tempos: [], timeSignatures: [], keySignatures: [], texts: [], tracks };
}

function names(ids: ArrayLike<number>): string[] {
  return Array.from(ids, (id) => tokenizer.vocabulary.nameOf(id));
}

describe("the chorale tokenizer", () => {
  it("writes soprano, alto, tenor and bass step by step", () => {
    const ids = tokenizer.encodeSteps([
      [72, 67, 60, 48],
      [72, 67, -1, 50],
    ]);
    const step = ["Pitch_72", "Pitch_67", "Pitch_60", "Pitch_48"];
    expect(names(ids)).toEqual([...step, "Pitch_72", "Pitch_67", "Rest", "Pitch_50"]);
  });

  it("decodes equal neighbours of a voice as one held note", () => {
    const ids = tokenizer.encodeSteps([
      [72, 67, -1, 48],
      [72, 65, -1, -1],
      [72, 67, 60, 48],
    ]);
    const score = tokenizer.decode([ids]);
    const notes = score.tracks.map((track) => track.notes.map((n) => [n.start, n.duration, n.pitch]));
    expect(score.ticksPerQuarter).toBe(480);
    expect(score.tracks.map((track) => track.name)).toEqual(["Soprano", "Alto", "Tenor", "Bass"]);
    expect(notes).toEqual([
      [[0, 360, 72]],
      [
        [0, 120, 67],
        [120, 120, 65],
        [240, 120, 67],
      ],
      [[240, 120, 60]],
      [
        [0, 120, 48],
        [240, 120, 48],
      ],
    ]);
  });

  it("gives the same ids after decoding, through the bytes of a MIDI file", () => {
    fc.assert(
      fc.property(grids, (steps) => {
        const ids = tokenizer.encodeSteps(steps);
        const file = writeScore(tokenizer.decode([ids]));
        expect(tokenizer.encode(readScore(file, { mode: "strict" }).score)).toEqual([ids]);
      }),
      { numRuns: 100 },
    );
  });

  it("tells the voices of unnamed tracks by their mean pitch, and drums are none", () => {
    const drums = { ...voice("drums", [[0, 2, 36]]), isDrum: true };
    const upwards = [48, 60, 67, 72].map((pitch, i) => voice(`staff ${i}`, [[0, 2, pitch]]));
    const [ids] = tokenizer.encode(scoreOf([drums, ...upwards]));
    expect(names(ids)).toEqual(["Pitch_72", "Pitch_67", "Pitch_60", "Pitch_48"]);
  });

  it("lets the names of voices decide, even where voices cross or one is silent", () => {
    const tracks = [voice("Bass", [[0, 2, 70]]), voice("soprano", [[0, 2, 50]]), voice("A.", [[0, 2, 60]])];
    const [ids] = tokenizer.encode(scoreOf(tracks));
    expect(names(ids)).toEqual(["Pitch_50", "Pitch_60", "Rest", "Pitch_70"]);
  });

  it.each([3, 5])("refuses %i tracks that aren't named after voices", (count) => {
    const tracks = Array.from({ length: count }, (_, i) => voice(`staff ${i}`, [[0, 2, 60 + i]]));
    expect(() => tokenizer.encode(scoreOf(tracks))).toThrow(/tracks with notes; expected four voices/);
  });

  it("brings onsets and ends to the nearest 16th, and keeps short notes", () => {
    const soprano = voice("soprano", [
      [1, 3, 72], // 16ths: 0.5 to 2
      [4, 0, 74], // 2 to 2
      [9, 3, 76], // 4.5 to 6
    ]);
    const [ids] = tokenizer.encode(scoreOf([soprano]));
    const sopranoIds = ids.filter((_, i) => i % 4 === 0);
    expect(names(sopranoIds)).toEqual(["Rest", "Pitch_72", "Pitch_74", "Rest", "Rest", "Pitch_76"]);
  });

  it("lets the later of overlapping notes sound, and the highest of those that begin together", () => {
    const soprano = voice("soprano", [
      [0, 6, 72],
      [2, 2, 74],
      [4, 2, 70],
      [4, 2, 76],
    ]);
    const [ids] = tokenizer.encode(scoreOf([soprano]));
    expect(names(ids.filter((_, i) => i % 4 === 0))).toEqual(["Pitch_72", "Pitch_74", "Pitch_76"]);
  });

  it("refuses pitches outside its range and pieces without bound", () => {
    expect(() => tokenizer.encodeSteps([[88, 60, 55, 50]])).toThrow("chorale pitch: 88; expected 30 to 87");
    expect(() => tokenizer.encodeSteps([[60, 60, 55]])).toThrow("step 0: 3 pitches; expected four");
    const far = scoreOf([voice("soprano", [[2 ** 28, 2, 60]])], 1);
    expect(() => tokenizer.encode(far)).toThrow(/16ths; expected at most 100000/);
  });

  it("transposes pitches and nothing else, and not past the range", () => {
    const ids = Uint16Array.of(begin, ...tokenizer.encodeSteps([[85, -1, 60, 30]]), end);
    expect(names(tokenizer.transpose(ids, 2) ?? [])).toEqual([
      "BOS_None",
      "Pitch_87",
      "Rest",
      "Pitch_62",
      "Pitch_32",
      "EOS_None",
    ]);
    expect(tokenizer.transpose(ids, 3)).toBeUndefined();
    expect(tokenizer.transpose(ids, -1)).toBeUndefined();
  });

  it("comes back from its JSON, and says what is wrong with another's", () => {
    const narrow = createChoraleTokenizer({ lowestPitch: 36, highestPitch: 81 });
    const again = tokenizerFromJSON(JSON.parse(JSON.stringify(narrow.toJSON())));
    expect(again.vocabulary.names).toEqual(narrow.vocabulary.names);
    expect(() => tokenizerFromJSON({ tokenization: "Chorale", config: {} })).toThrow(/pitch_range/);
    const backwards = { tokenization: "Chorale", config: { pitch_range: [60, 40] } };
    expect(() => tokenizerFromJSON(backwards)).toThrow(/chorale pitch range/);
  });
});

describe("the chorale grammar", () => {
  function allowedAfter(ids: readonly number[]): number[] {
    const grammar = tokenizer.grammar();
    for (const id of ids) grammar.push(id);
    const mask = new Uint8Array(tokenizer.vocabulary.size);
    grammar.allowed(mask);
    return Array.from(mask, (allowed, id) => (allowed ? id : -1)).filter((id) => id >= 0);
  }
  const sounds = Array.from({ length: tokenizer.vocabulary.size - 3 }, (_, i) => i + 3);

  it("ends a piece only behind whole steps, and not before the first", () => {
    expect(allowedAfter([begin])).toEqual(sounds);
    expect(allowedAfter([begin, 10, 10, 10])).toEqual(sounds);
    expect(allowedAfter([begin, 10, 3, 10, 10])).toEqual([end, ...sounds]);
    expect(allowedAfter([begin, 10, 10, 10, 10, end])).toEqual([pad]);
  });

  it("lets each id that it allows have its effect", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 80 }), (choices) => {
        const ids = [begin];
        for (const choice of choices) {
          const allowed = allowedAfter(ids);
          ids.push(allowed[choice % allowed.length]);
          if (ids.at(-1) === end) break;
        }
        const score = tokenizer.decode([ids]);
        const pitched = ids.filter((id) => tokenizer.isNote(id)).length;
        const steps = score.tracks.flatMap((track) => track.notes.map((note) => note.duration / 120));
        expect(steps.reduce((sum, length) => sum + length, 0)).toBe(pitched);
        expect(() => writeScore(score)).not.toThrow();
      }),
      { numRuns: 50 },
    );
  });

  it("counts bars of sixteen steps and forks independently", () => {
    const grammar = tokenizer.grammar();
    grammar.push(begin);
    for (let i = 0; i < 96; i++) grammar.push(10);
    const fork = grammar.fork();
    fork.push(10);
    expect([grammar.bars(), fork.bars()]).toEqual([1.5, 97 / 64]);
  });

  it("cuts windows where a position tells voice and place in the beat", () => {
    const ids = [begin, ...tokenizer.encodeSteps(Array(8).fill([72, 67, 60, 48])), end];
    const boundaries = ids.flatMap((_, i) => (tokenizer.boundaryAt?.(ids, i) ? [i] : []));
    expect(boundaries).toEqual([0, 16, 32]);
    expect([tokenizer.windowUnit, tokenizer.idsPerStep]).toEqual([16, 4]);
  });
});
