import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Score } from "../../src/midi/index.js";
import { randomStream } from "../../src/random.js";
import { createMidiTokTokenizer, type MidiTokTokenizer } from "../../src/tokens/index.js";
import { grammarConfigs, miditokNames } from "./configs.js";

const cases = miditokNames.flatMap((name) =>
  Object.entries(grammarConfigs).map(
    ([label, options]) => [name, label, createMidiTokTokenizer(name, options)] as const,
  ),
);

/**
 * Draws ids uniformly among those allowed, `count` of them; then, if `ends`, only what ends the stream soonest: ends
 * of what sounds, else what goes on in time. Notes would pile up without end if nothing favoured their ends.
 */
function sample(tokenizer: MidiTokTokenizer, seed: number, count: number, ends = false): number[] {
  const { vocabulary, special } = tokenizer;
  const types = vocabulary.names.map((token) => token.split("_")[0]);
  const isMoving = types.map((type) => type === "TimeShift" || type === "Position" || type === "Bar");
  const random = randomStream(seed, "grammar");
  const grammar = tokenizer.grammar();
  const mask = new Uint8Array(vocabulary.size);
  /** Notes without their end, by program token. */
  const sounding = new Map<number, number>();
  let program = -1;
  const ids: number[] = [];
  while (ids.length < count || ends) {
    if (ids.length > 20_000) throw new Error("the stream doesn't come to its end");
    grammar.allowed(mask);
    const isClosing = ids.length >= count;
    if (isClosing && mask[special.end] === 1) break;
    mask[special.end] = 0;
    const choices: number[] = [];
    const closing: number[] = [];
    const moving: number[] = [];
    for (let id = 0; id < mask.length; id++) {
      if (mask[id] === 0) continue;
      choices.push(id);
      if (types[id].endsWith("Off") || (sounding.get(id) ?? 0) > 0) closing.push(id);
      else if (isMoving[id]) moving.push(id);
    }
    // Where nothing but the end may come.
    if (choices.length === 0) break;
    let from = choices;
    if (isClosing && moving.length > 0 && !isMoving[ids[ids.length - 1]]) from = moving;
    else if (closing.length > 0 && (isClosing || random.uniform() < 0.5)) from = closing;
    const id = from[random.below(from.length)];
    if (types[id] === "Program") program = id;
    else if (types[id] === "NoteOn" || types[id] === "DrumOn")
      sounding.set(program, (sounding.get(program) ?? 0) + 1);
    else if (types[id] === "NoteOff" || types[id] === "DrumOff")
      sounding.set(program, (sounding.get(program) ?? 0) - 1);
    grammar.push(id);
    ids.push(id);
  }
  return ids;
}

function countNotes(tokenizer: MidiTokTokenizer, ids: readonly number[]): number {
  return ids.filter((id) => tokenizer.isNote(id)).length;
}

function notesOf(score: Score): string[] {
  return score.tracks
    .flatMap((track) =>
      track.notes.map((note) => {
        const beats = [note.start / score.ticksPerQuarter, note.duration / score.ticksPerQuarter];
        return [track.isDrum ? -1 : track.program, ...beats, note.pitch, note.velocity].join(" ");
      }),
    )
    .sort();
}

function checkScore(score: Score): void {
  for (const track of score.tracks) {
    let last = 0;
    for (const note of track.notes) {
      expect(note.start).toBeGreaterThanOrEqual(last);
      expect(note.duration).toBeGreaterThanOrEqual(1);
      expect(note.velocity).toBeGreaterThanOrEqual(1);
      last = note.start;
    }
  }
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe.each(cases)("the grammar of %s, %s", (_name, _label, tokenizer) => {
  const { vocabulary, special } = tokenizer;

  it("always lets something follow, and what is drawn decodes to a valid score wherever it stops", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 300 }), (seed, most) => {
        const ids = sample(tokenizer, seed, most);
        expect(ids[0]).toBe(special.begin);
        expect(ids.length).toBe(most);
        checkScore(tokenizer.decode([ids]));
      }),
      { numRuns: 10 },
    );
  });

  it("gives each note id a note in the decoded score", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const ids = sample(tokenizer, seed, 100, true);
        const score = tokenizer.decode([ids]);
        const decoded = score.tracks.reduce((total, track) => total + track.notes.length, 0);
        expect(decoded).toBe(countNotes(tokenizer, ids));
      }),
      { numRuns: 8 },
    );
  });

  it("draws what encoding writes again, note for note", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const ids = sample(tokenizer, seed, 100, true);
        const score = tokenizer.decode([ids]);
        const programs = score.tracks.map(({ program, isDrum }) => ({ program, isDrum }));
        const again = tokenizer.decode(tokenizer.encode(score), { programs });
        const keptNotes = notesOf(again);
        expect(keptNotes).toEqual(notesOf(score));
      }),
      { numRuns: 8 },
    );
  });

  it("lets onsets rise and bars grow", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const grammar = tokenizer.grammar();
        const bars = sample(tokenizer, seed, 150).map((id) => {
          grammar.push(id);
          return grammar.bars();
        });
        // Sums of fractions of bars differ in their last digits.
        expect(bars.every((bar, i) => i === 0 || bar >= bars[i - 1] - 1e-9)).toBe(true);
        expect(bars[bars.length - 1]).toBeGreaterThan(0);
      }),
      { numRuns: 8 },
    );
  });

  it("has the begin token only first and padding alone behind the end", () => {
    const grammar = tokenizer.grammar();
    const mask = new Uint8Array(vocabulary.size);
    const allowed = (): number[] => {
      grammar.allowed(mask);
      return [...mask.keys()].filter((id) => mask[id] === 1);
    };
    expect(allowed()).toEqual([special.begin]);
    grammar.push(special.begin);
    expect(allowed()).not.toContain(special.begin);
    grammar.push(special.end);
    expect(allowed()).toEqual([special.pad]);
    grammar.push(special.pad);
    expect(allowed()).toEqual([special.pad]);
  });

  it("takes any ids without throwing, and still lets something follow", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: vocabulary.size - 1 }), { maxLength: 60 }), (ids) => {
        const grammar = tokenizer.grammar();
        const mask = new Uint8Array(vocabulary.size);
        for (const id of ids) grammar.push(id);
        grammar.allowed(mask);
        expect(mask).toContain(1);
      }),
      { numRuns: 40 },
    );
  });

  it("forks into states that don't touch each other", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const ids = sample(tokenizer, seed, 60);
        const grammar = tokenizer.grammar();
        for (const id of ids.slice(0, 30)) grammar.push(id);
        const copy = grammar.fork();
        const before = new Uint8Array(vocabulary.size);
        copy.allowed(before);
        for (const id of ids.slice(30)) grammar.push(id);
        const after = new Uint8Array(vocabulary.size);
        copy.allowed(after);
        expect(after).toEqual(before);
        for (const id of ids.slice(30)) copy.push(id);
        grammar.allowed(before);
        copy.allowed(after);
        expect(after).toEqual(before);
        expect(copy.bars()).toBe(grammar.bars());
      }),
      { numRuns: 10 },
    );
  });
});
