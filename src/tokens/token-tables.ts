import type { Meter } from "../midi/index.js";
import type { TimeTuple } from "./time-grid.js";
import type { Vocabulary } from "./tokenizer.js";

/** What an id is about. `Note` and `Drum` are `Pitch…` or `…On` tokens; `NoteEnd` and `DrumEnd` are `…Off`. */
export const Kind = {
  Special: 0,
  Bar: 1,
  BarEnd: 2,
  Position: 3,
  Note: 4,
  Drum: 5,
  NoteEnd: 6,
  DrumEnd: 7,
  Velocity: 8,
  Duration: 9,
  TimeShift: 10,
  Rest: 11,
  Tempo: 12,
  Program: 13,
  Meter: 14,
  Key: 15,
  Pedal: 16,
  PedalOff: 17,
  PitchBend: 18,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** The vocabulary of a tokenizer and the tables from music to ids and back. */
export interface TokenTables {
  readonly vocabulary: Vocabulary;
  readonly pad: number;
  readonly begin: number;
  readonly end: number;
  /** `kinds[id]` */
  readonly kinds: Uint8Array;
  /** `values[id]`: pitch, velocity, program, position, bar, bend; else index in the lists below. */
  readonly values: Int32Array;
  /** `firstOf[kind]`: lowest id of the kind, or −1. Ids of a kind are consecutive. */
  readonly firstOf: Int32Array;
  readonly countOf: Int32Array;
  readonly durations: readonly TimeTuple[];
  readonly rests: readonly TimeTuple[];
  /** Ascending; empty without velocity tokens. */
  readonly velocities: readonly number[];
  /** Quarters a minute, ascending. */
  readonly tempos: readonly number[];
  readonly meters: readonly Meter[];
  /** Index of 4/4 in `meters`: the meter where none is given. */
  readonly common: number;
  readonly bends: readonly number[];
  /** In the order of their ids. */
  readonly programs: readonly number[];
  /** The id of a program's token, by program + 1; −1 where it isn't in the vocabulary. */
  readonly programIds: Int32Array;
  readonly pedalIds: Int32Array;
  readonly pedalOffIds: Int32Array;
}

/** Whether a token's value is a plain whole number. */
export function isNumbered(kind: number): boolean {
  switch (kind) {
    case Kind.Note:
    case Kind.Drum:
    case Kind.NoteEnd:
    case Kind.DrumEnd:
    case Kind.Velocity:
    case Kind.Program:
    case Kind.Pedal:
    case Kind.PedalOff:
    case Kind.PitchBend:
      return true;
    default:
      return false;
  }
}

/** Sets the mask at the ids of a kind; `from` and `to` (excluded) count within the kind. */
export function fillKind(
  mask: Uint8Array,
  { firstOf, countOf }: TokenTables,
  kind: Kind,
  from = 0,
  to = countOf[kind],
): void {
  const first = firstOf[kind];
  if (first >= 0 && from < to) mask.fill(1, first + from, first + to);
}

/** At what REMI's search for a first meter stops. */
export function endsLookAhead(kind: number): boolean {
  return (
    kind === Kind.Meter ||
    kind === Kind.Note ||
    kind === Kind.Drum ||
    kind === Kind.Velocity ||
    kind === Kind.Duration ||
    kind === Kind.PitchBend ||
    kind === Kind.Pedal
  );
}
