import type { Score } from "../../../src/midi/index.js";

/** What a test has done while the sound is recorded; times are seconds after the start. */
export type Step =
  | { readonly at: number; readonly do: "play"; readonly from?: number }
  | { readonly at: number; readonly do: "seek"; readonly to: number }
  | { readonly at: number; readonly do: "pause" }
  | { readonly at: number; readonly do: "rate"; readonly rate: number }
  | {
      readonly at: number;
      readonly do: "loop";
      readonly loop: { readonly from: number; readonly to: number } | undefined;
    }
  | { readonly at: number; readonly do: "track"; readonly index: number; readonly settings: object }
  | { readonly at: number; readonly do: "volume"; readonly volume: number }
  | { readonly at: number; readonly do: "append"; readonly score: Score };

/** A sound to be recorded. */
export interface Recording {
  readonly score: Score;
  /** So often the notes are played one after the other, each time a hundredth of a second later; once unless given. */
  readonly repeated?: number;
  /** Of `createSound`. */
  readonly options: { readonly soundfont?: string; readonly worklet?: string };
  readonly steps: readonly Step[];
  /** How long, in seconds of the audio context. */
  readonly seconds: number;
}

/** What came out. */
export interface Recorded {
  readonly kind: string;
  /** Whether the page may share memory. */
  readonly isolated: boolean;
  /** Seconds from the context to the speaker, as the browser says. */
  readonly outputLatency: number;
  readonly soundfontError: string | undefined;
  readonly sampleRate: number;
  /** The context's time of the first sample, which is the start. */
  readonly start: number;
  /** Samples of both channels as base64 of 32-bit floats. */
  readonly left: string;
  readonly right: string;
  /** Positions: time of the context at the speaker, score seconds. */
  readonly positions: readonly (readonly [time: number, seconds: number])[];
  readonly events: readonly string[];
  /** The longest that the page stood still meanwhile, in seconds of the context. */
  readonly stalled: number;
  /** Milliseconds from the first call of `play` until something was heard. */
  readonly firstSound: number | undefined;
}

/** A score that is rendered by the player's parts while a clock of its own stands still and goes on. */
export interface OfflineRecording {
  readonly score: Score;
  readonly soundfont: string;
  readonly seconds: number;
  readonly sampleRate: number;
}

/** What came out: samples, and positions by time of the context. */
export type OfflineRecorded = Pick<Recorded, "left" | "right" | "positions" | "sampleRate">;
