import { decodeChannel } from "./channel.js";
import type { Division, MetaEvent, MidiEvent, MidiFile, MidiTrack, OtherChunk, SysexEvent } from "./file.js";
import { type MidiSink, parseMidi } from "./parse.js";
import { Faults, type MidiWarning, type ReadMode } from "./warnings.js";

/** How a file is read. */
export interface ReadOptions {
  /** Default: `lenient`. */
  readonly mode?: ReadMode;
}

/** A file, and what was wrong with its bytes (in lenient mode; in strict mode there are never warnings). */
export interface ReadMidiFile extends MidiFile {
  readonly warnings: readonly MidiWarning[];
}

/**
 * Reads a Standard MIDI File as events, losing nothing: `readMidi(writeMidi(file))` has the same events.
 *
 * @throws AttaccaError of kind `invalid`: in strict mode at the first fault, with its byte offset and what was
 *   expected; in lenient mode only where there is no header.
 */
export function readMidi(bytes: Uint8Array, { mode = "lenient" }: ReadOptions = {}): ReadMidiFile {
  const faults = new Faults(mode);
  const sink = new EventSink();
  parseMidi(bytes, faults, sink);
  const { format, division, tracks, otherChunks } = sink;
  return { format, division, tracks, otherChunks, warnings: faults.warnings };
}

/** Builds event objects. */
class EventSink implements MidiSink {
  format: 0 | 1 | 2 = 1;
  division: Division = { kind: "quarter", ticksPerQuarter: 480 };
  readonly tracks: MidiTrack[] = [];
  readonly otherChunks: OtherChunk[] = [];
  #events: MidiEvent[] = [];

  header(format: 0 | 1 | 2, division: Division): void {
    this.format = format;
    this.division = division;
  }

  startTrack(): void {
    this.#events = [];
  }

  channel(tick: number, status: number, first: number, second: number): void {
    this.#events.push(decodeChannel(tick, status, first, second));
  }

  other(event: MetaEvent | SysexEvent): void {
    this.#events.push(event);
  }

  endTrack(endTick: number): void {
    this.tracks.push({ events: this.#events, endTick });
  }

  otherChunk(id: string, data: Uint8Array): void {
    this.otherChunks.push({ tracksBefore: this.tracks.length, id, data });
  }
}
