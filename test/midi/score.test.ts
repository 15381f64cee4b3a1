import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type MidiEvent,
  midiFromScore,
  readMidi,
  readScore,
  type Score,
  scoreFromMidi,
  tempoMap,
  writeMidi,
  writeScore,
} from "../../src/midi/index.js";
import { midiFiles, scores } from "./arbitrary.js";
import { bytes, chunk, END, fileOf, header, oneTrack } from "./bytes.js";
import { control, named, off, on, program } from "./events.js";

/** [start, duration, pitch] of each note of each track. */
function notesOf(score: Score) {
  return score.tracks.map((track) => track.notes.map((note) => [note.start, note.duration, note.pitch]));
}

describe("scores and files", () => {
  it("a score comes back from its file exactly", () => {
    fc.assert(
      fc.property(scores, (score) => {
        expect(readScore(writeScore(score), { mode: "strict" })).toEqual({ score, warnings: [] });
      }),
      { numRuns: 300 },
    );
  });

  it("a file gives the same score by way of its events as straight from its bytes", () => {
    fc.assert(
      fc.property(midiFiles, (file) => {
        expect(scoreFromMidi(file)).toEqual(readScore(writeMidi(file)).score);
      }),
      { numRuns: 300 },
    );
  });

  it("what a file's score keeps, it keeps through another file", () => {
    fc.assert(
      fc.property(midiFiles, (file) => {
        const score = scoreFromMidi(file);
        const again = readScore(writeScore(score), { mode: "strict" }).score;
        // Notes that lie within others of their pitch may swap ends, and padding may stand in long gaps: see the docs.
        const starts = (each: Score) =>
          each.tracks.map((track) => track.notes.map((note) => [note.start, note.pitch]));
        expect(starts(again)).toEqual(starts(score));
        expect(again.tempos).toEqual(score.tempos);
        expect(again.texts).toEqual(score.texts);
        expect(again.tracks.map((track) => track.controls)).toEqual(
          score.tracks.map((track) => track.controls),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("keeps a tempo to the microsecond", () => {
    const tempos = [1, 333_333, 659_341, 16_777_215].map((value, tick) => ({
      tick,
      microsecondsPerQuarter: value,
    }));
    const score = { ...scoreFromMidi(fileOf([])), tempos };
    expect(readScore(writeScore(score)).score.tempos).toEqual(tempos);
  });

  it("writes ends of notes before starts at the same tick, and an empty note's end after its start", () => {
    const score = scoreFromMidi(fileOf([[on(0), off(10), on(10), off(10), on(10), off(20)]]));
    const [, { events }] = midiFromScore(score).tracks;
    expect(
      events.filter((event) => event.kind.startsWith("note")).map((event) => [event.tick, event.kind]),
    ).toEqual([
      [0, "noteOn"],
      [10, "noteOff"],
      [10, "noteOn"],
      [10, "noteOn"],
      [10, "noteOff"],
      [20, "noteOff"],
    ]);
    expect(notesOf(readScore(writeScore(score)).score)).toEqual(notesOf(score));
  });
});

describe("scoreFromMidi", () => {
  it("makes a track for each channel and program with notes, in this order, in each file track", () => {
    const file = fileOf([
      [
        named("one"),
        program(0, 5, 3),
        on(0, 60, 3),
        on(1, 61, 9),
        program(2, 4, 3),
        on(2, 62, 3),
        on(3, 63),
        off(4, 60, 3),
      ],
      [named("two"), on(0, 64, 3)],
    ]);
    expect(
      scoreFromMidi(file).tracks.map((t) => [t.name, t.channel, t.program, t.isDrum, t.notes[0].pitch]),
    ).toEqual([
      ["one", 0, 0, false, 63],
      ["one", 3, 4, false, 62],
      ["one", 3, 5, false, 60],
      ["one", 9, 0, true, 61],
      ["two", 3, 0, false, 64],
    ]);
  });

  it("closes the oldest of overlapping notes of one pitch first, across programs", () => {
    const file = fileOf([[on(0), on(10), program(15, 7), off(20), on(25), off(30), off(40)]]);
    expect(notesOf(scoreFromMidi(file))).toEqual([
      [
        [0, 20, 60],
        [10, 20, 60],
      ],
      [[25, 15, 60]],
    ]);
  });

  it("doesn't close a note by another file track's note-off", () => {
    const file = fileOf([
      [on(0), off(9)],
      [off(5), on(6), off(7)],
    ]);
    expect(notesOf(scoreFromMidi(file))).toEqual([[[0, 9, 60]], [[6, 1, 60]]]);
  });

  it("keeps notes without length, and the order of notes that start together", () => {
    const file = fileOf([[on(5, 70), on(5, 60), off(5, 60), on(5, 65), off(6, 70), off(6, 65)]]);
    expect(notesOf(scoreFromMidi(file))).toEqual([
      [
        [5, 1, 70],
        [5, 0, 60],
        [5, 1, 65],
      ],
    ]);
  });

  it("tells a note-off's velocity from a note-on's of velocity 0", () => {
    const [track] = scoreFromMidi(fileOf([[on(0), off(1, 60, 0, 0), on(2), on(3, 60, 0, 0)]])).tracks;
    expect(track.notes.map((note) => note.releaseVelocity)).toEqual([0, undefined]);
  });

  it("gives controls and bends from before the first note to the channel's next new track", () => {
    const bend: MidiEvent = { kind: "pitchBend", tick: 0, channel: 0, value: -5 };
    const events = [
      bend,
      control(0, 1),
      control(0, 2, 1),
      program(1, 8),
      on(2),
      control(3, 4),
      program(4, 9),
      control(5, 6),
    ];
    const { tracks } = scoreFromMidi(fileOf([events]));
    expect(tracks).toHaveLength(1);
    expect(tracks[0].pitchBends).toEqual([{ tick: 0, value: -5 }]);
    expect(tracks[0].controls.map((each) => [each.tick, each.value])).toEqual([
      [0, 1],
      [3, 4],
    ]);
  });

  it("sorts tempos, signatures and texts of all tracks by tick", () => {
    const tempo = (tick: number, value: number): MidiEvent => ({
      kind: "tempo",
      tick,
      microsecondsPerQuarter: value,
    });
    const marker = (tick: number, name: string): MidiEvent => ({
      kind: "text",
      tick,
      text: "marker",
      data: bytes(name),
    });
    const score = scoreFromMidi(
      fileOf([[tempo(5, 1), marker(9, "b")], [tempo(0, 2), marker(9, "c"), tempo(9, 3)], [marker(1, "")]]),
    );
    expect(score.tempos.map((each) => each.microsecondsPerQuarter)).toEqual([2, 1, 3]);
    expect(score.texts.map((each) => each.text)).toEqual(["b", "c"]);
  });

  it("reads names as UTF-8, and as Latin-1 where they aren't", () => {
    const name = (data: Uint8Array) =>
      scoreFromMidi(fileOf([[{ ...named(""), data } as MidiEvent, on(0)]])).tracks[0].name;
    expect(name(bytes([0x46, 0x6c, 0xc3, 0xb6, 0x74, 0x65]))).toBe("Flöte");
    expect(name(bytes([0x46, 0x6c, 0xf6, 0x74, 0x65]))).toBe("Flöte");
    expect(name(bytes([0xef, 0xbf, 0xbd]))).toBe("\uFFFD");
    expect(name(bytes([0xef, 0xbb, 0xbf, 0x61]))).toBe("\uFEFFa");
    expect(name(new Uint8Array(10_000).fill(0xe9))).toBe("é".repeat(10_000));
  });
});

describe("readScore", () => {
  it("lets notes that are never closed last until the end of their track, with a warning", () => {
    const file = oneTrack([0, 0x90, 60, 9, 5, 62, 9, 5, 62, 0, 30, 0xff, 0x2f, 0]);
    const { score, warnings } = readScore(file);
    expect(notesOf(score)).toEqual([
      [
        [0, 40, 60],
        [5, 5, 62],
      ],
    ]);
    expect(warnings).toEqual([
      {
        byte: file.length,
        message:
          "notes: 1 note that is never closed, expected a note-off for each; they last until the end of the track",
      },
    ]);
    expect(() => readScore(file, { mode: "strict" })).toThrow(
      /^invalid notes: 1 note that is never closed at byte 36/,
    );
  });

  it.each([
    [[0xe7, 40], 1000],
    [[0xe8, 80], 1920],
    [[0xe2, 3], 90],
    [[0xe7, 3], 75],
    [[0xe3, 4], 120_000 / 1001],
  ] as const)(
    "turns the film division %j into one in which seconds stay right",
    (division, ticksPerSecond) => {
      // The tempo must not count: with such a division, a tick is a part of a second.
      const track = [0, 0xff, 0x51, 3, 0, 0, 9, 0, 0x90, 60, 9, 100, 60, 0, ...END];
      const { score } = readScore(bytes(header(0, 1, division), chunk("MTrk", track)), { mode: "strict" });
      const { secondsAt } = tempoMap(score);
      expect(score.tempos).toHaveLength(1);
      expect(secondsAt(100)).toBeCloseTo(100 / ticksPerSecond, 12);
      expect(secondsAt(1_000_000)).toBeCloseTo(1_000_000 / ticksPerSecond, 6);
      expect(notesOf(score)).toEqual([[[0, 100, 60]]]);
    },
  );

  it("reads what a lenient reading of events gives, fault by fault", () => {
    const faulty = bytes(header(2, 3, [0, 0]), chunk("MTrk", [0, 0x90, 60, 200, 5, 0xf8, 1, 61, 2]), "x");
    expect(readScore(faulty).score).toEqual(scoreFromMidi(readMidi(faulty)));
  });
});
