import { MAX_TICK } from "./file.js";
import { decodeMeta, END_OF_TRACK, metaContent } from "./meta.js";
import type { MidiSink } from "./parse.js";
import type { Faults } from "./warnings.js";

/** The largest number in four bytes of 7 bits each, which is as long as they may be. */
export const MAX_VARIABLE_LENGTH = 0x0fffffff;

/** Data bytes after the statuses 0x8n to 0xEn. */
export function dataBytes(status: number): 1 | 2 {
  return status >= 0xc0 && status < 0xe0 ? 1 : 2;
}

/** Data bytes after the statuses 0xF1 to 0xFE, which are for the wire and have no place in a file. */
const SYSTEM_DATA_BYTES = [0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

const EMPTY = new Uint8Array();

/**
 * Reads one track's events from `bytes[start … end)` into `sink`, and gives where the next chunk starts.
 *
 * In lenient mode a fault that makes all later times doubtful ends the track: what stands before it is kept.
 */
export function parseTrack(
  bytes: Uint8Array,
  start: number,
  end: number,
  faults: Faults,
  sink: MidiSink,
): number {
  let at = start;
  let tick = 0;
  let running = 0;
  // Meta and sysex events end running status (SMF 1.0, "MTrk event"); many writers go on with it all the same.
  let isStale = false;
  sink.startTrack();

  /** A number of 7 bits a byte, the last one below 0x80; −1 where it isn't whole. Moves `at`. */
  const variableLength = (): number => {
    let value = 0;
    for (let count = 0; count < 4 && at < end; count++) {
      const byte = bytes[at++];
      value = (value << 7) | (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    return -1;
  };

  /** Says that the track is cut at a fault, and ends it there. */
  const cut = (byte: number, found: string, expected: string): number => {
    faults.add("track", byte, found, expected, "the track ends here");
    sink.endTrack(tick, byte);
    return end;
  };

  while (at < end) {
    const eventStart = at;
    const delta = variableLength();
    if (delta < 0) return cut(eventStart, "an unfinished delta time", "1 to 4 bytes, the last below 0x80");
    if (tick + delta > MAX_TICK) return cut(eventStart, `tick ${tick + delta}`, `at most ${MAX_TICK}`);
    tick += delta;
    if (at >= end) return cut(at, "a delta time with no event", "an event");

    let status = bytes[at];
    if (status < 0x80) {
      status = running;
      if (status === 0) return cut(at, `data byte 0x${hex(bytes[at])}`, "a status byte");
      if (isStale) {
        faults.add(
          "event",
          at,
          "running status after a meta or sysex event",
          "a status byte",
          "took the last one",
        );
      }
    } else {
      at++;
    }

    if (status < 0xf0) {
      running = status;
      isStale = false;
      const first = bytes[at];
      if (dataBytes(status) === 1) {
        if (at + 1 > end) return cut(at, "a message without its data", "1 byte");
        at += 1;
        sink.channel(tick, status, first < 0x80 ? first : clamped(first, at - 1, faults), 0);
      } else {
        if (at + 2 > end) return cut(at, "a message without all its data", "2 bytes");
        const second = bytes[at + 1];
        at += 2;
        if ((first | second) < 0x80) sink.channel(tick, status, first, second);
        else sink.channel(tick, status, clamped(first, at - 2, faults), clamped(second, at - 1, faults));
      }
      continue;
    }

    isStale = true;
    if (status === 0xff) {
      const type = at < end ? bytes[at++] : -1;
      const length = variableLength();
      if (length < 0) return cut(eventStart, "an unfinished meta event", "type, length, content");
      if (type === END_OF_TRACK) return finish(bytes, at, length, end, tick, faults, sink);
      if (at + length > end) return cut(at, `a meta event of ${length} bytes`, `at most ${end - at}`);
      if (type > 0x7f) {
        faults.add("meta event", eventStart, `type ${type}`, "at most 127", "left out");
      } else {
        const event = decodeMeta(tick, type, copyOf(bytes, at, length));
        const content = event.kind === "meta" ? metaContent(type) : undefined;
        if (content !== undefined) {
          faults.add(`meta event ${type}`, at, `${length} bytes that don't fit`, content, "kept as bytes");
        }
        sink.other(event);
      }
      at += length;
    } else if (status === 0xf0 || status === 0xf7) {
      const length = variableLength();
      if (length < 0) return cut(eventStart, "an unfinished sysex event", "length, content");
      if (at + length > end) return cut(at, `a sysex event of ${length} bytes`, `at most ${end - at}`);
      const data = copyOf(bytes, at, length);
      sink.other({ kind: status === 0xf0 ? "sysex" : "escape", tick, data });
      at += length;
    } else {
      faults.add("event", at - 1, `status 0x${hex(status)}`, "a channel, sysex or meta event", "left out");
      at = Math.min(end, at + SYSTEM_DATA_BYTES[status & 15]);
    }
  }
  faults.add("track", end, "no end-of-track event", "FF 2F 00", "the track ends with its last event");
  sink.endTrack(tick, end);
  return end;
}

/** Ends a track at its end-of-track event, whose content would start at `at`; gives where the next chunk starts. */
function finish(
  bytes: Uint8Array,
  at: number,
  length: number,
  end: number,
  tick: number,
  faults: Faults,
  sink: MidiSink,
): number {
  sink.endTrack(tick, at);
  if (length === 0 && at === end) return end;
  const hasTrackBehind =
    bytes[at] === 0x4d && bytes[at + 1] === 0x54 && bytes[at + 2] === 0x72 && bytes[at + 3] === 0x6b;
  const done = hasTrackBehind ? "took the next track that stands there" : "left out";
  faults.add("track", at, `${end - at} bytes after its end`, "the next chunk", done);
  return hasTrackBehind ? at : end;
}

/** The bytes of an event. Empty ones are shared: as objects they would take fifty times the room of their event. */
function copyOf(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return length === 0 ? EMPTY : bytes.slice(at, at + length);
}

function clamped(value: number, byte: number, faults: Faults): number {
  if (value < 0x80) return value;
  faults.add("data byte", byte, `${value}`, "at most 127", "taken as 127");
  return 127;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
