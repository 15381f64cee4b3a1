import type { GrammarState, SoundedNote, Tokenizer } from "../../tokens/index.js";
import { BAR_ROUNDING } from "../generate.js";
import { KeptCursor } from "./kept-cursor.js";
import { type Place, type RuleName, type Rules, ruleNames } from "./rules.js";

/** How many ids are looked ahead: bar line, meter, position, program and note, and one to spare. */
const LOOK_AHEAD = 6;

/** What is given up for now. */
interface Leave {
  readonly dropped: ReadonlySet<RuleName>;
  /** Whether ids that are to be avoided may be taken. */
  readonly anyId: boolean;
}

/**
 * A tokenizer's grammar with what musicians ask for on top: it allows what the grammar allows and the rules do, and nothing from which
 * no allowed id would lead on. Where the rules would leave nothing, they are given up one by one in the order of
 * `ruleNames`, and what was broken is counted.
 */
export class ConstrainedGrammar implements GrammarState {
  /** How often each rule was broken. */
  readonly broken = new Map<RuleName, number>();
  /** Notes that began in the present bar. */
  private count = 0;
  private readonly kept: KeptCursor | undefined;

  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly inner: GrammarState,
    private readonly rules: Rules,
    kept?: KeptCursor,
  ) {
    this.kept = kept ?? (rules.keep && new KeptCursor(rules.keep, inner.bars()));
  }

  fork(): ConstrainedGrammar {
    const copy = this.ahead();
    for (const [name, times] of this.broken) copy.broken.set(name, times);
    return copy;
  }

  private ahead(): ConstrainedGrammar {
    const { tokenizer, inner, rules, kept } = this;
    const copy = new ConstrainedGrammar(tokenizer, inner.fork(), rules, kept?.fork());
    copy.count = this.count;
    return copy;
  }

  bars(): number {
    return this.inner.bars();
  }

  noteOf(id: number): SoundedNote | undefined {
    return this.inner.noteOf(id);
  }

  grid(): { readonly stepsPerBar: number; readonly stepsPerBeat: number } {
    return this.inner.grid();
  }

  room(): number {
    return this.inner.room();
  }

  allowed(mask: Uint8Array): void {
    this.inner.allowed(mask);
    for (let given = 0; given <= ruleNames.length; given++) {
      const dropped = new Set(ruleNames.slice(0, given));
      for (const anyId of [false, true]) {
        const left = this.candidates(mask, anyId).filter((id) =>
          this.admits(id, { dropped, anyId }, LOOK_AHEAD),
        );
        if (left.length === 0) continue;
        mask.fill(0);
        for (const id of left) mask[id] = 1;
        return;
      }
    }
  }

  push(id: number): void {
    const note = this.inner.noteOf(id);
    for (const name of this.breaches(id, note)) this.break(name);
    const { bar } = this;
    const count = this.count + (note?.begins ? 1 : 0);
    const missed = this.advance(id);
    for (let i = 0; i < missed; i++) this.break("keep");
    if (this.bar > bar && this.isThin(this.bar - bar, count)) this.break("density");
  }

  private break(name: RuleName): void {
    this.broken.set(name, (this.broken.get(name) ?? 0) + 1);
  }

  /** Goes on by one id; gives how many kept notes were passed over. */
  private advance(id: number): number {
    const { inner, kept, bar } = this;
    const note = inner.noteOf(id);
    const before = inner.bars();
    if (note?.begins) this.count++;
    kept?.write(id, note, before);
    inner.push(id);
    if (this.bar > bar) this.count = 0;
    return kept?.moveTo(inner.bars()) ?? 0;
  }

  /** Whether bars that were left have too few notes: `crossed` of them, the first with `count` notes and the rest with none. */
  private isThin(crossed: number, count: number): boolean {
    const { min } = this.rules.density ?? { min: 0 };
    return count < min || (min > 0 && crossed > 1);
  }

  /** The bar of what comes next. */
  private get bar(): number {
    return Math.floor(this.inner.bars() + BAR_ROUNDING);
  }

  private get place(): Place {
    const bars = this.inner.bars();
    const { stepsPerBar, stepsPerBeat } = this.inner.grid();
    const step = Math.floor((bars - Math.floor(bars + BAR_ROUNDING)) * stepsPerBar + 1e-4);
    return { bars, isOnBeat: step % stepsPerBeat === 0 };
  }

  /** The rules that `id` breaks by itself, without what follows from it. */
  private breaches(id: number, note: SoundedNote | undefined): RuleName[] {
    const { rules, kept } = this;
    const { density } = rules;
    const broken: RuleName[] = [];
    const isEnd = id === this.tokenizer.special.end;
    const verdict = kept?.judge(id, note, {
      bars: this.inner.bars(),
      isEnd,
      isChange: rules.changes[id] === 1,
    });
    if (verdict === "kept") return broken;
    if (verdict === "wrong") broken.push("keep");
    if (isEnd && density !== undefined && this.count < density.min) broken.push("density");
    if (note === undefined) return broken;
    for (const [name, allows] of rules.notes) if (!allows(note, this.place)) broken.push(name);
    if (density !== undefined && note.begins) {
      const reserved = kept?.beginsBefore(this.bar + 1) ?? 0;
      if (this.count + reserved >= density.max) broken.push("density");
    }
    return broken;
  }

  private admits(id: number, leave: Leave, depth: number): boolean {
    const { rules, kept, tokenizer } = this;
    const note = this.inner.noteOf(id);
    if (this.breaches(id, note).some((name) => !leave.dropped.has(name))) return false;
    if (rules.completes[id] === 1 || id === tokenizer.special.end) return true;
    const density = leave.dropped.has("density") ? undefined : rules.density;
    const isSound = note !== undefined || tokenizer.idsPerStep !== undefined;
    if (isSound && density === undefined) return true;
    const next = this.ahead();
    const missed = next.advance(id);
    if (missed > 0 && !leave.dropped.has("keep")) return false;
    if (density !== undefined && density.min > 0) {
      const crossed = next.bar - this.bar;
      const count = this.count + (note?.begins ? 1 : 0);
      if (crossed > 0 && this.isThin(crossed, count)) return false;
      const room = next.inner.room() - (kept?.heldWithin(next.inner.bars(), next.inner.room()) ?? 0);
      if (density.min - (crossed > 0 ? 0 : count) > room) return false;
    }
    return isSound || depth === 0 || next.leadsOn(leave, depth - 1);
  }

  private leadsOn(leave: Leave, depth: number): boolean {
    const mask = new Uint8Array(this.tokenizer.vocabulary.size);
    this.inner.allowed(mask);
    return this.candidates(mask, leave.anyId).some((id) => this.admits(id, leave, depth));
  }

  private candidates(mask: Uint8Array, anyId: boolean): number[] {
    const ids: number[] = [];
    for (let id = 0; id < mask.length; id++) {
      if (mask[id] && (anyId || !this.rules.avoid.has(id))) ids.push(id);
    }
    return ids;
  }
}
