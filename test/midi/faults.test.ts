import { describe, expect, it } from "vitest";
import { AttaccaError } from "../../src/errors.js";
import { readMidi, readScore } from "../../src/midi/index.js";
import { bytes, chunk, END, header, oneTrack } from "./bytes.js";
import { cases, goodTrack, NOTE } from "./faulty-files.js";

describe.each(cases)("a file with $fault", ({ file, byte, kept }) => {
  it("is refused in strict mode, with the byte", () => {
    expect(() => readMidi(file, { mode: "strict" })).toThrow(
      expect.objectContaining({
        name: "AttaccaError",
        kind: "invalid",
        message: expect.stringMatching(new RegExp(` at byte ${byte}; expected `)),
      }),
    );
  });

  it("keeps what can be kept in lenient mode, and says so", () => {
    const { tracks, warnings } = readMidi(file);
    expect(tracks.map((track) => track.events)).toEqual(kept);
    expect(warnings.map((warning) => warning.byte)).toContain(byte);
    expect(readScore(file).warnings).toEqual(expect.arrayContaining([...warnings]));
  });
});

describe("in lenient mode", () => {
  it.each([
    ["nothing", bytes()],
    ["text", bytes("not a MIDI file, but long enough to be one")],
    ["a header that is cut off", bytes("MThd", [0, 0, 0, 6, 0, 1, 0, 1])],
  ])("%s is refused", (_what, file) => {
    expect(() => readMidi(file)).toThrow(AttaccaError);
    expect(() => readScore(file)).toThrow(/expected a header chunk/);
  });

  it("a division of 0 is taken as 480", () => {
    const file = bytes(header(0, 1, [0, 0]), goodTrack);
    expect(readMidi(file).division).toEqual({ kind: "quarter", ticksPerQuarter: 480 });
  });

  it("lists no more than 100 warnings and counts the rest", () => {
    const { tracks, warnings } = readMidi(
      oneTrack([...Array.from({ length: 1000 }, () => [0, 0xf8]).flat(), ...END]),
    );
    expect(tracks[0].events).toEqual([]);
    expect(warnings).toHaveLength(100);
    expect(warnings[99]).toEqual({ byte: 221, message: "901 more faults, the first of them here" });
  });

  it("no more than 65,535 tracks are read, for no header could count them", () => {
    const file = bytes(header(1, 0xffff, [0, 96]), new Uint8Array(8 * 65_537));
    for (let at = 14; at < file.length; at += 8) file.set(bytes("MTrk"), at);
    const { tracks, warnings } = readMidi(file);
    expect(tracks).toHaveLength(65_535);
    expect(warnings.at(-1)?.message).toMatch(/more faults/);
  });

  it("a file of 30 bytes on which midi-file 1.2.4 fills the memory is read at once", () => {
    // The length of the meta event has five bytes and overflows to −8 there: the parser goes back to its start.
    const file = bytes(header(0, 1, [0, 96]), chunk("MTrk", [0, 0xff, 0x7f, 0x8f, 0xff, 0xff, 0xff, 0x78]));
    expect(file).toHaveLength(30);
    expect(readMidi(file).tracks).toEqual([{ events: [], endTick: 0 }]);
    expect(readMidi(file).warnings[0].byte).toBe(22);
  });

  it("ends a track at a fault and keeps the time until then", () => {
    expect(readMidi(oneTrack([...NOTE, 50, 0x10])).tracks[0].endTick).toBe(60);
  });
});
