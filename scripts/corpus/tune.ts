/** How an accompaniment fills its bars; see `accompaniment.ts`. */
export type Style = "held" | "beat" | "arpeggio" | "offbeat";

/** A tune as a person writes it down. Notes and chord symbols are in the notation that `notation.ts` reads. */
export interface Tune {
  /** The file's name, without `.mid`. */
  readonly id: string;
  readonly title: string;
  /** Where the tune comes from: people, place, the first printings that are known. */
  readonly source: string;
  /** Tonic and mode as written: `G`, `Em`, `Ddor`, `Gmix`, `Ephr`. */
  readonly key: string;
  readonly meter: string;
  /** Quarter notes a minute. */
  readonly tempo: number;
  /** The note value that a length of 1 stands for: 4, 8 or 16. Default: 8. */
  readonly unit?: number;
  /** Semitones from the written to the sounding pitch. Default: 0. */
  readonly transpose?: number;
  /** Phrases by letter. */
  readonly parts: Readonly<Record<string, string>>;
  /** The order of the parts, once through the tune. */
  readonly form: string;
  /** One accompaniment a time through. */
  readonly verses: readonly Style[];
  /** General MIDI programs of the two tracks. */
  readonly melody: number;
  readonly accompaniment: number;
}
