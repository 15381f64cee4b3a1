import { randomStream, type Tokenizer } from "attacca";
import type { Split } from "#built/dataset/index.js";

/** What is taken out of a piece: a bar of all four voices, or two bars of one voice. */
export const spanKinds = ["bar", "voice"] as const;
export type SpanKind = (typeof spanKinds)[number];

/** A gap in a piece. Indices are of the piece's ids, the begin token at 0. */
export interface Gap {
  readonly source: string;
  /** The piece without its end token, which no window of a masked model has. */
  readonly ids: Uint16Array;
  /** In ascending order, which is the order from left to right. */
  readonly positions: readonly number[];
  /** First step of the gap, and the one behind it. */
  readonly steps: readonly [first: number, end: number];
}

/** A part of a piece, and where the gap is in it. */
export interface GapWindow {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
}

const VOICES = 4;
const STEPS_PER_BAR = 16;
/** Bars that a gap has on either side at least. */
const MARGIN = 2;
const bars: Readonly<Record<SpanKind, number>> = { bar: 1, voice: 2 };

/** One gap in each piece that is long enough, at a place drawn by the piece's number; voices take turns. */
export function gapsOf(split: Split, kind: SpanKind, most = Number.POSITIVE_INFINITY): Gap[] {
  const gaps: Gap[] = [];
  for (let index = 0; index < split.pieceCount && gaps.length < most; index++) {
    const ids = split.piece(index).subarray(0, -1);
    const count = Math.floor((ids.length - 1) / (VOICES * STEPS_PER_BAR));
    const places = count - 2 * MARGIN - bars[kind] + 1;
    if (places < 1) continue;
    const bar = MARGIN + randomStream(0, `infill ${kind}`, index).below(places);
    const steps = [bar * STEPS_PER_BAR, (bar + bars[kind]) * STEPS_PER_BAR] as const;
    const positions: number[] = [];
    for (let step = steps[0]; step < steps[1]; step++) {
      for (let voice = 0; voice < VOICES; voice++) {
        if (kind === "bar" || voice === index % VOICES) positions.push(1 + step * VOICES + voice);
      }
    }
    gaps.push({ source: split.record(index).source, ids, positions, steps });
  }
  return gaps;
}

/** The gap in the middle of a window of `length` ids, padded where the piece ends before it does. */
export function windowAround({ ids, positions }: Gap, length: number, tokenizer: Tokenizer): GapWindow {
  const unit = tokenizer.windowUnit ?? 1;
  const middle = (positions[0] + positions[positions.length - 1]) / 2;
  const last = Math.ceil(Math.max(0, ids.length - length) / unit) * unit;
  const start = Math.min(last, Math.max(0, Math.round((middle - length / 2) / unit) * unit));
  const window = [...ids.subarray(start, start + length)];
  while (window.length < length) window.push(tokenizer.special.pad);
  return { ids: window, positions: positions.map((at) => at - start) };
}

/** As much as `length` ids hold of what comes before the end of the gap, or `beyond` ids behind it. */
export function windowBefore(gap: Gap, length: number, tokenizer: Tokenizer, beyond = 0): GapWindow {
  const unit = tokenizer.windowUnit ?? 1;
  const end = Math.min(gap.ids.length, gap.positions[gap.positions.length - 1] + 1 + beyond);
  const start = Math.ceil(Math.max(0, end - length) / unit) * unit;
  return {
    ids: [...gap.ids.subarray(start, end)],
    positions: gap.positions.map((at) => at - start),
  };
}
