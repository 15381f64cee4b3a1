import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { arrange, firstBars, melodyOf } from "../../scripts/corpus/arrange.js";
import { choraleScore, chorales } from "../../scripts/corpus/chorales.js";
import { corpusFiles, tunes } from "../../scripts/corpus/corpus.js";
import { readChord, readKey, readLine } from "../../scripts/corpus/notation.js";
import type { Tune } from "../../scripts/corpus/tune.js";
import { barMap, notesEnd, readScore, type Score } from "../../src/midi/index.js";

const data = new URL("../../data/", import.meta.url);

// Tunes that end on another degree than the first: a final third, and openings that break off.
const endsElsewhere = new Set(["the-first-nowell", "canon-in-d"]);

describe("the notation", () => {
  it("reads lengths, octaves, key signature and accidentals that hold for a bar", () => {
    const { notes, bars } = readLine("F2 ^f/F, =F | f3/2 z B,-| B,", 1);
    expect(notes).toEqual([
      { start: 0, length: 2, pitch: 66 },
      { start: 2, length: 0.5, pitch: 78 },
      { start: 2.5, length: 1, pitch: 54 },
      { start: 3.5, length: 1, pitch: 65 },
      { start: 4.5, length: 1.5, pitch: 78 },
      { start: 7, length: 2, pitch: 59 },
    ]);
    expect(bars).toEqual([4.5, 3.5, 1]);
  });

  it("reads broken rhythms and chord symbols", () => {
    const { notes, chords } = readLine('"Am"A>B "G7"c<d', 0);
    expect(notes.map(({ start, length }) => [start, length])).toEqual([
      [0, 1.5],
      [1.5, 0.5],
      [2, 0.5],
      [2.5, 1.5],
    ]);
    expect(chords).toEqual([
      { start: 0, symbol: "Am" },
      { start: 2, symbol: "G7" },
    ]);
  });

  it.each([
    ["G", 0, { sharps: 1, tonic: 7, minor: false }],
    ["Bb", 0, { sharps: -2, tonic: 10, minor: false }],
    ["F#m", 0, { sharps: 3, tonic: 6, minor: true }],
    ["Ddor", 0, { sharps: 0, tonic: 2, minor: true }],
    ["Ephr", 0, { sharps: 0, tonic: 4, minor: true }],
    ["C", 3, { sharps: -3, tonic: 3, minor: false }],
    ["Am", -2, { sharps: -2, tonic: 7, minor: true }],
  ])("reads the key %s, %i semitones up", (name, transpose, key) => {
    expect(readKey(name, transpose)).toEqual(key);
  });

  it("refuses what it doesn't know", () => {
    expect(() => readLine("C D ? E", 0)).toThrow('invalid notation: "? E"');
    expect(() => readLine("C- D", 0)).toThrow("the same pitch twice");
    expect(() => readKey("H", 0)).toThrow('invalid key: "H"');
    expect(() => readChord("Csus4")).toThrow('invalid chord: "Csus4"');
  });
});

describe("the tunes", () => {
  it("are at least 44, each with a name of its own", () => {
    expect(tunes.length).toBeGreaterThanOrEqual(44);
    expect(new Set(tunes.map(({ id }) => id)).size).toBe(tunes.length);
    expect(new Set(tunes.map(({ title }) => title)).size).toBe(tunes.length);
  });

  it("are refused when a bar doesn't add up", () => {
    const tune = { ...tunes[0], meter: "4/4", unit: 4, form: "A" } satisfies Tune;
    expect(() => melodyOf({ ...tune, parts: { A: "C C C C | C C C | C4 |" } })).toThrow(
      "bar 2 of 3 in part A",
    );
    expect(() => melodyOf({ ...tune, parts: { A: "C | C C C C | C4 |" } })).toThrow("fit the pickup");
    expect(() => melodyOf({ ...tune, parts: { B: "C4 |" } })).toThrow(
      'invalid form of ach-du-lieber-augustin: "A"',
    );
  });

  it.each(tunes.map((tune) => [tune.id, tune] as const))("%s is whole", (_, tune) => {
    const { notes, harmony, end } = melodyOf(tune);
    const bars = end / harmony.ticksPerBar;
    expect(bars).toBeGreaterThanOrEqual(16);
    expect(bars).toBeLessThanOrEqual(48);
    const pitches = notes.map(({ pitch }) => pitch);
    expect(Math.min(...pitches)).toBeGreaterThanOrEqual(55);
    expect(Math.max(...pitches)).toBeLessThanOrEqual(84);
    if (!endsElsewhere.has(tune.id)) {
      expect(notes[notes.length - 1].pitch % 12).toBe(readKey(tune.key, tune.transpose).tonic);
    }
    expect(new Set(tune.verses).size).toBe(tune.verses.length);
  });

  it("have melodies whose strong beats lie in the harmony", () => {
    let strong = 0;
    let within = 0;
    for (const tune of tunes) {
      const { notes, harmony } = melodyOf(tune);
      const downbeats = notes.filter(({ start }) => start % harmony.ticksPerBar === 0);
      let agreed = 0;
      for (const { start, pitch } of downbeats) {
        const { root, intervals } = harmony.chords.findLast((each) => each.start <= start)!.chord;
        if (intervals.some((interval) => (root + interval) % 12 === pitch % 12)) agreed += 1;
      }
      // Appoggiaturas stand on strong beats by their nature; more than three in ten would be a wrong chord.
      expect(agreed / downbeats.length, tune.id).toBeGreaterThanOrEqual(0.7);
      strong += downbeats.length;
      within += agreed;
    }
    expect(within / strong).toBeGreaterThan(0.95);
  });

  it("have accompaniments that start and end with the melody and never strike a key that still sounds", () => {
    for (const tune of tunes) {
      const score = arrange(tune);
      const [melody, accompaniment] = score.tracks;
      const { end, harmony } = melodyOf(tune);
      expect(Math.max(...accompaniment.notes.map(({ start, duration }) => start + duration)), tune.id).toBe(
        end,
      );
      expect(notesEnd(score), tune.id).toBe(end);
      expect(melody.notes[0].start, tune.id).toBeLessThan(harmony.ticksPerBar);
      for (const { notes } of score.tracks) {
        const soundsUntil = new Map<number, number>();
        for (const { start, duration, pitch } of notes) {
          expect(duration, tune.id).toBeGreaterThan(0);
          expect(soundsUntil.get(pitch) ?? 0, `${tune.id} at ${start}`).toBeLessThanOrEqual(start);
          soundsUntil.set(pitch, start + duration);
        }
      }
    }
  });
});

/** The pitch that sounds in a track at a tick. */
function pitchAt(score: Score, track: number, tick: number): number {
  return score.tracks[track].notes.find(({ start, duration }) => start <= tick && tick < start + duration)!
    .pitch;
}

describe.each(chorales.map((chorale) => [chorale.id, choraleScore(chorale)] as const))("%s", (_, score) => {
  // Lowest and highest pitch of soprano, alto, tenor and bass.
  const ranges = [
    [60, 81],
    [52, 74],
    [46, 69],
    [36, 66],
  ];

  it("has four voices of four bars in their ranges", () => {
    expect(score.tracks.map(({ name }) => name)).toEqual(["Soprano", "Alto", "Tenor", "Bass"]);
    for (const [index, { notes }] of score.tracks.entries()) {
      expect(notes.reduce((sum, { duration }) => sum + duration, 0)).toBe(4 * 4 * score.ticksPerQuarter);
      for (const { pitch } of notes) {
        expect(pitch).toBeGreaterThanOrEqual(ranges[index][0]);
        expect(pitch).toBeLessThanOrEqual(ranges[index][1]);
      }
    }
  });

  it("has no crossing voices and no parallel fifths or octaves", () => {
    const voices = [0, 1, 2, 3];
    const chordAt = (tick: number) => voices.map((voice) => pitchAt(score, voice, tick));
    // Every eighth to the next, and every quarter to the next.
    for (const step of [240, 480]) {
      for (let tick = step; tick < notesEnd(score); tick += step) {
        const before = chordAt(tick - step);
        const now = chordAt(tick);
        expect(now).toEqual(now.toSorted((one, other) => other - one));
        for (const upper of voices) {
          for (const lower of voices.slice(upper + 1)) {
            const interval = (now[upper] - now[lower]) % 12;
            const parallel =
              now[upper] !== before[upper] &&
              now[lower] !== before[lower] &&
              (interval === 0 || interval === 7) &&
              interval === (before[upper] - before[lower]) % 12;
            expect(parallel, `voices ${upper} and ${lower} at ${tick}`).toBe(false);
          }
        }
      }
    }
  });
});

describe("data/", () => {
  const files = corpusFiles();

  it("holds what the script makes, byte for byte, and nothing else of its kind", () => {
    for (const [path, bytes] of files) {
      expect(Buffer.from(bytes).equals(readFileSync(new URL(path, data))), path).toBe(true);
    }
    const found = ["tunes", "prompts"].flatMap((folder) =>
      readdirSync(new URL(folder, data)).map((name) => `${folder}/${name}`),
    );
    expect(found.toSorted()).toEqual([...files.keys()].filter((path) => path.endsWith(".mid")).toSorted());
  });

  it("has files that read back as the scores that were written", () => {
    for (const tune of tunes) {
      const written = arrange(tune);
      const { score, warnings } = readScore(files.get(`tunes/${tune.id}.mid`)!);
      expect(warnings, tune.id).toEqual([]);
      const { numerator, denominator } = barMap(score).positionAt(0);
      expect(`${numerator}/${denominator}`).toBe(tune.meter);
      expect(score.tempos, tune.id).toEqual(written.tempos);
      expect(score.keySignatures, tune.id).toEqual(written.keySignatures);
      expect(score.texts, tune.id).toEqual(written.texts);
      const shape = ({ tracks }: Score) =>
        tracks.map(({ name, program, notes }) => [
          name,
          program,
          notes.map(({ start, duration, pitch, velocity }) => [start, duration, pitch, velocity]),
        ]);
      expect(shape(score), tune.id).toEqual(shape(written));
    }
  });

  it("has prompts that end on a bar line", () => {
    for (const [path, bytes] of files) {
      if (!path.startsWith("prompts/")) continue;
      const { score } = readScore(bytes);
      expect(barMap(score).positionAt(notesEnd(score)), path).toMatchObject({ bar: 4, beat: 0 });
    }
  });

  it("can't cut more bars than there are", () => {
    expect(() => firstBars(arrange(tunes[0]), 1000)).toThrow("invalid score: shorter; expected 1000 bars");
  });
});
