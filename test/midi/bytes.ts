import type { Division, MidiEvent, MidiFile } from "../../src/midi/index.js";

/** Bytes from lists of numbers and from text, one byte a character. */
export function bytes(...parts: readonly (number | string | readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number"
        ? [part]
        : typeof part === "string"
          ? [...part].map((character) => character.charCodeAt(0))
          : [...part],
    ),
  );
}

/** A chunk with its right length, or with the length given. */
export function chunk(name: string, content: readonly number[], length = content.length): Uint8Array {
  return bytes(name, [length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255], content);
}

export function header(format: number, tracks: number, division: readonly [number, number]): Uint8Array {
  return chunk("MThd", [0, format, tracks >> 8, tracks & 255, ...division]);
}

export const END = [0x00, 0xff, 0x2f, 0x00];

/** A whole file of format 0 at 96 ticks a quarter with this track. */
export function oneTrack(content: readonly number[]): Uint8Array {
  return bytes(header(0, 1, [0, 96]), chunk("MTrk", content));
}

/** A file of format 1 with a track for each list of events; tracks end with their last events. */
export function fileOf(tracks: readonly (readonly MidiEvent[])[], division?: Division): MidiFile {
  return {
    format: 1,
    division: division ?? { kind: "quarter", ticksPerQuarter: 480 },
    tracks: tracks.map((events) => ({ events, endTick: events.at(-1)?.tick ?? 0 })),
  };
}
