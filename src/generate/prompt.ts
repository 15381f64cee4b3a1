import {
  barMap,
  DEFAULT_MICROSECONDS_PER_QUARTER,
  type Note,
  type Score,
  type ScoreTrack,
} from "../midi/index.js";
import type { GrammarState, Tokenizer } from "../tokens/index.js";
import { BAR_ROUNDING } from "./generate.js";

/** A stream of ids to go on from. */
export interface PromptStream {
  /** From the begin token on, up to the seam. */
  readonly ids: readonly number[];
  /** The grammar behind them. */
  readonly grammar: GrammarState;
  /** Where the seam is, in the grammar's bars. */
  readonly seamBar: number;
  /** The grammar's bars in one bar of the score's meter at the seam; 1 where the tokenizer knows that meter. */
  readonly barScale: number;
  /** Ids that would change what the prompt has set: meter, tempo, key, instruments. */
  readonly avoid: readonly number[];
  /** The track that the stream is of, where each track has its own. */
  readonly programs?: readonly { readonly program: number; readonly isDrum: boolean }[];
}

/** A prompt as a model reads it. */
export interface EncodedPrompt {
  /** One, or one for each track that has notes. */
  readonly streams: readonly PromptStream[];
  /** By track of the score: the notes that the model hears of it. */
  readonly heard: ReadonlyMap<number, readonly Note[]>;
  /** For people: what the model doesn't hear, or hears otherwise. */
  readonly warnings: readonly string[];
}

/** A prompt of nothing but the begin token, in the meter that holds at the start of `score`. */
export function emptyPrompt(score: Score, tokenizer: Tokenizer): EncodedPrompt {
  const grammar = tokenizer.grammar();
  const ids = [tokenizer.special.begin];
  grammar.push(ids[0]);
  const { avoid, barScale } = settings(score, 0, ids, tokenizer);
  return { streams: [{ ids, grammar, seamBar: 0, barScale, avoid }], heard: new Map(), warnings: [] };
}

/**
 * The ids of a score that was cut at a seam. They end where time has come to the seam and nothing has happened there, even
 * if the last bars are silent: behind them the model can only write what begins at the seam or later.
 *
 * To get there with any tokenizer, a note is added at the seam to each track, and the ids are cut before it.
 *
 * @throws AttaccaError as the tokenizer does, for scores that it can't write
 */
export function encodePrompt(score: Score, seam: number, tokenizer: Tokenizer): EncodedPrompt {
  const warnings: string[] = [];
  const fitted = fitPitches(
    score.tracks.map((track) => (knowsProgram(tokenizer, track) ? track : { ...track, notes: [] })),
    tokenizer,
    warnings,
  );
  const heard = new Map(
    [...fitted.entries()].flatMap(([i, { notes }]): [number, readonly Note[]][] =>
      notes.length > 0 ? [[i, notes]] : [],
    ),
  );
  if (heard.size === 0) {
    warnings.push("the model hears none of the prompt's notes: what follows doesn't know of them");
    return { ...emptyPrompt(score, tokenizer), warnings };
  }
  const marked = fitted
    .filter(({ notes }) => notes.length > 0)
    .map((track) => withMark(track, seam, score.ticksPerQuarter));
  const encoded = tokenizer.encode({ ...score, tracks: marked });
  const perTrack = encoded.length > 1 || (marked.length === 1 && !writesPrograms(tokenizer));
  const streams = encoded.map((ids, index): PromptStream => {
    const cut = cutIds(ids, tokenizer);
    const { avoid, barScale } = settings(score, seam, cut.ids, tokenizer);
    const { program, isDrum } = marked[Math.min(index, marked.length - 1)];
    return { ...cut, avoid, barScale, ...(perTrack ? { programs: [{ program, isDrum }] } : {}) };
  });
  const written = streams.reduce((sum, { ids }) => sum + ids.filter((id) => tokenizer.isNote(id)).length, 0);
  const there = score.tracks.reduce(
    (sum, track, i) => sum + (knowsProgram(tokenizer, track) ? fitted[i] : track).notes.length,
    0,
  );
  if (tokenizer.idsPerStep === undefined && written < there) {
    warnings.push(
      `${there - written} of the prompt's ${there} notes can't be written with this tokenizer (doubled, or an instrument ` +
        "that it doesn't have): the model doesn't hear them; they stay in the file",
    );
  }
  return { streams, heard, warnings };
}

function writesPrograms({ vocabulary }: Tokenizer): boolean {
  return vocabulary.names.some((name) => name.startsWith("Program_"));
}

function knowsProgram(tokenizer: Tokenizer, { program, isDrum }: ScoreTrack): boolean {
  return (
    !writesPrograms(tokenizer) || tokenizer.vocabulary.idOf(`Program_${isDrum ? -1 : program}`) !== undefined
  );
}

/** A track with a short note at the seam, at the pitch of its last note. */
function withMark(track: ScoreTrack, seam: number, ticksPerQuarter: number): ScoreTrack {
  const { pitch, velocity } = track.notes[track.notes.length - 1];
  const mark: Note = { start: seam, duration: Math.max(1, Math.round(ticksPerQuarter / 4)), pitch, velocity };
  return { ...track, notes: [...track.notes, mark] };
}

/** The ids before the mark, with the begin token in front; `ids` ends with the mark, in all tracks of the stream. */
function cutIds(
  ids: ArrayLike<number>,
  tokenizer: Tokenizer,
): Pick<PromptStream, "ids" | "grammar" | "seamBar"> {
  const { begin } = tokenizer.special;
  const unit = tokenizer.idsPerStep ?? 1;
  let last = ids.length - 1;
  while (last > 0 && !tokenizer.isNote(ids[last])) last--;
  last -= last % unit;
  const whole = tokenizer.grammar();
  whole.push(begin);
  for (let i = 0; i < last; i++) whole.push(ids[i]);
  const seamBar = whole.bars();
  const grammar = tokenizer.grammar();
  grammar.push(begin);
  const cut = [begin];
  for (let i = 0; i < last && grammar.bars() < seamBar - BAR_ROUNDING; i++) {
    cut.push(ids[i]);
    grammar.push(ids[i]);
  }
  return { ids: cut, grammar, seamBar };
}

/** Pitches that a vocabulary has for notes of one sort. */
function pitchesOf({ vocabulary }: Tokenizer, isDrum: boolean): ReadonlySet<number> {
  const of = (pattern: RegExp): Set<number> =>
    new Set(vocabulary.names.flatMap((name) => pattern.exec(name)?.slice(1).map(Number) ?? []));
  const drums = of(/^(?:PitchDrum|DrumOn)_(\d+)$/);
  return isDrum && drums.size > 0 ? drums : of(/^(?:Pitch|NoteOn)_(\d+)$/);
}

/** Brings pitches outside the vocabulary into it by octaves, and leaves out those for which that can't be done (and drums). */
function fitPitches(tracks: readonly ScoreTrack[], tokenizer: Tokenizer, warnings: string[]): ScoreTrack[] {
  let moved = 0;
  let dropped = 0;
  const fitted = tracks.map((track) => {
    const known = pitchesOf(tokenizer, track.isDrum);
    const notes = track.notes.flatMap((note): Note[] => {
      if (known.has(note.pitch)) return [note];
      const octaves = [1, -1, 2, -2, 3, -3, 4, -4, 5, -5].map((octave) => note.pitch + 12 * octave);
      const pitch = track.isDrum ? undefined : octaves.find((candidate) => known.has(candidate));
      if (pitch === undefined) dropped++;
      else moved++;
      return pitch === undefined ? [] : [{ ...note, pitch }];
    });
    return { ...track, notes };
  });
  const what = "of the prompt's notes lie outside the tokenizer's range: the model hears them";
  if (moved > 0) warnings.push(`${moved} ${what} in another octave; the file keeps them as they are`);
  if (dropped > 0) warnings.push(`${dropped} ${what} not at all; the file keeps them`);
  return fitted;
}

/** What a continuation must leave as it is, and how its bars are counted. */
function settings(
  score: Score,
  tick: number,
  ids: readonly number[],
  tokenizer: Tokenizer,
): { avoid: number[]; barScale: number } {
  const { names } = tokenizer.vocabulary;
  const { numerator, denominator } = barMap(score).positionAt(Math.max(0, tick - 1));
  const last = (prefix: string): string | undefined => {
    const id = ids.findLast((candidate) => names[candidate].startsWith(prefix));
    return id === undefined ? undefined : names[id];
  };
  const own = `TimeSig_${numerator}/${denominator}`;
  const inForce = last("TimeSig_") ?? (names.includes(own) ? own : "TimeSig_4/4");
  const tempo = last("Tempo_") ?? nearestTempo(score, names);
  const key = last("KeySig_");
  const programs = new Set(ids.map((id) => names[id]).filter((name) => name.startsWith("Program_")));
  const avoid = [...names.keys()].filter((id) => {
    const name = names[id];
    if (name.startsWith("TimeSig_")) return name !== inForce;
    if (name.startsWith("Tempo_")) return name !== tempo;
    if (name.startsWith("KeySig_")) return key !== undefined && name !== key;
    return name.startsWith("Program_") && programs.size > 0 && !programs.has(name);
  });
  const [modelNumerator, modelDenominator] = inForce.slice("TimeSig_".length).split("/").map(Number);
  return { avoid, barScale: (numerator * modelDenominator) / (denominator * modelNumerator) };
}

function nearestTempo(score: Score, names: readonly string[]): string | undefined {
  const wanted = 60e6 / (score.tempos[0]?.microsecondsPerQuarter ?? DEFAULT_MICROSECONDS_PER_QUARTER);
  const distance = (name: string): number => Math.abs(Number(name.slice("Tempo_".length)) - wanted);
  return names
    .filter((name) => name.startsWith("Tempo_"))
    .reduce<string | undefined>(
      (best, name) => (best === undefined || distance(name) < distance(best) ? name : best),
      undefined,
    );
}
