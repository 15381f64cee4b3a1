/** A Standard MIDI File as events: all that is in the bytes, nothing interpreted. Source: SMF 1.0 (MMA RP-001). */
export interface MidiFile {
  /** 0: one track; 1: tracks that sound together; 2: tracks that are pieces of their own. */
  readonly format: 0 | 1 | 2;
  readonly division: Division;
  readonly tracks: readonly MidiTrack[];
  /** Chunks that are neither header nor track, in the file's order. Absent or empty: none. */
  readonly otherChunks?: readonly OtherChunk[];
}

/** What a tick is. */
export type Division =
  /** 1 to 32,767 ticks in a quarter note. */
  | { readonly kind: "quarter"; readonly ticksPerQuarter: number }
  /** Frames of film: 24, 25, 30, or 29 for 29.97 ("30 drop frame"); 1 to 255 ticks in a frame. */
  | { readonly kind: "smpte"; readonly framesPerSecond: number; readonly ticksPerFrame: number };

/** One track: its events, and where it ends. */
export interface MidiTrack {
  /** By tick; events of the same tick keep the file's order. The end-of-track event isn't among them. */
  readonly events: readonly MidiEvent[];
  /** The tick of the end-of-track event: at or after the last event. */
  readonly endTick: number;
}

/** A chunk of a kind that this package doesn't know, e.g. `XFIH` of Yamaha's XF files. */
export interface OtherChunk {
  /** How many tracks stand before it. */
  readonly tracksBefore: number;
  /** Four printable ASCII characters. */
  readonly id: string;
  readonly data: Uint8Array;
}

/** Ticks are absolute: from the start of the track, 0 to 2³¹ − 1. */
export type MidiEvent = ChannelEvent | MetaEvent | SysexEvent;

/** Channels are 0 to 15, data values 0 to 127. */
export type ChannelEvent =
  | {
      readonly kind: "noteOff";
      readonly tick: number;
      readonly channel: number;
      readonly pitch: number;
      readonly velocity: number;
    }
  /** A velocity of 0 closes the note. */
  | {
      readonly kind: "noteOn";
      readonly tick: number;
      readonly channel: number;
      readonly pitch: number;
      readonly velocity: number;
    }
  | {
      readonly kind: "keyPressure";
      readonly tick: number;
      readonly channel: number;
      readonly pitch: number;
      readonly pressure: number;
    }
  | {
      readonly kind: "control";
      readonly tick: number;
      readonly channel: number;
      readonly controller: number;
      readonly value: number;
    }
  | { readonly kind: "program"; readonly tick: number; readonly channel: number; readonly program: number }
  | {
      readonly kind: "channelPressure";
      readonly tick: number;
      readonly channel: number;
      readonly pressure: number;
    }
  /** −8,192 to 8,191; 0 is no bend. */
  | { readonly kind: "pitchBend"; readonly tick: number; readonly channel: number; readonly value: number };

/** The kinds of text, in the order of their meta types: 1, 2, … 9. */
export const TEXT_KINDS = [
  "text",
  "copyright",
  "trackName",
  "instrumentName",
  "lyric",
  "marker",
  "cue",
  "programName",
  "deviceName",
] as const;
/** What a text is about. */
export type TextKind = (typeof TEXT_KINDS)[number];

/**
 * What isn't sent to an instrument. A meta event of an unknown type, or whose content doesn't fit its type, is
 * kept as `meta` with its bytes.
 */
export type MetaEvent =
  /** 0 to 65,535; absent where the event has no bytes (then the track's place is its number). */
  | { readonly kind: "sequenceNumber"; readonly tick: number; readonly number?: number }
  /** The bytes as they stand: files say nothing of their encoding. `decodeText` reads them. */
  | { readonly kind: "text"; readonly tick: number; readonly text: TextKind; readonly data: Uint8Array }
  | { readonly kind: "channelPrefix"; readonly tick: number; readonly channel: number }
  | { readonly kind: "port"; readonly tick: number; readonly port: number }
  /** 1 to 16,777,215. */
  | { readonly kind: "tempo"; readonly tick: number; readonly microsecondsPerQuarter: number }
  /** Where the track starts in film time; `rate` is the file's own code, 0 to 3 for 24, 25, 29.97 and 30 frames a second. */
  | {
      readonly kind: "smpteOffset";
      readonly tick: number;
      readonly rate: number;
      readonly hours: number;
      readonly minutes: number;
      readonly seconds: number;
      readonly frames: number;
      /** Hundredths of a frame. */
      readonly subframes: number;
    }
  | {
      readonly kind: "timeSignature";
      readonly tick: number;
      /** 1 to 255. */
      readonly numerator: number;
      /** A power of two, 1 to 32,768. */
      readonly denominator: number;
      /** MIDI clocks (24 a quarter) in a metronome click. */
      readonly clocksPerClick: number;
      /** Notated 32nd notes in what MIDI thinks of as a quarter: nearly always 8. */
      readonly thirtySecondsPerQuarter: number;
    }
  /** Sharps (positive) or flats (negative), −7 to 7. */
  | { readonly kind: "keySignature"; readonly tick: number; readonly sharps: number; readonly minor: boolean }
  | { readonly kind: "sequencerSpecific"; readonly tick: number; readonly data: Uint8Array }
  | { readonly kind: "meta"; readonly tick: number; readonly type: number; readonly data: Uint8Array };

/** System exclusive. `sysex`: after F0, its closing F7 included; `escape`: after F7, a continuation or any bytes. */
export type SysexEvent =
  | { readonly kind: "sysex"; readonly tick: number; readonly data: Uint8Array }
  | { readonly kind: "escape"; readonly tick: number; readonly data: Uint8Array };

/** The latest tick that an event may have: 2³¹ − 1, about 25 days at 120 quarters a minute and 480 ticks each. */
export const MAX_TICK = 2 ** 31 - 1;

/** The channel of drums, counted from 0 (General MIDI 1). */
export const DRUM_CHANNEL = 9;
