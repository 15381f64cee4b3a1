import { ByteSink } from "./byte-sink.js";
import { encodeChannel, isChannelEvent } from "./channel.js";
import { checkMidiFile } from "./check.js";
import type { ChannelEvent, MetaEvent, MidiFile, MidiTrack, SysexEvent } from "./file.js";
import { END_OF_TRACK, encodeMeta } from "./meta.js";
import { dataBytes, MAX_VARIABLE_LENGTH } from "./parse-track.js";

/** How a file is written. */
export interface WriteOptions {
  /** Leaves out a status byte that equals the one before: about a quarter smaller. Default: true. */
  readonly runningStatus?: boolean;
}

/**
 * The bytes of a Standard MIDI File. Reading them gives the same events again, with one exception: where more than
 * 2²⁸ − 1 ticks pass between two events, which one delta time can't say, empty text events stand in between.
 *
 * @throws AttaccaError of kind `invalid` if a value is out of its range, or events aren't sorted by tick.
 */
export function writeMidi(file: MidiFile, { runningStatus = true }: WriteOptions = {}): Uint8Array {
  checkMidiFile(file);
  const sink = new ByteSink();
  writeHeader(sink, file);
  const others = [...(file.otherChunks ?? [])].sort((a, b) => a.tracksBefore - b.tracksBefore);
  let written = 0;
  for (let index = 0; index <= file.tracks.length; index++) {
    for (; written < others.length && others[written].tracksBefore <= index; written++) {
      writeChunk(sink, others[written].id, () => sink.append(others[written].data));
    }
    if (index < file.tracks.length) {
      writeChunk(sink, "MTrk", () => writeTrack(sink, file.tracks[index], runningStatus));
    }
  }
  return sink.take();
}

function writeHeader(sink: ByteSink, file: MidiFile): void {
  const { format, division, tracks } = file;
  writeChunk(sink, "MThd", () => {
    sink.bigEndian(format, 2);
    sink.bigEndian(tracks.length, 2);
    if (division.kind === "quarter") sink.bigEndian(division.ticksPerQuarter, 2);
    else sink.bigEndian((256 - division.framesPerSecond) * 256 + division.ticksPerFrame, 2);
  });
}

/** A chunk's length stands before its content: it is filled in when the content is there. */
function writeChunk(sink: ByteSink, id: string, writeContent: () => void): void {
  for (let i = 0; i < 4; i++) sink.push(id.charCodeAt(i));
  const lengthAt = sink.length;
  sink.bigEndian(0, 4);
  writeContent();
  sink.patch(lengthAt, sink.length - lengthAt - 4);
}

function writeTrack(sink: ByteSink, track: MidiTrack, runningStatus: boolean): void {
  let tick = 0;
  let running = 0;
  for (const event of track.events) {
    if (writeDelta(sink, event.tick - tick)) running = 0;
    tick = event.tick;
    if (isChannelEvent(event)) running = writeChannel(sink, event, runningStatus ? running : 0);
    else {
      writeOther(sink, event);
      running = 0;
    }
  }
  writeDelta(sink, track.endTick - tick);
  sink.append([0xff, END_OF_TRACK, 0]);
}

/** Gives whether empty texts had to fill the time. */
function writeDelta(sink: ByteSink, delta: number): boolean {
  let left = delta;
  for (; left > MAX_VARIABLE_LENGTH; left -= MAX_VARIABLE_LENGTH) {
    sink.variableLength(MAX_VARIABLE_LENGTH);
    sink.append([0xff, 0x01, 0]);
  }
  sink.variableLength(left);
  return left < delta;
}

/** Gives the status that now runs. */
function writeChannel(sink: ByteSink, event: ChannelEvent, running: number): number {
  const [status, first, second] = encodeChannel(event);
  if (status !== running) sink.push(status);
  sink.push(first);
  if (dataBytes(status) === 2) sink.push(second);
  return status;
}

function writeOther(sink: ByteSink, event: MetaEvent | SysexEvent): void {
  if (event.kind === "sysex" || event.kind === "escape") {
    sink.push(event.kind === "sysex" ? 0xf0 : 0xf7);
    sink.variableLength(event.data.length);
    sink.append(event.data);
    return;
  }
  const { type, data } = encodeMeta(event);
  sink.push(0xff);
  sink.push(type);
  sink.variableLength(data.length);
  sink.append(data);
}
