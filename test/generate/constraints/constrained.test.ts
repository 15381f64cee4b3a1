import { describe, expect, it } from "vitest";
import { closeNotes } from "../../../src/generate/close-notes.js";
import {
  ConstrainedGrammar,
  type MusicConstraints,
  parseChords,
  parseKey,
  parsePitchRanges,
  pitchClassesOf,
  rulesOf,
} from "../../../src/generate/index.js";
import type { Note, Score } from "../../../src/midi/index.js";
import { randomStream } from "../../../src/random.js";
import { createTokenizer, type Tokenizer } from "../../../src/tokens/index.js";
import { pipeline } from "../random-model.js";
import { note, score, track } from "../scores.js";

const BARS = 3;

const tokenizers: readonly (readonly [name: string, tokenizer: Tokenizer])[] = [
  ["remi", createTokenizer("remi", pipeline)],
  ["remi, programs at changes", createTokenizer("remi", { ...pipeline, programChanges: true })],
  ["remi, bar ends", createTokenizer("remi", { ...pipeline, useBarEndTokens: true, useRests: true })],
  ["remi, doubled notes", createTokenizer("remi", { ...pipeline, removeDuplicatedNotes: false })],
  ["tsd", createTokenizer("tsd", pipeline)],
  ["midilike", createTokenizer("midilike", pipeline)],
  ["remi, a stream a track", createTokenizer("remi", { usePitchdrumTokens: false })],
  ["chorale", createTokenizer("chorale")],
];

interface Walk {
  readonly ids: number[];
  readonly grammar: ConstrainedGrammar;
  readonly score: Score;
}

/** A piece of a model whose logits are noise: a few ids are far likelier than others, and which they are changes all the time. */
function walk(tokenizer: Tokenizer, constraints: MusicConstraints, seed: number): Walk {
  const { special, vocabulary } = tokenizer;
  const plain = tokenizer.grammar();
  plain.push(special.begin);
  const avoid = [
    special.end,
    ...vocabulary.names.flatMap((name, id) => (/^TimeSig_(?!4\/4)/.test(name) ? [id] : [])),
  ];
  const rules = rulesOf(constraints, tokenizer, { firstBar: 0, barScale: 1, avoid });
  const grammar = new ConstrainedGrammar(tokenizer, plain.fork(), rules);
  const ids = [special.begin];
  const mask = new Uint8Array(vocabulary.size);
  const own = new Uint8Array(vocabulary.size);
  for (let step = 0; grammar.bars() < BARS - 1e-6; step++) {
    // Music without a limit of notes can go on in one bar for ever.
    if (step > 3000) throw new Error("no end in sight");
    grammar.allowed(mask);
    const random = randomStream(seed, "noise", step);
    let best = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let id = 0; id < mask.length; id++) {
      // Bars come now and then, so that a piece ends.
      const logit = 4 * random.normal() + (tokenizer.isBoundary(id) && step % 40 > 30 ? 12 : 0);
      if (mask[id] && logit > highest) [best, highest] = [id, logit];
    }
    // Well-formed is what the tokenizer's own grammar allows.
    plain.allowed(own);
    expect(own[best], `${vocabulary.names[best]} at ${step}`).toBe(1);
    ids.push(best);
    grammar.push(best);
    plain.push(best);
  }
  return { ids, grammar, score: tokenizer.decode([closeNotes(ids, vocabulary)]) };
}

interface Sounding extends Note {
  readonly track: string;
  readonly program: number;
  /** In quarters. */
  readonly at: number;
}

function notesOf({ tracks, ticksPerQuarter }: Score): Sounding[] {
  return tracks.flatMap(({ notes, isDrum, program, name }) =>
    notes.map((each) => ({
      ...each,
      at: each.start / ticksPerQuarter,
      track: name,
      program: isDrum ? -1 : program,
    })),
  );
}

const seeds = Array.from({ length: 4 }, (_, seed) => seed);

describe.each(tokenizers)("constraints with %s", (_, tokenizer) => {
  it("keep every note in the key, and every note in its range", () => {
    let total = 0;
    for (const seed of seeds) {
      const key = parseKey(["C-minor", "F#-major", "Bb-pentatonic", "D-dorian"][seed % 4]);
      const constraints = { key, pitchRange: parsePitchRanges("C3-A5") };
      const { score: piece, grammar } = walk(tokenizer, constraints, seed);
      const notes = notesOf(piece).filter(({ program }) => program >= 0);
      total += notes.length;
      const classes = pitchClassesOf(key);
      for (const { pitch } of notes) {
        expect(classes.has(pitch % 12)).toBe(true);
        expect(pitch).toBeGreaterThanOrEqual(48);
        expect(pitch).toBeLessThanOrEqual(81);
      }
      expect([...grammar.broken]).toEqual([]);
    }
    expect(total).toBeGreaterThan(0);
  });

  it("begin notes on beats with the bar's chord", () => {
    const chords = parseChords("C Am/B N.C. F");
    for (const seed of seeds) {
      const { score: piece, grammar } = walk(tokenizer, { chords }, seed);
      for (const { at, pitch, program, duration } of notesOf(piece)) {
        if (program < 0) continue;
        // A chorale's steps sound on a beat, held or not.
        const beats = tokenizer.voices
          ? Array.from(
              { length: 1 + Math.ceil(duration / piece.ticksPerQuarter) },
              (_, i) => Math.ceil(at) + i,
            )
          : [at];
        for (const beat of beats) {
          if (beat !== Math.round(beat) || beat >= at + duration / piece.ticksPerQuarter) continue;
          const chord = chords[Math.floor(beat / 4) % 4];
          expect(chord === undefined || chord.has(pitch % 12), `${pitch} at quarter ${beat}`).toBe(true);
        }
      }
      expect([...grammar.broken]).toEqual([]);
    }
  });

  it.each([
    [0, 5],
    [6, 9],
    [3, 3],
    [20, Number.POSITIVE_INFINITY],
  ])("begin %d to %d notes in each bar", (min, max) => {
    for (const seed of seeds) {
      const { ids, grammar } = walk(tokenizer, { density: { min, max }, key: parseKey("G") }, seed);
      // Counted on the stream: notes of MIDI-Like that nothing ends aren't in the score.
      const plain = tokenizer.grammar();
      const counts = new Array<number>(BARS).fill(0);
      for (const id of ids) {
        if (plain.noteOf(id)?.begins) counts[Math.floor(plain.bars() + 1e-6)]++;
        plain.push(id);
      }
      for (const count of counts) {
        expect(count).toBeGreaterThanOrEqual(min);
        expect(count).toBeLessThanOrEqual(max);
      }
      expect([...grammar.broken]).toEqual([]);
    }
  });
});

const melody = score([
  track(
    [60, 62, 64, 65, 67, 65, 64, 62, 60].map((pitch, i) =>
      note(i === 0 ? 0 : i + 0.5, i === 8 ? 2 : 1, pitch),
    ),
    { name: "Soprano", program: 73, channel: 2 },
  ),
]);

describe.each(tokenizers.filter(([name]) => !/midilike|a stream a track/.test(name)))(
  "a melody that is kept with %s",
  (_, tokenizer) => {
    it("stands in every piece, note for note, whatever else is asked for", () => {
      for (const seed of seeds) {
        const constraints: MusicConstraints = {
          keep: melody,
          key: parseKey("F#-major"),
          ...(seed % 2 === 0 ? { density: { min: 5, max: 8 } } : { chords: parseChords("F# B") }),
        };
        const { score: piece, grammar } = walk(tokenizer, constraints, seed);
        const isOwn = ({ track: name, program }: Sounding): boolean =>
          tokenizer.voices === undefined ? program === 73 : name === "Soprano";
        const there = notesOf(piece)
          .filter(isOwn)
          .map(({ at, pitch, duration }) => `${at} ${pitch} ${duration / piece.ticksPerQuarter}`);
        for (const { start, pitch, duration } of melody.tracks[0].notes) {
          expect(there).toContain(`${start / 480} ${pitch} ${duration / 480}`);
        }
        const classes = pitchClassesOf(parseKey("F#-major"));
        const others = notesOf(piece).filter(
          (each) =>
            each.program >= 0 &&
            !(isOwn(each) && melody.tracks[0].notes.some(({ start }) => start / 480 === each.at)),
        );
        expect(others.every(({ pitch }) => classes.has(pitch % 12))).toBe(true);
        expect([...grammar.broken]).toEqual([]);
      }
    });
  },
);

describe("rules that can't all be kept", () => {
  it("aren't said to be broken where a bar's last place has its last note", () => {
    const tokenizer = createTokenizer("chorale");
    const grammar = tokenizer.grammar();
    grammar.push(tokenizer.special.begin);
    const rules = rulesOf({ density: { min: 5, max: 5 } }, tokenizer, {
      firstBar: 0,
      barScale: 1,
      avoid: [],
    });
    const constrained = new ConstrainedGrammar(tokenizer, grammar, rules);
    const [rest, c, d] = ["Rest", "Pitch_60", "Pitch_62"].map((name) => tokenizer.vocabulary.idOf(name)!);
    const mask = new Uint8Array(tokenizer.vocabulary.size);
    // Four voices begin together, and the bass moves at the bar's last 16th.
    for (let i = 0; i < 63; i++) constrained.push(c);
    constrained.allowed(mask);
    expect([mask[rest], mask[c], mask[d]]).toEqual([0, 0, 1]);
    const late = constrained.fork();
    late.push(d);
    expect([...late.broken]).toEqual([]);
    constrained.push(c);
    expect([...constrained.broken]).toEqual([["density", 1]]);
  });

  it("are given up one by one, the least important first, and counted", () => {
    const tokenizer = createTokenizer("chorale");
    // One pitch and many notes: a voice can't begin a note at every step.
    const constraints = { pitchRange: parsePitchRanges("C4-C4"), density: { min: 64, max: 64 } };
    const { score: piece, grammar } = walk(tokenizer, constraints, 1);
    expect(notesOf(piece).every(({ pitch }) => pitch === 60)).toBe(true);
    expect([...grammar.broken.keys()]).toEqual(["density"]);
  });

  it("let a melody have more notes than the density", () => {
    const tokenizer = createTokenizer("remi", pipeline);
    const { score: piece, grammar } = walk(tokenizer, { keep: melody, density: { min: 0, max: 1 } }, 1);
    expect(notesOf(piece)).toHaveLength(9);
    expect([...grammar.broken]).toEqual([]);
  });
});
