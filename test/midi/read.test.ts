import { describe, expect, it } from "vitest";
import { readMidi } from "../../src/midi/index.js";
import { bytes, chunk, END, header, oneTrack } from "./bytes.js";

const strict = { mode: "strict" } as const;

/** The events of a file of one track that is without fault. */
function eventsOf(content: readonly number[]) {
  const file = readMidi(oneTrack([...content, ...END]), strict);
  expect(file.warnings).toEqual([]);
  return file.tracks[0].events;
}

describe("readMidi", () => {
  it("reads the format 0 example of the specification (SMF 1.0, example MIDI files)", () => {
    const content = [
      ...[0x00, 0xff, 0x58, 0x04, 0x04, 0x02, 0x18, 0x08],
      ...[0x00, 0xff, 0x51, 0x03, 0x07, 0xa1, 0x20],
      ...[0x00, 0xc0, 0x05, 0x00, 0xc1, 0x2e, 0x00, 0xc2, 0x46],
      ...[0x00, 0x92, 0x30, 0x60, 0x00, 0x3c, 0x60, 0x60, 0x91, 0x43, 0x40, 0x60, 0x90, 0x4c, 0x20],
      ...[0x81, 0x40, 0x82, 0x30, 0x40, 0x00, 0x3c, 0x40, 0x00, 0x81, 0x43, 0x40, 0x00, 0x80, 0x4c, 0x40],
      ...END,
    ];
    const file = readMidi(bytes(header(0, 1, [0x00, 0x60]), chunk("MTrk", content)), strict);
    expect(file).toEqual({
      format: 0,
      division: { kind: "quarter", ticksPerQuarter: 96 },
      otherChunks: [],
      warnings: [],
      tracks: [
        {
          endTick: 384,
          events: [
            {
              kind: "timeSignature",
              tick: 0,
              numerator: 4,
              denominator: 4,
              clocksPerClick: 24,
              thirtySecondsPerQuarter: 8,
            },
            { kind: "tempo", tick: 0, microsecondsPerQuarter: 500_000 },
            { kind: "program", tick: 0, channel: 0, program: 5 },
            { kind: "program", tick: 0, channel: 1, program: 46 },
            { kind: "program", tick: 0, channel: 2, program: 70 },
            { kind: "noteOn", tick: 0, channel: 2, pitch: 48, velocity: 96 },
            { kind: "noteOn", tick: 0, channel: 2, pitch: 60, velocity: 96 },
            { kind: "noteOn", tick: 96, channel: 1, pitch: 67, velocity: 64 },
            { kind: "noteOn", tick: 192, channel: 0, pitch: 76, velocity: 32 },
            { kind: "noteOff", tick: 384, channel: 2, pitch: 48, velocity: 64 },
            { kind: "noteOff", tick: 384, channel: 2, pitch: 60, velocity: 64 },
            { kind: "noteOff", tick: 384, channel: 1, pitch: 67, velocity: 64 },
            { kind: "noteOff", tick: 384, channel: 0, pitch: 76, velocity: 64 },
          ],
        },
      ],
    });
  });

  it.each([
    [[0x00], 0],
    [[0x40], 64],
    [[0x7f], 127],
    [[0x81, 0x00], 128],
    [[0xc0, 0x00], 8192],
    [[0xff, 0x7f], 16383],
    [[0x81, 0x80, 0x00], 16384],
    [[0xff, 0xff, 0x7f], 2097151],
    [[0x81, 0x80, 0x80, 0x00], 2097152],
    [[0xff, 0xff, 0xff, 0x7f], 268435455],
  ])("reads the delta time %j as %i, as the specification's table does", (delta, tick) => {
    expect(eventsOf([...delta, 0xc0, 1])).toEqual([{ kind: "program", tick, channel: 0, program: 1 }]);
  });

  it.each([
    [[0x8f, 60, 7], { kind: "noteOff", channel: 15, pitch: 60, velocity: 7 }],
    [[0x90, 60, 0], { kind: "noteOn", channel: 0, pitch: 60, velocity: 0 }],
    [[0xa1, 60, 5], { kind: "keyPressure", channel: 1, pitch: 60, pressure: 5 }],
    [[0xb2, 64, 127], { kind: "control", channel: 2, controller: 64, value: 127 }],
    [[0xc3, 12], { kind: "program", channel: 3, program: 12 }],
    [[0xd4, 99], { kind: "channelPressure", channel: 4, pressure: 99 }],
    [[0xe5, 0x00, 0x40], { kind: "pitchBend", channel: 5, value: 0 }],
    [[0xe5, 0x00, 0x00], { kind: "pitchBend", channel: 5, value: -8192 }],
    [[0xe5, 0x7f, 0x7f], { kind: "pitchBend", channel: 5, value: 8191 }],
    [[0xe5, 0x01, 0x40], { kind: "pitchBend", channel: 5, value: 1 }],
    [[0xff, 0x00, 2, 1, 2], { kind: "sequenceNumber", number: 258 }],
    [[0xff, 0x00, 0], { kind: "sequenceNumber" }],
    [[0xff, 0x01, 2, 72, 105], { kind: "text", text: "text", data: bytes("Hi") }],
    [[0xff, 0x02, 1, 67], { kind: "text", text: "copyright", data: bytes("C") }],
    [[0xff, 0x03, 0], { kind: "text", text: "trackName", data: bytes() }],
    [[0xff, 0x09, 1, 68], { kind: "text", text: "deviceName", data: bytes("D") }],
    [[0xff, 0x20, 1, 9], { kind: "channelPrefix", channel: 9 }],
    [[0xff, 0x21, 1, 1], { kind: "port", port: 1 }],
    [[0xff, 0x51, 3, 0xff, 0xff, 0xff], { kind: "tempo", microsecondsPerQuarter: 16_777_215 }],
    [
      [0xff, 0x54, 5, 0x61, 2, 3, 4, 5],
      { kind: "smpteOffset", rate: 3, hours: 1, minutes: 2, seconds: 3, frames: 4, subframes: 5 },
    ],
    [
      [0xff, 0x58, 4, 6, 3, 36, 8],
      {
        kind: "timeSignature",
        numerator: 6,
        denominator: 8,
        clocksPerClick: 36,
        thirtySecondsPerQuarter: 8,
      },
    ],
    [[0xff, 0x59, 2, 0xfd, 1], { kind: "keySignature", sharps: -3, minor: true }],
    [[0xff, 0x7f, 2, 0x43, 9], { kind: "sequencerSpecific", data: bytes(0x43, 9) }],
    [[0xff, 0x60, 2, 8, 9], { kind: "meta", type: 0x60, data: bytes(8, 9) }],
    [[0xf0, 3, 0x7e, 9, 0xf7], { kind: "sysex", data: bytes(0x7e, 9, 0xf7) }],
    [[0xf7, 2, 0xf3, 1], { kind: "escape", data: bytes(0xf3, 1) }],
  ])("reads %j", (message, event) => {
    expect(eventsOf([5, ...message])).toEqual([{ ...event, tick: 5 }]);
  });

  it("goes on with the last status where a message has none", () => {
    const [first, second, third] = eventsOf([0, 0xd3, 1, 1, 2, 1, 0x93, 60, 9]);
    expect(first).toEqual({ kind: "channelPressure", tick: 0, channel: 3, pressure: 1 });
    expect(second).toEqual({ kind: "channelPressure", tick: 1, channel: 3, pressure: 2 });
    expect(third).toEqual({ kind: "noteOn", tick: 2, channel: 3, pitch: 60, velocity: 9 });
  });

  it.each([
    [[0xe7, 0x28], { kind: "smpte", framesPerSecond: 25, ticksPerFrame: 40 }],
    [[0xe8, 0x50], { kind: "smpte", framesPerSecond: 24, ticksPerFrame: 80 }],
    [[0xe3, 0x04], { kind: "smpte", framesPerSecond: 29, ticksPerFrame: 4 }],
    [[0xe2, 0x04], { kind: "smpte", framesPerSecond: 30, ticksPerFrame: 4 }],
    [[0x7f, 0xff], { kind: "quarter", ticksPerQuarter: 32767 }],
  ] as const)("reads the division %j", (division, expected) => {
    expect(readMidi(bytes(header(0, 1, division), chunk("MTrk", END)), strict).division).toEqual(expected);
  });

  it("keeps chunks that it doesn't know, and where they stood", () => {
    const track = chunk("MTrk", END);
    const file = bytes(
      header(1, 2, [0, 96]),
      chunk("XFIH", [1]),
      track,
      chunk("XFKM", []),
      chunk("abcd", [2]),
      track,
    );
    const { otherChunks, tracks } = readMidi(file, strict);
    expect(tracks).toHaveLength(2);
    expect(otherChunks).toEqual([
      { tracksBefore: 0, id: "XFIH", data: bytes(1) },
      { tracksBefore: 1, id: "XFKM", data: bytes() },
      { tracksBefore: 1, id: "abcd", data: bytes(2) },
    ]);
  });

  it("passes over what a longer header has to say", () => {
    const file = bytes(chunk("MThd", [0, 0, 0, 1, 0, 96, 1, 2, 3]), chunk("MTrk", END));
    expect(readMidi(file, strict).tracks).toEqual([{ events: [], endTick: 0 }]);
  });

  it("reads from the middle of a larger buffer", () => {
    const file = oneTrack([0, 0xc0, 1, ...END]);
    const large = bytes([1, 2, 3], file, [4, 5]);
    expect(readMidi(large.subarray(3, 3 + file.length), strict)).toEqual(readMidi(file, strict));
  });
});
