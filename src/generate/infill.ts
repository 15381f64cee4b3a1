import { invalid, unknown, unsupported } from "../errors.js";
import { barMap, type Note, notesEnd, type Score, type ScoreTrack } from "../midi/index.js";
import { maskIdOf } from "../model/index.js";
import type { Tokenizer } from "../tokens/index.js";
import { type MusicConstraints, noteRules } from "./constraints/index.js";
import type { LanguageModel } from "./decoder.js";
import { type RefineOptions, type RefineStep, refine } from "./refine.js";
import { type RewriteOptions, rewrittenPositions } from "./rewrite.js";
import type { SamplingOptions } from "./sampling.js";

/** Bars counted from 1, both ends included. */
export interface BarSpan {
  readonly first: number;
  readonly last: number;
}

/** What of a score is filled in: a voice's part in the bars, whatever stands there. */
export interface InfillSelection {
  /** Default: all. */
  readonly bars?: BarSpan;
  /** Names of the tokenizer's voices, in upper or lower case. Default: all. */
  readonly voices?: readonly string[];
}

/** A score, what is filled in of it, and how. */
export interface InfillOptions
  extends LanguageModel,
    SamplingOptions,
    Pick<RefineOptions, "passes" | "seed" | "remask" | "signal">,
    RewriteOptions {
  readonly tokenizer: Tokenizer;
  readonly score: Score;
  readonly selection: InfillSelection;
  readonly constraints?: Pick<MusicConstraints, "key" | "scale" | "pitchRange">;
}

/** A pass, and the score as it is then; what isn't known yet is silent. */
export interface InfillStep extends RefineStep {
  readonly score: Score;
}

/** A score on the tokenizer's grid, and where the selection lies. */
export interface InfillPlan {
  /** The stream, begin and end tokens included. */
  readonly ids: Int32Array;
  /** Indices of the ids that are written anew. */
  readonly positions: readonly number[];
  /** Indices of the selected voices. */
  readonly voices: readonly number[];
  /** The first selected step, and the one behind the last. */
  readonly steps: readonly [first: number, end: number];
}

/** "5-8", or "5" for one bar. @throws AttaccaError `invalid` */
export function parseBars(text: string): BarSpan {
  const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text.trim());
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match && first >= 1 && last >= first) return { first, last };
  throw invalid("bars", text, "a bar or a range of bars, counted from 1, such as 5-8");
}

/**
 * Lays a score on the tokenizer's grid and finds what is selected there, or the share of it that is to be rewritten.
 *
 * @throws AttaccaError `unsupported` for a tokenizer without voices on a fixed grid, `unknown` for another voice, `invalid` for bars
 *   outside of the piece or a wrong share
 */
export function planInfill(
  score: Score,
  selection: InfillSelection,
  tokenizer: Tokenizer,
  rewriting: RewriteOptions = {},
): InfillPlan {
  const names = tokenizer.voices;
  if (names === undefined || tokenizer.voiceTracks === undefined || tokenizer.idsPerStep !== names.length) {
    const hint = "Train on a dataset made with: attacca tokenize … --tokenizer chorale";
    throw unsupported("infilling", `the tokenizer ${tokenizer.name}`, "one of voices on a fixed grid", hint);
  }
  const voices = voicesOf(selection.voices, names);
  const [stream] = tokenizer.encode(score);
  const steps = stream.length / names.length;
  const span = stepsOf(score, selection.bars, stepTicks(score, tokenizer), steps);
  const positions: number[] = [];
  for (let step = span[0]; step < span[1]; step++) {
    for (const voice of voices) positions.push(1 + step * names.length + voice);
  }
  const { begin, end } = tokenizer.special;
  const ids = Int32Array.of(begin, ...stream, end);
  return { ids, positions: rewrittenPositions(ids, positions, names.length, rewriting), voices, steps: span };
}

/**
 * Fills in, or writes anew, some voices in some bars of a score, given all that stands around them on both sides (see `refine`).
 *
 * All that isn't selected stays as it is in the file, off the grid too: its notes, other tracks, tempo, meter, texts. A note that
 * reaches into the selection is cut at its border, and goes on if the same pitch is written there. With `rewrite`, the selected notes
 * that are kept come back as the tokenizer's grid has them.
 *
 * @throws AttaccaError as `planInfill` and `refine` do
 */
export async function* infillScore(options: InfillOptions): AsyncGenerator<InfillStep, void, void> {
  const { score, selection, tokenizer, config, constraints = {} } = options;
  const maskId = maskIdOf(config);
  const { size } = tokenizer.vocabulary;
  if (maskId !== size)
    throw invalid("model", `${maskId} ids and a mask`, `the ${size} of its tokenizer and a mask`);
  const plan = planInfill(score, selection, tokenizer, options);
  const place = { firstBar: 0, barScale: 1, tonal: score };
  const rules = noteRules(constraints, tokenizer, place).map(([, allows]) => allows);
  for await (const step of refine({ ...options, ...plan, rules })) {
    yield { ...step, score: scoreWith(options, plan, step.ids) };
  }
}

function voicesOf(given: readonly string[] | undefined, names: readonly string[]): number[] {
  if (given === undefined) return [...names.keys()];
  const found = given.map((name) => {
    const voice = names.findIndex((known) => known.toLowerCase() === name.trim().toLowerCase());
    if (voice < 0)
      throw unknown(
        "voice",
        name,
        names.map((known) => known.toLowerCase()),
      );
    return voice;
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Ticks of the score in a step of the tokenizer's grid. */
function stepTicks({ ticksPerQuarter }: Score, tokenizer: Tokenizer): number {
  return ticksPerQuarter / tokenizer.grammar().grid().stepsPerBeat;
}

function stepsOf(
  score: Score,
  bars: BarSpan | undefined,
  ticks: number,
  steps: number,
): readonly [number, number] {
  if (steps === 0) throw invalid("piece", "no notes", "notes around what is filled in");
  if (bars === undefined) return [0, steps];
  const map = barMap(score);
  const count = map.positionAt(Math.max(0, notesEnd(score) - 1)).bar + 1;
  if (bars.first < 1 || bars.last < bars.first || bars.last > count) {
    throw invalid("bars", `${bars.first} to ${bars.last}`, `1 to ${count}: so many has the piece`);
  }
  const stepAt = (bar: number): number => Math.min(steps, Math.round(map.barStart(bar) / ticks));
  const [first, end] = [stepAt(bars.first - 1), stepAt(bars.last)];
  if (end <= first) throw invalid("bars", `${bars.first} to ${bars.last}`, "bars of at least a 16th");
  return [first, end];
}

function scoreWith({ score, tokenizer }: InfillOptions, plan: InfillPlan, ids: Int32Array): Score {
  const names = tokenizer.voices!;
  const ticks = stepTicks(score, tokenizer);
  const [from, to] = plan.steps.map((step) => Math.round(step * ticks));
  // An id that isn't known decodes as none at all, which would move the rest: its voice is silent there.
  const silent = silentId(tokenizer);
  const known = Array.from(ids, (id) => (id < tokenizer.vocabulary.size ? id : silent));
  const drawn = tokenizer.decode([known]);
  const scale = score.ticksPerQuarter / drawn.ticksPerQuarter;
  const home = tokenizer.voiceTracks!(score);
  const tracks: ScoreTrack[] = [...score.tracks];
  for (const voice of plan.voices) {
    const fresh = drawn.tracks[voice].notes.flatMap((note) => {
      const start = Math.max(from, Math.round(note.start * scale));
      const end = Math.min(to, Math.round((note.start + note.duration) * scale));
      return end > start ? [{ ...note, start, duration: end - start }] : [];
    });
    const index = home[voice];
    if (index === undefined) {
      if (fresh.length > 0) tracks.push({ ...drawn.tracks[voice], name: names[voice], notes: fresh });
    } else {
      tracks[index] = {
        ...tracks[index],
        notes: replaced(tracks[index].notes, fresh, { from, to, slack: ticks / 2 }),
      };
    }
  }
  return { ...score, tracks };
}

/** The id of a step in which a voice is silent. */
function silentId(tokenizer: Tokenizer): number {
  const { begin, end, pad } = tokenizer.special;
  const grammar = tokenizer.grammar();
  grammar.push(begin);
  const legal = new Uint8Array(tokenizer.vocabulary.size);
  grammar.allowed(legal);
  return legal.findIndex((one, id) => one === 1 && !tokenizer.isNote(id) && ![begin, end, pad].includes(id));
}

/**
 * A voice's notes with others from tick `from` to tick `to`; a note across a border is one note where its pitch goes on.
 * What lies on the other side of a border by less than `slack` is taken as the grid takes it.
 */
function replaced(
  notes: readonly Note[],
  fresh: readonly Note[],
  { from, to, slack }: { readonly from: number; readonly to: number; readonly slack: number },
): Note[] {
  const velocity = notes[0]?.velocity ?? 80;
  const middle: Note[] = fresh.map((note) => ({ ...note, velocity }));
  const result: Note[] = [];
  const after: Note[] = [];
  for (const note of notes) {
    const end = note.start + note.duration;
    if (end <= from && note.start < from) {
      result.push(note);
    } else if (note.start >= to - slack) {
      after.push(note);
    } else {
      if (note.start < from - slack) {
        const next = middle[0];
        const goesOn = next?.start === from && next.pitch === note.pitch;
        if (goesOn) middle.shift();
        result.push({ ...note, duration: (goesOn ? next.start + next.duration : from) - note.start });
      }
      if (end > to + slack) {
        const list = middle.length > 0 ? middle : result;
        const last = list.at(-1);
        const goesOn = last !== undefined && last.pitch === note.pitch && last.start + last.duration === to;
        if (goesOn) list[list.length - 1] = { ...last, duration: end - last.start };
        else after.push({ ...note, start: to, duration: end - to });
      }
    }
  }
  return [...result, ...middle, ...after].sort((a, b) => a.start - b.start);
}
