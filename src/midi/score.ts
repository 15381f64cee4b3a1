/** A piece of music as people think of it: tracks of notes over a tempo and meter map. Times are in ticks. */
export interface Score {
  /** Resolution: ticks in a quarter note, 1 to 32,767. */
  readonly ticksPerQuarter: number;
  /** Sorted by tick. May be empty: then 120 quarters a minute hold (SMF 1.0). */
  readonly tempos: readonly Tempo[];
  /** Sorted by tick. May be empty: then 4/4 holds (SMF 1.0). */
  readonly timeSignatures: readonly TimeSignature[];
  readonly keySignatures: readonly KeySignature[];
  /** Markers, lyrics, texts that belong to the piece and not to one track. */
  readonly texts: readonly TextEvent[];
  readonly tracks: readonly ScoreTrack[];
}

/** One instrument's part: the events of one program on one channel of one track of the file. */
export interface ScoreTrack {
  readonly name: string;
  /** General MIDI program, 0 to 127. */
  readonly program: number;
  /** True for channel 10 (`DRUM_CHANNEL`, counted from 0), where programs are drum kits. */
  readonly isDrum: boolean;
  /** MIDI channel, 0 to 15. */
  readonly channel: number;
  /** Sorted by start; notes of the same start keep the file's order. */
  readonly notes: readonly Note[];
  readonly controls: readonly ControlChange[];
  readonly pitchBends: readonly PitchBend[];
}

export interface Note {
  /** Onset in ticks. */
  readonly start: number;
  /** In ticks, 0 or more. */
  readonly duration: number;
  /** MIDI pitch, 0 to 127; 60 is middle C. */
  readonly pitch: number;
  /** Note-on velocity, 1 to 127. */
  readonly velocity: number;
  /** Note-off velocity, 0 to 127; absent where the file closed the note by a note-on of velocity 0. */
  readonly releaseVelocity?: number;
}

export interface Tempo {
  readonly tick: number;
  /** The file's own unit, kept exactly: 1 to 16,777,215. */
  readonly microsecondsPerQuarter: number;
}

export interface Meter {
  /** 1 to 255. */
  readonly numerator: number;
  /** A power of two. */
  readonly denominator: number;
}

/** A meter, and where it begins. */
export interface TimeSignature extends Meter {
  readonly tick: number;
}

export interface KeySignature {
  readonly tick: number;
  /** Sharps (positive) or flats (negative), −7 to 7. */
  readonly sharps: number;
  readonly minor: boolean;
}

export interface TextEvent {
  readonly tick: number;
  readonly kind: "text" | "copyright" | "lyric" | "marker" | "cue";
  readonly text: string;
}

export interface ControlChange {
  readonly tick: number;
  /** Controller number, 0 to 127; 64 is the sustain pedal. */
  readonly controller: number;
  /** 0 to 127. */
  readonly value: number;
}

export interface PitchBend {
  readonly tick: number;
  /** −8,192 to 8,191; 0 is no bend. */
  readonly value: number;
}
