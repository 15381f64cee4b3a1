import { invalid } from "../errors.js";
import type { GrammarState } from "../tokens/index.js";
import { createDecoder, defaultDecodeMode } from "./decoder.js";
import {
  BAR_ROUNDING,
  checkOptions,
  type GenerateOptions,
  maskOf,
  type SampleStopReason,
} from "./generate.js";
import { transformLogits } from "./sampling.js";
import { softmax } from "./transforms.js";
import { type WindowRule, windowStart } from "./window.js";

/** How wide a search is, and how its results are compared. */
export interface BeamSettings {
  /** How many sequences are kept at each step; 1 is greedy decoding. */
  readonly beams: number;
  /** Groups that the beams are shared out over, each held apart from those before it; default 1. Divides `beams`. */
  readonly beamGroups?: number;
  /** What an id costs a group, in nats, for each beam of the groups before it that took it at the same step; default 1. */
  readonly diversity?: number;
  /** Sequences are compared by log probability / length^`lengthPenalty`; default 1, the mean of an id. */
  readonly lengthPenalty?: number;
}

/** A model, what it goes on from, how wide the search is, and when it stops. Nothing is random in it. */
export interface BeamOptions
  extends Omit<GenerateOptions, "count" | "seed" | "stream" | "speculate">,
    BeamSettings {}

/** A sequence that a search has come to. */
export interface BeamSequence {
  /** What was generated, without the prompt. */
  readonly ids: readonly number[];
  /** Sum of the log probabilities of its ids, in nats, after all transforms. */
  readonly logProbability: number;
  /** `logProbability` / length^`lengthPenalty`: what it is ranked by. */
  readonly score: number;
  /** Which group found it. */
  readonly group: number;
}

/** One more id on every beam. */
export interface BeamStep {
  readonly kind: "step";
  /** Index of the new ids in their sequences, the prompt counted. */
  readonly position: number;
  /** The beams that are going on, best first in each group, each with the bar that it has come to (0 without a grammar). */
  readonly going: readonly (BeamSequence & { readonly bars: number })[];
}

/** The end of a search. */
export interface BeamResult {
  readonly kind: "found";
  /** Best first; with several groups first the best of each, then the second of each, and so on. */
  readonly sequences: readonly (BeamSequence & { readonly reason: SampleStopReason })[];
}

/** What a search tells of itself; the result comes last. */
export type BeamEvent = BeamStep | BeamResult;

interface Beam extends BeamSequence {
  /** With the prompt. */
  readonly all: number[];
  readonly start: number;
  readonly grammar?: GrammarState;
  /** Its row in the decoder's last call. */
  readonly row: number;
}

type Found = BeamSequence & { readonly reason: SampleStopReason };

interface Group {
  going: Beam[];
  found: Found[];
}

interface Candidate {
  readonly beam: Beam;
  readonly id: number;
  readonly logProbability: number;
  /** What it is chosen by: less for what the groups before took. */
  readonly rank: number;
}

/**
 * Searches for the most probable sequences: at each step every beam is tried with every id, and the best `beams` of all go on.
 * The probabilities are those that sampling would draw from: after the grammar's mask and every other transform. With several
 * groups it is diverse beam search (Vijayakumar et al. 2016), whose penalty is the Hamming one and guides the choice only:
 * sequences are ranked by their own probability.
 *
 * A group is done when it has found as many sequences as it has beams and none of those going on has a better score so
 * far than the worst of them; from there on scores could still rise, and the search doesn't wait for that.
 *
 * @throws AttaccaError `invalid` for options out of range, ids outside the vocabulary, damaged weights
 */
export async function* beamSearch(options: BeamOptions): AsyncGenerator<BeamEvent, void, void> {
  checkOptions(options);
  checkBeams(options);
  const { config, beams, beamGroups = 1, diversity = 1, maxTokens, signal } = options;
  const size = beams / beamGroups;
  const rule: WindowRule = { ...options, contextLength: config.n_positions };
  const decoder = createDecoder(options, options.decode ?? defaultDecodeMode(config), rule);
  const groups: Group[] = Array.from({ length: beamGroups }, (_, group) => ({
    going: [firstBeam(options, group)],
    found: [],
  }));
  try {
    for (let length = 0; length < maxTokens && !signal?.aborted; length++) {
      const going = groups.flatMap((group) => group.going);
      if (going.length === 0) break;
      const position = options.prompt.length + length;
      // At first all beams are one.
      const rows = (length === 0 ? going.slice(0, 1) : going).map((beam, sample) => ({
        sample,
        ids: beam.all,
        start: windowStart(beam.all, beam.all.length, rule, beam.start),
        parent: beam.row,
      }));
      const logits = await decoder.next(rows);
      const taken = new Map<number, number>();
      let row = 0;
      for (const group of groups) {
        const placed = group.going.map((beam) => {
          const at = length === 0 ? 0 : row++;
          return { ...beam, row: at, start: rows[at].start };
        });
        const candidates = placed.flatMap((beam) => {
          const mask = maskOf(beam, config.vocab_size, options);
          const ids = beam.all.slice(beam.start);
          const shares = softmax(transformLogits(logits[beam.row], options, { ids, mask }));
          return candidatesOf(beam, shares, taken, diversity);
        });
        choose(group, candidates, size, options);
        for (const { ids } of group.going) count(taken, ids[ids.length - 1]);
      }
      const now = groups.flatMap((group) => group.going);
      if (now.length === 0) continue;
      const step = now.map((beam) => ({ ...sequenceOf(beam), bars: beam.grammar?.bars() ?? 0 }));
      yield { kind: "step", position, going: step };
    }
    const reason = signal?.aborted ? "aborted" : "tokens";
    for (const group of groups) {
      for (const beam of group.going) keep(group, { ...sequenceOf(beam), reason }, size);
    }
    yield { kind: "found", sequences: inTurn(groups.map(({ found }) => found)) };
  } finally {
    decoder.dispose();
  }
}

function firstBeam({ prompt, grammar }: BeamOptions, group: number): Beam {
  const all = Array.from(prompt);
  return { ids: [], all, start: 0, grammar: grammar?.fork(), logProbability: 0, score: 0, group, row: 0 };
}

function candidatesOf(
  beam: Beam,
  shares: Float64Array,
  taken: ReadonlyMap<number, number>,
  diversity: number,
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const [id, share] of shares.entries()) {
    if (share === 0) continue;
    const logProbability = beam.logProbability + Math.log(share);
    candidates.push({
      beam,
      id,
      logProbability,
      rank: logProbability - diversity * (taken.get(id) ?? 0),
    });
  }
  return candidates;
}

/** The best candidates go on; those among the first `size` that end are found. */
function choose(group: Group, candidates: Candidate[], size: number, options: BeamOptions): void {
  // Sorting is stable: of equals the better beam comes first, then the lower id.
  candidates.sort((a, b) => b.rank - a.rank);
  group.going = [];
  for (const [rank, candidate] of candidates.entries()) {
    if (group.going.length === size) break;
    const beam = extend(candidate, options);
    const reason = endOf(beam, options);
    if (reason === undefined) group.going.push(beam);
    else if (rank < size) keep(group, { ...sequenceOf(beam), reason }, size);
  }
  const worst = group.found[size - 1];
  if (worst !== undefined && group.going.every(({ score }) => score <= worst.score)) group.going = [];
}

function extend({ beam, id, logProbability }: Candidate, { lengthPenalty = 1 }: BeamOptions): Beam {
  const grammar = beam.grammar?.fork();
  grammar?.push(id);
  const ids = [...beam.ids, id];
  const score = logProbability / ids.length ** lengthPenalty;
  return { ...beam, ids, all: [...beam.all, id], grammar, logProbability, score };
}

function endOf({ ids, grammar }: Beam, { end, untilBar }: BeamOptions): "end" | "bars" | undefined {
  if (ids[ids.length - 1] === end) return "end";
  const full = grammar !== undefined && untilBar !== undefined && grammar.bars() >= untilBar - BAR_ROUNDING;
  return full ? "bars" : undefined;
}

function keep(group: Group, found: Found, size: number): void {
  group.found = [...group.found, found].sort((a, b) => b.score - a.score).slice(0, size);
}

function sequenceOf({ ids, logProbability, score, group }: Beam): BeamSequence {
  return { ids, logProbability, score, group };
}

function count(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1);
}

/** The first of each list, best first, then the second of each, and so on. */
function inTurn(lists: readonly (readonly Found[])[]): Found[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, rank) =>
    lists.flatMap((list) => list.slice(rank, rank + 1)).sort((a, b) => b.score - a.score),
  ).flat();
}

/**
 * Checks a search's settings, for callers from outside.
 *
 * @throws AttaccaError `invalid`, naming the option
 */
export function checkBeams({ beams, beamGroups = 1, diversity = 1, lengthPenalty = 1 }: BeamSettings): void {
  const whole = (value: number): boolean => Number.isInteger(value) && value >= 1;
  if (!whole(beams)) throw invalid("beams", String(beams), "a whole number from 1");
  if (!whole(beamGroups) || beams % beamGroups !== 0) {
    throw invalid("beamGroups", String(beamGroups), `a number that divides the ${beams} beams`);
  }
  if (!(Number.isFinite(diversity) && diversity >= 0)) {
    throw invalid("diversity", String(diversity), "a number from 0");
  }
  if (!Number.isFinite(lengthPenalty)) throw invalid("lengthPenalty", String(lengthPenalty), "a number");
}
