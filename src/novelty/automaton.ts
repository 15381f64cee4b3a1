/** Where a text that is read stands in an automaton. */
export interface Match {
  readonly state: number;
  /** How many of the newest symbols stand in the automaton's sequences, one behind the other. */
  readonly length: number;
}

/**
 * The suffix automaton of one or more sequences of whole numbers (Blumer et al. 1985): it knows each of their runs, is built
 * in linear time, and says symbol by symbol how much of the end of a text stands in them.
 */
export class SuffixAutomaton {
  private readonly next: Map<number, number>[] = [new Map()];
  private readonly link: number[] = [-1];
  private readonly longest: number[] = [0];
  /** Index in all sequences, one behind the other, of a symbol at which the state's runs end. */
  private readonly ends: number[] = [-1];
  private symbols = 0;

  constructor(sequences: readonly (readonly number[])[]) {
    for (const sequence of sequences) {
      // Each sequence begins at the root: no run goes over the edge of two.
      let last = 0;
      for (const symbol of sequence) last = this.extend(last, symbol);
    }
  }

  /** The match before anything is read. */
  readonly start: Match = { state: 0, length: 0 };

  /** Reads one more symbol. */
  read({ state, length }: Match, symbol: number): Match {
    let at = state;
    let matched = length;
    while (at !== 0 && !this.next[at].has(symbol)) {
      at = this.link[at];
      matched = this.longest[at];
    }
    const to = this.next[at].get(symbol);
    return to === undefined ? this.start : { state: to, length: matched + 1 };
  }

  /** Where the run that a match stands for ends: the index of its last symbol, in all sequences one behind the other. */
  endOf({ state }: Match): number {
    return this.ends[state];
  }

  private extend(last: number, symbol: number): number {
    const end = this.symbols++;
    const there = this.next[last].get(symbol);
    // Only in later sequences: what is read stands in an earlier one.
    if (there !== undefined) {
      return this.longest[there] === this.longest[last] + 1 ? there : this.split(last, there, symbol);
    }
    const state = this.add(new Map(), this.longest[last] + 1, end);
    let at = last;
    while (at !== -1 && !this.next[at].has(symbol)) {
      this.next[at].set(symbol, state);
      at = this.link[at];
    }
    if (at === -1) this.link[state] = 0;
    else {
      const to = this.next[at].get(symbol)!;
      this.link[state] = this.longest[to] === this.longest[at] + 1 ? to : this.split(at, to, symbol);
    }
    return state;
  }

  /** Takes the shorter runs of `to` out of it, as a state of their own. */
  private split(from: number, to: number, symbol: number): number {
    const copy = this.add(new Map(this.next[to]), this.longest[from] + 1, this.ends[to]);
    this.link[copy] = this.link[to];
    this.link[to] = copy;
    let at = from;
    while (at !== -1 && this.next[at].get(symbol) === to) {
      this.next[at].set(symbol, copy);
      at = this.link[at];
    }
    return copy;
  }

  private add(next: Map<number, number>, longest: number, end: number): number {
    this.next.push(next);
    this.link.push(0);
    this.longest.push(longest);
    this.ends.push(end);
    return this.next.length - 1;
  }
}
