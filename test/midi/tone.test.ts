import ToneJs from "@tonejs/midi";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readScore, type Score, tempoMap, writeScore } from "../../src/midi/index.js";
import { scoreFromTone, type ToneMidi, toneFromScore } from "../../src/midi/tone.js";
import { scores } from "./arbitrary.js";
import { bytes, chunk, END, header, oneTrack } from "./bytes.js";

const { Midi } = ToneJs;

/** What `@tonejs/midi` reads as the end of a note is what ours does only where no note of a pitch starts within another. */
const apart: fc.Arbitrary<Score> = scores.map((score) => ({
  ...score,
  tracks: score.tracks.map((track) => ({
    ...track,
    notes: track.notes.map((note, index) => ({ ...note, start: 7 * index, duration: 1 + (index % 6) })),
  })),
}));

/** Notes as (channel, program, start, duration, pitch, velocity, release velocity), in an order of their own. */
function notesOf(score: Score) {
  return score.tracks
    .flatMap(({ channel, program, notes }) =>
      notes.map((note) => [
        channel,
        program,
        note.start,
        note.duration,
        note.pitch,
        note.velocity,
        note.releaseVelocity ?? 0,
      ]),
    )
    .map((each) => each.join(" "))
    .sort();
}

describe("files read by @tonejs/midi", () => {
  it("have the notes, ticks, tempos and signatures that readScore reads", () => {
    fc.assert(
      fc.property(apart, (score) => {
        const file = writeScore(score);
        const midi = new Midi(file);
        const theirs = scoreFromTone(midi);
        expect(notesOf(theirs)).toEqual(notesOf(score));
        expect(theirs.ticksPerQuarter).toBe(score.ticksPerQuarter);
        expect(theirs.tempos).toEqual(score.tempos);
        expect(theirs.timeSignatures).toEqual(score.timeSignatures);
        expect(theirs.keySignatures).toEqual(score.keySignatures);
      }),
      { numRuns: 100 },
    );
  });

  it("have the times in seconds that tempoMap gives", () => {
    fc.assert(
      fc.property(apart, (any) => {
        // Before the first tempo, @tonejs/midi takes that tempo where the specification says 120.
        const score = { ...any, tempos: [{ tick: 0, microsecondsPerQuarter: 400_000 }, ...any.tempos] };
        const { secondsAt } = tempoMap(score);
        for (const { notes } of new Midi(writeScore(score)).tracks) {
          for (const note of notes) expect(note.time).toBeCloseTo(secondsAt(note.ticks), 6);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("toneFromScore", () => {
  it("gives a Midi object from which scoreFromTone gives the same score", () => {
    fc.assert(
      fc.property(scores, (score) => {
        const back = scoreFromTone(toneFromScore(score, Midi));
        // A Midi object keeps controls apart by number, and no release velocity of 0.
        const expected = {
          ...score,
          tracks: score.tracks.map((track) => ({
            ...track,
            controls: track.controls.toSorted((a, b) => a.tick - b.tick || a.controller - b.controller),
            notes: track.notes.map((note) => ({
              ...note,
              releaseVelocity: note.releaseVelocity || undefined,
            })),
          })),
        };
        expect(back).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("gives an object that plays as the score does: names, instruments, seconds", () => {
    const { score } = readScore(
      oneTrack([0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40, 0, 0xc0, 40, 96, 0x90, 69, 127, 48, 69, 0, ...END]),
    );
    const [track] = toneFromScore(score, Midi).tracks;
    expect(track.instrument.name).toBe("violin");
    expect(track.notes[0].toJSON()).toEqual({
      name: "A4",
      midi: 69,
      ticks: 96,
      durationTicks: 48,
      time: 1,
      duration: 0.5,
      velocity: 1,
    });
  });
});

describe("scoreFromTone", () => {
  const midi = (): ToneMidi =>
    toneFromScore(readScore(oneTrack([0, 0x90, 60, 9, 5, 60, 0, ...END])).score, Midi);

  it("rounds what a program has set between MIDI's steps", () => {
    const object = new Midi();
    const track = object.addTrack();
    track.addNote({ midi: 60, ticks: 10.4, durationTicks: 5.5, velocity: 0.5 });
    track.addNote({ midi: 61, ticks: 20, durationTicks: 5, velocity: 0.001 });
    track.addCC({ number: 64, ticks: 3, value: 0.5 });
    track.addPitchBend({ ticks: 4, value: 1 });
    const [{ notes, controls, pitchBends }] = scoreFromTone(object).tracks;
    expect(notes.map((note) => [note.start, note.duration, note.velocity])).toEqual([
      [10, 6, 64],
      [20, 5, 1],
    ]);
    expect(controls).toEqual([{ tick: 3, controller: 64, value: 64 }]);
    expect(pitchBends).toEqual([{ tick: 4, value: 8191 }]);
  });

  it.each<[string, (object: { ticks: number; midi: number; velocity: number }) => void]>([
    ["ticks", (note) => Object.assign(note, { ticks: Number.NaN })],
    ["ticks", (note) => Object.assign(note, { ticks: -1 })],
    ["pitch", (note) => Object.assign(note, { midi: 128 })],
    ["velocity", (note) => Object.assign(note, { velocity: 1.5 })],
  ])("refuses a note whose %s is out of range", (field, spoil) => {
    const object = midi();
    spoil(object.tracks[0].notes[0]);
    expect(() => scoreFromTone(object)).toThrow(new RegExp(`^invalid ${field}`));
  });

  it("refuses the object that @tonejs/midi makes of a division in film frames, which has no resolution", () => {
    const file = bytes(header(1, 1, [0xe7, 40]), chunk("MTrk", [0, 0x90, 60, 9, 5, 60, 0, ...END]));
    expect(() => scoreFromTone(new Midi(file))).toThrow(/^invalid ppq/);
    expect(readScore(file).score.tracks[0].notes).toHaveLength(1);
  });
});

describe("files on which @tonejs/midi 2.0.28 fails", () => {
  it.each([
    ["a track without events", bytes(header(1, 1, [0, 96]), chunk("MTrk", []))],
    [
      "an unknown chunk",
      bytes(header(0, 1, [0, 96]), chunk("XFIH", [1]), chunk("MTrk", [0, 0x90, 60, 9, 5, 60, 0, ...END])),
    ],
  ])("%s is read here", (_what, file) => {
    expect(() => new Midi(file)).toThrow();
    expect(() => readScore(file)).not.toThrow();
  });

  it("a note that is never closed is kept here", () => {
    const file = oneTrack([0, 0x90, 60, 9, 5, 0xff, 0x2f, 0]);
    expect(new Midi(file).tracks[0].notes).toHaveLength(0);
    expect(readScore(file).score.tracks[0].notes).toHaveLength(1);
  });
});
