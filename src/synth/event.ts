/** Where a message goes: a channel of a port. A port is a bank of sixteen channels; the first one is 0. */
export interface Seat {
  /** 0 or more. */
  readonly port: number;
  /** MIDI channel, 0 to 15; 9 is for drums. */
  readonly channel: number;
}

/** What a message says: MIDI's channel voice messages, as far as a score has them. */
export type SoundMessage =
  | { readonly kind: "on"; readonly pitch: number; readonly velocity: number }
  | { readonly kind: "off"; readonly pitch: number }
  | { readonly kind: "program"; readonly program: number; readonly isDrum: boolean }
  | { readonly kind: "control"; readonly controller: number; readonly value: number }
  /** −8,192 to 8,191; 0 is no bend. */
  | { readonly kind: "bend"; readonly value: number };

/** A message, and where and when it is heard. */
export type SoundEvent = Seat &
  SoundMessage & {
    /** Seconds from the start of the score, at its own tempo. */
    readonly time: number;
    /** The score's track that it comes from, counted from 0. */
    readonly track: number;
  };
