import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_TICK, type MidiEvent, readMidi, writeMidi } from "../../src/midi/index.js";
import { midiFiles } from "./arbitrary.js";
import { bytes, chunk, END, fileOf, header } from "./bytes.js";

const noteOn = (tick: number, pitch = 60) =>
  ({ kind: "noteOn", tick, channel: 0, pitch, velocity: 9 }) as const;

describe("writeMidi", () => {
  it("writes a file that reading turns back into the same events, whatever they are", () => {
    fc.assert(
      fc.property(midiFiles, fc.boolean(), (file, runningStatus) => {
        expect(readMidi(writeMidi(file, { runningStatus }), { mode: "strict" })).toEqual({
          ...file,
          warnings: [],
        });
      }),
      { numRuns: 500 },
    );
  });

  it("leaves a status out where it equals the one before, and only then", () => {
    const tempo = { kind: "tempo", tick: 3, microsecondsPerQuarter: 500_000 } as const;
    const file = fileOf([
      [noteOn(0), noteOn(1, 61), { ...noteOn(2), channel: 1 }, tempo, { ...noteOn(3), channel: 1 }],
    ]);
    const tempoBytes = [1, 0xff, 0x51, 3, 7, 0xa1, 0x20];
    const running = [0, 0x90, 60, 9, 1, 61, 9, 1, 0x91, 60, 9, ...tempoBytes, 0, 0x91, 60, 9, ...END];
    const full = [0, 0x90, 60, 9, 1, 0x90, 61, 9, 1, 0x91, 60, 9, ...tempoBytes, 0, 0x91, 60, 9, ...END];
    expect(writeMidi(file)).toEqual(bytes(header(1, 1, [1, 0xe0]), chunk("MTrk", running)));
    expect(writeMidi(file, { runningStatus: false })).toEqual(
      bytes(header(1, 1, [1, 0xe0]), chunk("MTrk", full)),
    );
  });

  it("fills gaps that are too long for a delta time with empty texts", () => {
    const file = fileOf([[noteOn(0), noteOn(MAX_TICK, 61)]]);
    const [first, ...rest] = readMidi(writeMidi(file), { mode: "strict" }).tracks[0].events;
    expect(first).toEqual(noteOn(0));
    expect(rest.at(-1)).toEqual(noteOn(MAX_TICK, 61));
    expect(rest.slice(0, -1)).toEqual(
      Array.from({ length: 8 }, (_, i) => ({
        kind: "text",
        tick: (i + 1) * 0xfffffff,
        text: "text",
        data: new Uint8Array(),
      })),
    );
  });

  it("keeps a lenient reading as it is: a second reading has nothing to complain of", () => {
    const faulty = bytes(header(1, 7, [0, 0]), chunk("MTrk", [0, 0x90, 60, 200, 5, 0xf8, 1, 61, 2]), "x");
    const { warnings, ...file } = readMidi(faulty);
    expect(warnings.length).toBeGreaterThan(3);
    expect(readMidi(writeMidi(file), { mode: "strict" })).toEqual({ ...file, warnings: [] });
  });

  it.each<[string, Partial<Record<string, unknown>>]>([
    ["pitch", { pitch: 128 }],
    ["velocity", { velocity: -1 }],
    ["channel", { channel: 16 }],
    ["pitch", { pitch: 60.5 }],
    ["tick", { tick: -1 }],
    ["tick", { tick: Number.NaN }],
    ["value", { kind: "pitchBend", value: 8192 }],
    ["value", { kind: "control", controller: 1, value: 128 }],
    ["microsecondsPerQuarter", { kind: "tempo", microsecondsPerQuarter: 0 }],
    ["microsecondsPerQuarter", { kind: "tempo", microsecondsPerQuarter: 16_777_216 }],
    ["denominator", { kind: "timeSignature", numerator: 3, denominator: 3 }],
    ["numerator", { kind: "timeSignature", numerator: 0, denominator: 4 }],
    ["sharps", { kind: "keySignature", sharps: 8 }],
    ["meta event", { kind: "meta", type: 0x2f, data: bytes() }],
    ["type", { kind: "meta", type: 128, data: bytes() }],
  ])("refuses an event whose %s is out of range: %j", (field, wrong) => {
    const event = { ...noteOn(0), ...wrong } as unknown as MidiEvent;
    expect(() => writeMidi(fileOf([[event]]))).toThrow(new RegExp(`^invalid ${field}`));
  });

  it("refuses events that aren't in order of time, and an end before the last", () => {
    expect(() => writeMidi(fileOf([[noteOn(5), noteOn(4)]]))).toThrow(
      /^invalid tick \(events stand in order/,
    );
    expect(() => writeMidi({ ...fileOf([]), tracks: [{ events: [noteOn(5)], endTick: 4 }] })).toThrow(
      /^invalid endTick/,
    );
  });

  it.each([
    { kind: "quarter", ticksPerQuarter: 0 },
    { kind: "quarter", ticksPerQuarter: 32768 },
    { kind: "smpte", framesPerSecond: 0, ticksPerFrame: 4 },
    { kind: "smpte", framesPerSecond: 25, ticksPerFrame: 0 },
  ] as const)("refuses the division %j", (division) => {
    expect(() => writeMidi(fileOf([], division))).toThrow(/^invalid (ticksPer|framesPer)/);
  });

  it.each(["MTrk", "abc", "abcde", "ab\u0000d", "äbcd"])("refuses a chunk named %j", (id) => {
    const otherChunks = [{ tracksBefore: 0, id, data: bytes() }];
    expect(() => writeMidi({ ...fileOf([]), otherChunks })).toThrow(/^invalid chunk/);
  });
});
