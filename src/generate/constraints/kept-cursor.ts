import type { SoundedNote } from "../../tokens/index.js";
import { BAR_ROUNDING } from "../generate.js";
import type { Kept, KeptNote } from "./keep.js";

/** What an id is to the melody: a part of it, in its way, or neither. */
export type Verdict = "kept" | "wrong" | undefined;

/** Where an id would stand. */
export interface CursorPlace {
  readonly bars: number;
  /** It ends the piece. */
  readonly isEnd: boolean;
  /** It changes a track (a pedal, a bend), and so begins or leaves it. */
  readonly isChange: boolean;
}

/** Bars are told apart down to this. */
const ROUNDING = 1e-4;

/** How much of a melody a stream has. */
export class KeptCursor {
  /** Index of the first kept note at the present onset or behind it. */
  private from = 0;
  /** Those at the present onset that are written. */
  private written: readonly number[] = [];
  /** Those that sound here and began before. */
  private sounding: readonly KeptNote[] = [];
  /** Ids that must come next, to complete a kept note. */
  private due: readonly number[] = [];
  /** The program that wrote last at the present onset. */
  private entered: number | undefined;

  constructor(
    private readonly kept: Kept,
    private bars: number,
  ) {}

  fork(): KeptCursor {
    return Object.assign(new KeptCursor(this.kept, this.bars), this);
  }

  judge(id: number, note: SoundedNote | undefined, { bars, isEnd, isChange }: CursorPlace): Verdict {
    const { slots } = this.kept;
    if (slots.size > 0) {
      const wanted = slots.get(this.slotAt(bars));
      if (wanted !== undefined) return id === wanted ? "kept" : "wrong";
      return isEnd && this.slotAt(bars) < this.kept.lastSlot ? "wrong" : undefined;
    }
    if (this.due.length > 0) return id === this.due[0] ? "kept" : "wrong";
    const pending = this.pending();
    if (note === undefined) {
      if (isEnd) return this.from + this.written.length < this.kept.notes.length ? "wrong" : undefined;
      return isChange && pending.length > 0 ? "wrong" : undefined;
    }
    const own = this.find(note);
    const leavesRoom = pending.every((at) => {
      if (at === own) return true;
      const { program, pitch } = this.kept.notes[at];
      // Notes of a track rise at an onset, and a track that was left doesn't come again.
      return program === note.program ? note.pitch <= pitch : this.entered !== program;
    });
    if (!leavesRoom) return "wrong";
    if (own !== undefined) return "kept";
    const again = this.sounding.some(
      ({ program, pitch }) => program === note.program && pitch === note.pitch,
    );
    return again || this.isDouble(note) ? "wrong" : undefined;
  }

  /** Takes note of an id that is written at `bars`. */
  write(id: number, note: SoundedNote | undefined, bars: number): void {
    this.bars = bars;
    if (this.kept.slots.size > 0) return;
    if (this.due.length > 0) {
      this.due = id === this.due[0] ? this.due.slice(1) : [];
      return;
    }
    if (note === undefined) return;
    const own = this.find(note);
    this.entered = note.program;
    if (own === undefined) return;
    this.written = [...this.written, own];
    this.due = this.kept.notes[own].completion;
  }

  /** Time has come to `bars`; gives how many kept notes were passed over. */
  moveTo(bars: number): number {
    if (bars <= this.bars + BAR_ROUNDING) return 0;
    const { notes } = this.kept;
    this.bars = bars;
    this.entered = undefined;
    if (notes.length === 0) return 0;
    const before = this.from;
    while (this.from < notes.length && notes[this.from].place < bars - ROUNDING) this.from++;
    const missed = this.from - before - this.written.filter((at) => at < this.from).length;
    this.written = this.written.filter((at) => at >= this.from);
    this.sounding = notes.slice(0, this.from).filter(({ end }) => end > bars + ROUNDING);
    return missed;
  }

  /** Notes of the melody that will still begin before a bar. */
  beginsBefore(bar: number): number {
    const { notes, slots, begins, idsPerBar } = this.kept;
    if (slots.size > 0) {
      let count = 0;
      for (let at = this.slotAt(this.bars) + 1; at < bar * idsPerBar; at++) if (begins.has(at)) count++;
      return count;
    }
    let count = 0;
    for (let at = this.from; at < notes.length && notes[at].place < bar - ROUNDING; at++) {
      if (!this.written.includes(at)) count++;
    }
    return count;
  }

  /** Of the next `room` ids from `bars` on, how many a kept voice holds without beginning a note. */
  heldWithin(bars: number, room: number): number {
    const { slots, begins } = this.kept;
    if (slots.size === 0) return 0;
    const first = this.slotAt(bars);
    let held = 0;
    for (let at = first; at < first + room; at++) if (slots.has(at) && !begins.has(at)) held++;
    return held;
  }

  private slotAt(bars: number): number {
    return Math.round(bars * this.kept.idsPerBar);
  }

  /** Kept notes that belong here and aren't written, by index. */
  private pending(): number[] {
    const { notes } = this.kept;
    const pending: number[] = [];
    for (let at = this.from; at < notes.length && notes[at].place < this.bars + ROUNDING; at++) {
      if (!this.written.includes(at)) pending.push(at);
    }
    return pending;
  }

  private find({ program, pitch }: SoundedNote): number | undefined {
    const { notes } = this.kept;
    return this.pending().find((at) => notes[at].program === program && notes[at].pitch === pitch);
  }

  /** Whether a kept note of this pitch was written at this onset. */
  private isDouble({ program, pitch }: SoundedNote): boolean {
    const { notes } = this.kept;
    return this.written.some((at) => notes[at].program === program && notes[at].pitch === pitch);
  }
}
