import { bytes, chunk, END, header, oneTrack } from "./bytes.js";

export const NOTE = [0, 0x90, 60, 100, 10, 60, 0];
const noteEvents = [
  { kind: "noteOn", tick: 0, channel: 0, pitch: 60, velocity: 100 },
  { kind: "noteOn", tick: 10, channel: 0, pitch: 60, velocity: 0 },
];
export const goodTrack = chunk("MTrk", [...NOTE, ...END]);

/** A file with a fault; the byte where strict mode finds it; the events of each track that lenient mode keeps. */
export interface FaultyFile {
  readonly fault: string;
  readonly file: Uint8Array;
  readonly byte: number;
  readonly kept: readonly (readonly object[])[];
}

export const cases: readonly FaultyFile[] = [
  {
    fault: "bytes before the header",
    file: bytes("junk", header(0, 1, [0, 96]), goodTrack),
    byte: 0,
    kept: [noteEvents],
  },
  {
    fault: "a header length of 0",
    file: bytes("MThd", [0, 0, 0, 0, 0, 0, 0, 1, 0, 96], goodTrack),
    byte: 4,
    kept: [noteEvents],
  },
  {
    fault: "a header length of 4 GiB",
    file: bytes("MThd", [255, 255, 255, 255, 0, 0, 0, 1, 0, 96], goodTrack),
    byte: 4,
    kept: [noteEvents],
  },
  { fault: "format 3", file: bytes(header(3, 1, [0, 96]), goodTrack), byte: 8, kept: [noteEvents] },
  { fault: "a division of 0", file: bytes(header(0, 1, [0, 0]), goodTrack), byte: 12, kept: [noteEvents] },
  {
    fault: "0 ticks in a frame",
    file: bytes(header(0, 1, [0xe7, 0]), goodTrack),
    byte: 12,
    kept: [noteEvents],
  },
  {
    fault: "26 frames a second",
    file: bytes(header(0, 1, [0xe6, 4]), goodTrack),
    byte: 12,
    kept: [noteEvents],
  },
  {
    fault: "two tracks in format 0",
    file: bytes(header(0, 2, [0, 96]), goodTrack, goodTrack),
    byte: 8,
    kept: [noteEvents, noteEvents],
  },
  {
    fault: "fewer tracks than announced",
    file: bytes(header(1, 9, [0, 96]), goodTrack),
    byte: 10,
    kept: [noteEvents],
  },
  {
    fault: "more tracks than announced",
    file: bytes(header(1, 1, [0, 96]), goodTrack, goodTrack),
    byte: 10,
    kept: [noteEvents, noteEvents],
  },
  {
    fault: "an empty track chunk",
    file: bytes(header(0, 1, [0, 96]), chunk("MTrk", [])),
    byte: 22,
    kept: [[]],
  },
  { fault: "no end-of-track event", file: oneTrack(NOTE), byte: 29, kept: [noteEvents] },
  {
    fault: "a track that ends with another event than its end",
    file: oneTrack([...NOTE, 0, 0xf0, 1, 7, 0, 0xff, 0x60, 1, 8]),
    byte: 38,
    kept: [
      [
        ...noteEvents,
        { kind: "sysex", tick: 10, data: bytes(7) },
        { kind: "meta", tick: 10, type: 0x60, data: bytes(8) },
      ],
    ],
  },
  {
    fault: "a track length of 4 GiB",
    file: bytes(header(0, 1, [0, 96]), chunk("MTrk", [...NOTE, ...END], 0xffffffff)),
    byte: 18,
    kept: [noteEvents],
  },
  {
    fault: "a track length that swallows the next track",
    file: bytes(header(1, 2, [0, 96]), chunk("MTrk", [...NOTE, ...END], 30), goodTrack),
    byte: 33,
    kept: [noteEvents, noteEvents],
  },
  {
    fault: "a track length that is too short",
    file: bytes(header(1, 2, [0, 96]), chunk("MTrk", [...NOTE, ...END], 7), goodTrack),
    byte: 29,
    kept: [noteEvents, noteEvents],
  },
  {
    fault: "bytes after the end of the track",
    file: oneTrack([...NOTE, ...END, 1, 2, 3]),
    byte: 33,
    kept: [noteEvents],
  },
  {
    fault: "bytes after the last chunk",
    file: bytes(oneTrack([...NOTE, ...END]), "ab"),
    byte: 33,
    kept: [noteEvents],
  },
  {
    fault: "bytes that are no chunk between tracks",
    file: bytes(header(1, 2, [0, 96]), goodTrack, [1, 2, 3, 4, 5, 6, 7, 8, 9], goodTrack),
    byte: 33,
    kept: [noteEvents, noteEvents],
  },
  { fault: "a data byte before any status", file: oneTrack([0, 60, 100, ...END]), byte: 23, kept: [[]] },
  {
    fault: "running status after a meta event",
    file: oneTrack([0, 0x90, 60, 100, 10, 0xff, 0x60, 0, 0, 60, 0, ...END]),
    byte: 31,
    kept: [[noteEvents[0], { kind: "meta", tick: 10, type: 0x60, data: bytes() }, noteEvents[1]]],
  },
  {
    fault: "a data byte above 127",
    file: oneTrack([0, 0x90, 60, 200, ...END]),
    byte: 25,
    kept: [[{ kind: "noteOn", tick: 0, channel: 0, pitch: 60, velocity: 127 }]],
  },
  { fault: "a real-time status", file: oneTrack([...NOTE, 5, 0xf8, ...END]), byte: 30, kept: [noteEvents] },
  {
    fault: "a song position",
    file: oneTrack([...NOTE, 5, 0xf2, 1, 2, ...END]),
    byte: 30,
    kept: [noteEvents],
  },
  {
    fault: "a message that is cut off",
    file: oneTrack([...NOTE, 5, 0x90, 61]),
    byte: 31,
    kept: [noteEvents],
  },
  {
    fault: "a program change that is cut off",
    file: oneTrack([...NOTE, 5, 0xc0]),
    byte: 31,
    kept: [noteEvents],
  },
  {
    fault: "a delta time of five bytes",
    file: oneTrack([...NOTE, 0x81, 0x80, 0x80, 0x80, 0, 0xc0, 1, ...END]),
    byte: 29,
    kept: [noteEvents],
  },
  { fault: "a delta time that is cut off", file: oneTrack([...NOTE, 0x81]), byte: 29, kept: [noteEvents] },
  { fault: "a delta time and no event", file: oneTrack([...NOTE, 0x10]), byte: 30, kept: [noteEvents] },
  {
    fault: "a tick past 2³¹ − 1",
    file: oneTrack([
      ...NOTE,
      ...Array.from({ length: 8 }, () => [255, 255, 255, 127, 0xff, 0x60, 0]).flat(),
      ...END,
    ]),
    byte: 29 + 7 * 7,
    kept: [
      [
        ...noteEvents,
        ...Array.from({ length: 7 }, (_, i) => ({
          kind: "meta",
          tick: 10 + (i + 1) * 0xfffffff,
          type: 0x60,
          data: bytes(),
        })),
      ],
    ],
  },
  {
    fault: "a meta event longer than its track",
    file: oneTrack([...NOTE, 0, 0xff, 1, 100, ...END]),
    byte: 33,
    kept: [noteEvents],
  },
  {
    fault: "a meta event with no length",
    file: oneTrack([...NOTE, 0, 0xff, 1]),
    byte: 29,
    kept: [noteEvents],
  },
  {
    fault: "a meta type above 127",
    file: oneTrack([...NOTE, 0, 0xff, 200, 0, ...END]),
    byte: 29,
    kept: [noteEvents],
  },
  {
    fault: "a sysex event longer than its track",
    file: oneTrack([...NOTE, 0, 0xf0, 100, ...END]),
    byte: 32,
    kept: [noteEvents],
  },
  {
    fault: "a tempo of 0",
    file: oneTrack([0, 0xff, 0x51, 3, 0, 0, 0, ...END]),
    byte: 26,
    kept: [[{ kind: "meta", tick: 0, type: 0x51, data: bytes(0, 0, 0) }]],
  },
  {
    fault: "a time signature with numerator 0",
    file: oneTrack([0, 0xff, 0x58, 4, 0, 2, 24, 8, ...END]),
    byte: 26,
    kept: [[{ kind: "meta", tick: 0, type: 0x58, data: bytes(0, 2, 24, 8) }]],
  },
  {
    fault: "a key signature with 8 sharps",
    file: oneTrack([0, 0xff, 0x59, 2, 8, 0, ...END]),
    byte: 26,
    kept: [[{ kind: "meta", tick: 0, type: 0x59, data: bytes(8, 0) }]],
  },
];
