import type { Score } from "../../midi/index.js";

/** What plays: a soundfont, a simple synthesizer without samples, or an instrument at a MIDI output. */
export type SoundKind = "soundfont" | "synth" | "midi";

/** How one track is heard. What isn't given stays. */
export interface TrackSettings {
  readonly mute?: boolean;
  /** While any track has it, only those that have it are heard. */
  readonly solo?: boolean;
  /** 0 to 1.5; 1 as it is. */
  readonly volume?: number;
}

/** A stretch that is played over and over, in score seconds. */
export interface Loop {
  readonly from: number;
  readonly to: number;
}

/** An instrument that the browser can send MIDI to. */
export interface MidiOutputName {
  readonly id: string;
  readonly name: string;
}

/**
 * - `ended`: the score is over and playing has stopped.
 * - `state`: `playing`, `kind`, `rate`, `loop` or a track's settings have changed.
 */
export type SoundEventName = "ended" | "state";

/**
 * A score as sound. Times are score seconds: those of the score at its own tempos, whatever the rate.
 */
export interface Sound {
  readonly kind: SoundKind;
  readonly context: BaseAudioContext;
  /** The last node before the speaker: connect it to what shows or records the sound. */
  readonly output: AudioNode;
  /** Fulfilled when the soundfont is there or can't be had. Never fails. */
  readonly ready: Promise<void>;
  /** Why the soundfont that was asked for doesn't play, if so. */
  readonly soundfontError: Error | undefined;
  /** Seconds until the last note of the score is let go; 0 without a score. */
  readonly duration: number;
  /** Whether it plays now. */
  readonly playing: boolean;
  /** Score seconds that come out of the speaker now. */
  readonly position: number;
  /** How fast it is played, 0.25 to 4; values beyond are brought to the nearest. Heard within a third of a second. */
  rate: number;
  loop: Loop | undefined;
  /** Loudness of everything, 0 to 1.5. */
  volume: number;
  /** Takes a score and stops; the position is 0 then. */
  load(score: Score): Promise<void>;
  /** Plays from a position on, or from the present one. Within a user's gesture: it starts the audio context. */
  play(fromSeconds?: number): Promise<void>;
  pause(): void;
  /** Goes to a position, and goes on playing if it plays. */
  seek(seconds: number): void;
  /** Sets how the track of that index in the score is heard. */
  setTrack(index: number, settings: TrackSettings): void;
  /** Takes a longer version of the score while it plays: the position stays, and what comes after it is the new score's. */
  append(score: Score): Promise<void>;
  /** Calls `listener` at each such event; what is given back ends that. */
  on(event: SoundEventName, listener: () => void): () => void;
  /** Plays with this soundfont from now on. @throws AttaccaError `invalid`; then the sound stays what it was */
  useSoundfont(soundfont: Uint8Array): Promise<void>;
  /** The MIDI outputs that the browser shows; none where it has no Web MIDI or the user refuses. */
  midiOutputs(): Promise<readonly MidiOutputName[]>;
  /** Plays on a MIDI output instead; without an id, by soundfont or synthesizer again. @throws AttaccaError `unknown` */
  useMidiOutput(id: string | undefined): Promise<void>;
  /** Stops and gives everything back. The sound can't be used after that. */
  dispose(): void;
}
