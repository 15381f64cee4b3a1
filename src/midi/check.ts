import { invalid } from "../errors.js";
import { MAX_TICK, type MidiEvent, type MidiFile } from "./file.js";
import { END_OF_TRACK } from "./meta.js";
import { MAX_VARIABLE_LENGTH } from "./parse-track.js";

/** Ranges of the numbers of events, by the field's name: lowest and highest. Fields of the same name have the same range. */
const RANGES: Record<string, readonly [number, number]> = {
  channel: [0, 15],
  pitch: [0, 127],
  velocity: [0, 127],
  pressure: [0, 127],
  controller: [0, 127],
  program: [0, 127],
  port: [0, 127],
  number: [0, 65535],
  microsecondsPerQuarter: [1, 0xffffff],
  rate: [0, 3],
  hours: [0, 23],
  minutes: [0, 59],
  seconds: [0, 59],
  frames: [0, 29],
  subframes: [0, 99],
  numerator: [1, 255],
  denominator: [1, 32768],
  clocksPerClick: [0, 255],
  thirtySecondsPerQuarter: [0, 255],
  sharps: [-7, 7],
};

/**
 * Checks that a file can be written so that reading it gives the same.
 *
 * @throws AttaccaError of kind `invalid`, naming the field.
 */
export function checkMidiFile(file: MidiFile): void {
  whole("format", file.format, 0, 2);
  whole("number of tracks", file.tracks.length, 0, 65535);
  const { division } = file;
  if (division.kind === "quarter") whole("ticksPerQuarter", division.ticksPerQuarter, 1, 32767);
  else {
    whole("framesPerSecond", division.framesPerSecond, 1, 128);
    whole("ticksPerFrame", division.ticksPerFrame, 1, 255);
  }
  for (const { id, data } of file.otherChunks ?? []) {
    if (!/^[\x20-\x7e]{4}$/.test(id) || id === "MTrk") {
      throw invalid("chunk", JSON.stringify(id), "4 printable ASCII characters, and not MTrk");
    }
    whole("length of a chunk", data.length, 0, 0xffffffff);
  }
  for (const track of file.tracks) {
    let tick = 0;
    for (const event of track.events) {
      whole("tick (events stand in order of time)", event.tick, tick, MAX_TICK);
      tick = event.tick;
      checkEvent(event);
    }
    whole("endTick (not before the last event)", track.endTick, tick, MAX_TICK);
  }
}

function checkEvent(event: MidiEvent): void {
  switch (event.kind) {
    // `value` means two things.
    case "control":
      whole("value", event.value, 0, 127);
      break;
    case "pitchBend":
      whole("value", event.value, -8192, 8191);
      break;
    case "meta":
      whole("type", event.type, 0, 127);
      if (event.type === END_OF_TRACK)
        throw invalid("meta event", "type 47", "no end of track among the events");
      break;
    case "timeSignature":
      if (!Number.isInteger(Math.log2(event.denominator))) {
        throw invalid("denominator", `${event.denominator}`, "a power of two");
      }
      break;
  }
  checkData(event);
  for (const name in event) {
    const range = RANGES[name];
    if (range === undefined) continue;
    const value: unknown = (event as unknown as Record<string, unknown>)[name];
    if (value !== undefined) whole(name, value, range[0], range[1]);
  }
}

function checkData(event: MidiEvent): void {
  if ("data" in event) whole("length of an event", event.data.length, 0, MAX_VARIABLE_LENGTH);
}

/** Throws unless `value` is a whole number from `lowest` to `highest`. */
function whole(subject: string, value: unknown, lowest: number, highest: number): void {
  if (Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest) return;
  throw invalid(subject, `${value}`, `a whole number from ${lowest} to ${highest}`);
}
