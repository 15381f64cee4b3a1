import { invalid, unknown } from "../../errors.js";
import type { Score } from "../../midi/index.js";
import type { SoundedNote, Tokenizer } from "../../tokens/index.js";
import type { ScaleName } from "../choices.js";
import { BAR_ROUNDING } from "../generate.js";
import { type Kept, planKeep } from "./keep.js";
import { estimateKey, type Key, pitchClassesOf } from "./key.js";
import type { Chord, Density, PitchRange } from "./parse.js";

/** What new notes keep to. Drums keep to the density only. */
export interface MusicConstraints {
  /** A key, or "auto": the one that the prompt (or the melody to keep) is in. */
  readonly key?: Key | "auto";
  /** In place of the key's own scale. */
  readonly scale?: ScaleName;
  readonly pitchRange?: readonly PitchRange[];
  readonly density?: Density;
  /** One a bar, over and over: notes on a beat belong to it. */
  readonly chords?: readonly Chord[];
  /** A melody that stays as it is. Its bar lines lie on those of the new part. */
  readonly keep?: Score;
}

/** A place in the new part. */
export interface Place {
  /** Bars from the stream's start, with a fraction. */
  readonly bars: number;
  readonly isOnBeat: boolean;
}

/** Whether a note may sound at a place. */
export type NoteRule = (note: SoundedNote, place: Place) => boolean;

/** What may be given up where nothing else is left, the first one first. */
export const ruleNames = ["density", "chords", "key", "pitch-range", "keep"] as const;
export type RuleName = (typeof ruleNames)[number];

/** Constraints as a stream's grammar applies them. */
export interface Rules {
  readonly notes: readonly (readonly [name: RuleName, allows: NoteRule])[];
  readonly density?: Density;
  readonly keep?: Kept;
  /** Ids that are left out while others are left. */
  readonly avoid: ReadonlySet<number>;
  /** 1 for ids that only complete a note (velocity, duration), and for those that change a track (pedal, bend); by id. */
  readonly completes: Uint8Array;
  readonly changes: Uint8Array;
}

/**
 * What a stream's grammar is to apply.
 *
 * @throws AttaccaError as `noteRules` and `planKeep` do
 */
export function rulesOf(
  constraints: MusicConstraints,
  tokenizer: Tokenizer,
  place: RulePlace & { readonly avoid: readonly number[] },
): Rules {
  const { names } = tokenizer.vocabulary;
  const { keep: melody } = constraints;
  const keep = melody === undefined ? undefined : planKeep(melody, tokenizer, place);
  const programs = new Set(keep?.notes.map(({ program }) => `Program_${program}`));
  const tell = (pattern: RegExp): Uint8Array =>
    Uint8Array.from(names, (name) => (pattern.test(name) ? 1 : 0));
  return {
    notes: noteRules(constraints, tokenizer, place),
    density: constraints.density,
    keep,
    avoid: new Set(place.avoid.filter((id) => !programs.has(names[id]))),
    completes: tell(/^(Velocity|Duration)_/),
    changes: tell(/^(Pedal|PedalOff|PitchBend)_/),
  };
}

/** Where a stream's new part begins, and what it sounds like. */
export interface RulePlace {
  /** In the stream's bars. */
  readonly firstBar: number;
  /** The stream's bars in one bar of the music. */
  readonly barScale: number;
  /** What the key is found from where it is "auto". */
  readonly tonal?: Score;
}

/**
 * The rules of a stream.
 *
 * @throws AttaccaError `invalid` where no pitch is left, `unknown` for a range of a voice that the tokenizer hasn't
 */
export function noteRules(
  { key, scale, pitchRange, chords }: MusicConstraints,
  tokenizer: Tokenizer,
  {
    firstBar,
    barScale,
    tonal,
  }: { readonly firstBar: number; readonly barScale: number; readonly tonal?: Score },
): Rules["notes"] {
  const rules: (readonly [RuleName, NoteRule])[] = [];
  const known = resolveKey(key, tonal);
  const classes = known === undefined ? undefined : pitchClassesOf({ ...known, scale: scale ?? known.scale });
  if (classes !== undefined) rules.push(["key", ({ pitch }) => classes.has(pitch % 12)]);
  if (pitchRange !== undefined) {
    checkNames(pitchRange, tokenizer);
    rules.push(["pitch-range", (note) => pitchRange.every((range) => isWithin(note, range))]);
  }
  if (chords !== undefined) {
    rules.push([
      "chords",
      ({ pitch }, { bars, isOnBeat }) => {
        const index = Math.floor((bars - firstBar) / barScale + BAR_ROUNDING);
        const chord = chords[((index % chords.length) + chords.length) % chords.length];
        return !isOnBeat || chord === undefined || chord.has(pitch % 12);
      },
    ]);
  }
  checkLeft(tokenizer, { classes, chords: chords ?? [], ranges: pitchRange ?? [] });
  return rules.map(([name, allows]) => [name, (note, place) => note.program < 0 || allows(note, place)]);
}

function resolveKey(key: MusicConstraints["key"], tonal: Score | undefined): Key | undefined {
  if (key !== "auto") return key;
  const found = tonal === undefined ? undefined : estimateKey(tonal);
  if (found !== undefined) return found;
  throw invalid("key", "auto without music to find it in", "a key such as C-minor", "Or give a prompt");
}

function isOf({ voice, program }: SoundedNote, { of }: PitchRange): boolean {
  return of === undefined || of === voice?.toLowerCase() || of === String(program);
}

function isWithin(note: SoundedNote, range: PitchRange): boolean {
  return !isOf(note, range) || (note.pitch >= range.low && note.pitch <= range.high);
}

function checkNames(ranges: readonly PitchRange[], { voices, vocabulary }: Tokenizer): void {
  const programs = vocabulary.names.flatMap((name) => /^Program_(\d+)$/.exec(name)?.[1] ?? []);
  const names = voices?.map((voice) => voice.toLowerCase()) ?? (programs.length > 0 ? programs : ["0"]);
  for (const { of } of ranges) {
    if (of === undefined || names.includes(of)) continue;
    throw unknown("voice of a pitch range", of, names.length > 16 ? ["the programs 0 to 127"] : names);
  }
}

/** Pitches that the vocabulary has must be left in every range, in every chord's bar. */
function checkLeft(
  { vocabulary }: Tokenizer,
  given: {
    readonly classes?: ReadonlySet<number>;
    readonly chords: readonly Chord[];
    readonly ranges: readonly PitchRange[];
  },
): void {
  const { classes, chords, ranges } = given;
  const pitches = vocabulary.names.flatMap((name) => {
    const pitch = /^(?:Pitch|NoteOn)_(\d+)$/.exec(name)?.[1];
    return pitch === undefined ? [] : [Number(pitch)];
  });
  const general = ranges.filter(({ of }) => of === undefined);
  const places = [...new Set(ranges.map(({ of }) => of)), undefined].map((of) => [
    ...general,
    ...ranges.filter((range) => of !== undefined && range.of === of),
  ]);
  for (const all of places) {
    for (const chord of chords.length === 0 ? [undefined] : chords) {
      const isLeft = (pitch: number): boolean =>
        (classes?.has(pitch % 12) ?? true) &&
        (chord?.has(pitch % 12) ?? true) &&
        all.every(({ low, high }) => pitch >= low && pitch <= high);
      if (pitches.some(isLeft)) continue;
      throw invalid(
        "constraints",
        "no pitch that key, chord and range allow and the tokenizer has",
        "one at least",
      );
    }
  }
}
