import { invalid } from "../errors.js";
import type { Division, MetaEvent, SysexEvent } from "./file.js";
import { parseTrack } from "./parse-track.js";
import type { Faults } from "./warnings.js";

/** Who takes what the parser finds, in the file's order. Calls instead of objects: most of a file is channel events. */
export interface MidiSink {
  header(format: 0 | 1 | 2, division: Division): void;
  startTrack(): void;
  /** A channel message by its bytes: `status` 0x80 to 0xEF, data 0 to 127; `second` is 0 where there is none. */
  channel(tick: number, status: number, first: number, second: number): void;
  other(event: MetaEvent | SysexEvent): void;
  /** The track ends at `tick`; its last byte is before `byte`. */
  endTrack(tick: number, byte: number): void;
  otherChunk(id: string, data: Uint8Array): void;
}

const MTHD = 0x4d546864;
const MTRK = 0x4d54726b;
/** The header counts tracks in 16 bits. */
const MAX_TRACKS = 0xffff;
/** Stands in where a file's division is 0: no tick length can be right, and this is a common one. */
const FALLBACK_TICKS_PER_QUARTER = 480;

/**
 * Walks through the bytes of a Standard MIDI File and tells `sink` what it finds. Takes time and memory in
 * proportion to `bytes.length`, whatever the lengths in the file say.
 *
 * @throws AttaccaError of kind `invalid`: in strict mode at the first fault; in lenient mode only where no header
 *   can be found.
 */
export function parseMidi(bytes: Uint8Array, faults: Faults, sink: MidiSink): void {
  const header = findHeader(bytes, faults);
  const end = parseHeader(bytes, header, faults, sink);
  const tracks = parseChunks(bytes, end, faults, sink);
  if (tracks !== 1 && bigEndian(bytes, header + 8, 2) === 0) {
    faults.add("format 0", header + 8, `${tracks} tracks`, "1", "kept");
  }
  const announced = bigEndian(bytes, header + 10, 2);
  if (tracks === announced) return;
  faults.add(
    "header",
    header + 10,
    `${announced} tracks announced, ${tracks} there`,
    "the same number",
    "took all",
  );
}

/** Where the header chunk starts. */
function findHeader(bytes: Uint8Array, faults: Faults): number {
  const start = find(bytes, MTHD, 0);
  if (start < 0 || start + 14 > bytes.length) {
    throw invalid(
      "MIDI file",
      start < 0 ? "no MThd" : `${bytes.length} bytes`,
      "a header chunk of 14 bytes, MThd",
    );
  }
  if (start > 0) faults.add("header", 0, `${start} bytes before MThd`, "MThd at byte 0", "passed over them");
  return start;
}

/** Tells the sink of format and division; gives where the next chunk starts. */
function parseHeader(bytes: Uint8Array, start: number, faults: Faults, sink: MidiSink): number {
  let length = bigEndian(bytes, start + 4, 4);
  if (length < 6 || start + 8 + length > bytes.length) {
    faults.add("header", start + 4, `a length of ${length}`, "6", "taken as 6");
    length = 6;
  }
  let format = bigEndian(bytes, start + 8, 2);
  if (format > 2) {
    faults.add("format", start + 8, `${format}`, "0, 1 or 2", "taken as 1");
    format = 1;
  }
  sink.header(format as 0 | 1 | 2, parseDivision(bytes, start + 12, faults));
  return start + 8 + length;
}

/** Positive: ticks in a quarter. Negative: the high byte is minus the frames a second, the low one ticks in a frame. */
function parseDivision(bytes: Uint8Array, at: number, faults: Faults): Division {
  const ticksPerQuarter = bigEndian(bytes, at, 2);
  const isFrames = ticksPerQuarter >= 0x8000;
  if (ticksPerQuarter === 0 || (isFrames && bytes[at + 1] === 0)) {
    const done = `taken as ${FALLBACK_TICKS_PER_QUARTER} a quarter`;
    faults.add("division", at, isFrames ? "0 ticks a frame" : "0 ticks a quarter", "1 or more", done);
    return { kind: "quarter", ticksPerQuarter: FALLBACK_TICKS_PER_QUARTER };
  }
  if (!isFrames) return { kind: "quarter", ticksPerQuarter };
  const framesPerSecond = 256 - bytes[at];
  if (![24, 25, 29, 30].includes(framesPerSecond)) {
    faults.add("division", at, `${framesPerSecond} frames a second`, "24, 25, 29 or 30", "kept");
  }
  return { kind: "smpte", framesPerSecond, ticksPerFrame: bytes[at + 1] };
}

/** Goes through the chunks after the header; gives the number of tracks. */
function parseChunks(bytes: Uint8Array, start: number, faults: Faults, sink: MidiSink): number {
  let tracks = 0;
  let at = start;
  while (at < bytes.length) {
    if (bytes.length - at < 8) {
      faults.add("chunk", at, `${bytes.length - at} bytes`, "8 or more: name and length", "left out");
      break;
    }
    if (!isName(bytes, at)) {
      faults.add("chunk", at, "no name", "4 printable characters", "went on at the next MTrk, if any");
      const next = find(bytes, MTRK, at);
      if (next < 0) break;
      at = next;
    }
    const body = at + 8;
    let length = body > bytes.length ? 0 : bigEndian(bytes, at + 4, 4);
    if (body + length > bytes.length) {
      const room = Math.max(0, bytes.length - body);
      faults.add("chunk", at + 4, `a length of ${length}`, `at most ${room}, to the end of the file`, "cut");
      length = room;
    }
    if (bigEndian(bytes, at, 4) !== MTRK) {
      sink.otherChunk(String.fromCharCode(...bytes.subarray(at, at + 4)), bytes.slice(body, body + length));
      at = body + length;
      continue;
    }
    if (tracks === MAX_TRACKS) {
      faults.add("tracks", at, `more than ${MAX_TRACKS}`, `at most ${MAX_TRACKS}`, "the rest is left out");
      break;
    }
    tracks++;
    at = parseTrack(bytes, Math.min(body, bytes.length), Math.min(body + length, bytes.length), faults, sink);
  }
  return tracks;
}

function isName(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 4; i++) if (bytes[i] < 0x20 || bytes[i] > 0x7e) return false;
  return true;
}

/** The first place at or after `from` where the four characters `name` stand; −1 if none. */
function find(bytes: Uint8Array, name: number, from: number): number {
  for (let at = bytes.indexOf(name >>> 24, from); at >= 0; at = bytes.indexOf(name >>> 24, at + 1)) {
    if (bigEndian(bytes, at, 4) === name) return at;
  }
  return -1;
}

/** The number in `length` bytes from `at`, high byte first. Bytes past the end count as 0. */
export function bigEndian(bytes: Uint8Array, at: number, length: 2 | 4): number {
  let value = 0;
  for (let i = at; i < at + length; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}
