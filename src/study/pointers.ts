import { randomStream } from "../random.js";

/** The most pointers that a query follows. */
export const HOPS = 3;

/** A list of pointers with a query behind it. */
export interface PointerSequence {
  /** A pointer for each name, in random order, then the query. */
  readonly ids: readonly number[];
  /** How many pointers are followed, 1 to `HOPS`. */
  readonly hops: number;
  /** Where they lead: a name. */
  readonly answer: number;
}

/** How many ids there are: a pointer for each pair of names, and a query for each name and number of hops. */
export const pointerVocabulary = (names: number): number => names * names + HOPS * names;

/** A sequence for so many names, a function of (purpose, number). Names follow each other in one circle, so none leads to itself. */
export function pointerSequence(names: number, purpose: string, number: number): PointerSequence {
  const stream = randomStream(0, `pointers ${purpose}`, number);
  const shuffled = (): number[] => {
    const order = Array.from({ length: names }, (_, i) => i);
    for (let i = names - 1; i > 0; i--) {
      const j = stream.below(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  };
  const circle = shuffled();
  const next = new Array<number>(names);
  for (const [i, name] of circle.entries()) next[name] = circle[(i + 1) % names];
  const from = stream.below(names);
  const hops = 1 + stream.below(HOPS);
  let answer = from;
  for (let i = 0; i < hops; i++) answer = next[answer];
  const pointers = shuffled().map((name) => name * names + next[name]);
  return { ids: [...pointers, names * names + (hops - 1) * names + from], hops, answer };
}
