import { type MetaEvent, TEXT_KINDS } from "./file.js";

/** Meta types with content that is understood (SMF 1.0, "Meta-Events"; 8 and 9: RP-019). */
const SEQUENCE_NUMBER = 0x00;
const CHANNEL_PREFIX = 0x20;
const PORT = 0x21;
export const END_OF_TRACK = 0x2f;
const TEMPO = 0x51;
const SMPTE_OFFSET = 0x54;
const TIME_SIGNATURE = 0x58;
const KEY_SIGNATURE = 0x59;
const SEQUENCER_SPECIFIC = 0x7f;

/** What each type's content must be; for messages. */
const CONTENT: Record<number, string> = {
  [SEQUENCE_NUMBER]: "no bytes or 2",
  [CHANNEL_PREFIX]: "1 byte, 0 to 15",
  [PORT]: "1 byte, 0 to 127",
  [TEMPO]: "3 bytes, 1 to 16,777,215 µs a quarter",
  [SMPTE_OFFSET]: "5 bytes: hour under 24, minute and second under 60, frame, hundredths under 100",
  [TIME_SIGNATURE]:
    "4 bytes: numerator of 1 or more, denominator's power of two of 15 or less, clocks, 32nds",
  [KEY_SIGNATURE]: "2 bytes: −7 to 7 sharps, and 0 or 1 for minor",
};

/** What the content of a meta event of this type must be, in words; `undefined` where any content will do. */
export function metaContent(type: number): string | undefined {
  return CONTENT[type];
}

/**
 * The meta event of `type` with content `data`. Content that doesn't fit a known type gives the raw `meta` event
 * of that type: compare its kind with `metaContent` to notice.
 */
export function decodeMeta(tick: number, type: number, data: Uint8Array): MetaEvent {
  if (type >= 1 && type <= TEXT_KINDS.length) return { kind: "text", tick, text: TEXT_KINDS[type - 1], data };
  return decodeFixed(tick, type, data) ?? { kind: "meta", tick, type, data };
}

function decodeFixed(tick: number, type: number, data: Uint8Array): MetaEvent | undefined {
  switch (type) {
    case SEQUENCE_NUMBER:
      if (data.length === 0) return { kind: "sequenceNumber", tick };
      if (data.length === 2) return { kind: "sequenceNumber", tick, number: data[0] * 256 + data[1] };
      return undefined;
    case CHANNEL_PREFIX:
      return data.length === 1 && data[0] < 16
        ? { kind: "channelPrefix", tick, channel: data[0] }
        : undefined;
    case PORT:
      return data.length === 1 && data[0] < 128 ? { kind: "port", tick, port: data[0] } : undefined;
    case TEMPO: {
      const microsecondsPerQuarter = data[0] * 65536 + data[1] * 256 + data[2];
      return data.length === 3 && microsecondsPerQuarter > 0
        ? { kind: "tempo", tick, microsecondsPerQuarter }
        : undefined;
    }
    case SMPTE_OFFSET:
      return decodeSmpteOffset(tick, data);
    case TIME_SIGNATURE: {
      const [numerator, power, clocksPerClick, thirtySecondsPerQuarter] = data;
      if (data.length !== 4 || numerator === 0 || power > 15) return undefined;
      return {
        kind: "timeSignature",
        tick,
        numerator,
        denominator: 2 ** power,
        clocksPerClick,
        thirtySecondsPerQuarter,
      };
    }
    case KEY_SIGNATURE: {
      const sharps = (data[0] << 24) >> 24;
      if (data.length !== 2 || sharps < -7 || sharps > 7 || data[1] > 1) return undefined;
      return { kind: "keySignature", tick, sharps, minor: data[1] === 1 };
    }
    case SEQUENCER_SPECIFIC:
      return { kind: "sequencerSpecific", tick, data };
    default:
      return undefined;
  }
}

/** The first byte is `0rrhhhhh`: rate code and hours. */
function decodeSmpteOffset(tick: number, data: Uint8Array): MetaEvent | undefined {
  const [first, minutes, seconds, frames, subframes] = data;
  const rate = first >> 5;
  const hours = first & 31;
  const fits =
    data.length === 5 &&
    rate < 4 &&
    hours < 24 &&
    minutes < 60 &&
    seconds < 60 &&
    frames < 30 &&
    subframes < 100;
  return fits ? { kind: "smpteOffset", tick, rate, hours, minutes, seconds, frames, subframes } : undefined;
}

/** The type and content of a meta event: the opposite of `decodeMeta`. */
export function encodeMeta(event: MetaEvent): { readonly type: number; readonly data: ArrayLike<number> } {
  switch (event.kind) {
    case "sequenceNumber": {
      const { number } = event;
      return { type: SEQUENCE_NUMBER, data: number === undefined ? [] : [number >> 8, number & 255] };
    }
    case "text":
      return { type: TEXT_KINDS.indexOf(event.text) + 1, data: event.data };
    case "channelPrefix":
      return { type: CHANNEL_PREFIX, data: [event.channel] };
    case "port":
      return { type: PORT, data: [event.port] };
    case "tempo": {
      const value = event.microsecondsPerQuarter;
      return { type: TEMPO, data: [value >> 16, (value >> 8) & 255, value & 255] };
    }
    case "smpteOffset": {
      const { rate, hours, minutes, seconds, frames, subframes } = event;
      return { type: SMPTE_OFFSET, data: [(rate << 5) | hours, minutes, seconds, frames, subframes] };
    }
    case "timeSignature": {
      const { numerator, denominator, clocksPerClick, thirtySecondsPerQuarter } = event;
      const power = Math.log2(denominator);
      return { type: TIME_SIGNATURE, data: [numerator, power, clocksPerClick, thirtySecondsPerQuarter] };
    }
    case "keySignature":
      return { type: KEY_SIGNATURE, data: [event.sharps & 255, event.minor ? 1 : 0] };
    case "sequencerSpecific":
      return { type: SEQUENCER_SPECIFIC, data: event.data };
    case "meta":
      return { type: event.type, data: event.data };
  }
}
