/**
 * The arithmetic of NumPy and Python that MidiTok's vocabulary and quantisation rest on, to the last bit:
 * which of two neighbours a tie goes to decides which token is written.
 */

/** Nearest whole number, ties to even, as `np.round` and C's `rint`. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Nearest whole number, ties away from zero, as C's `round`; for values from 0 up. */
export function roundHalfUp(value: number): number {
  const floor = Math.floor(value);
  return value - floor >= 0.5 ? floor + 1 : floor;
}

/** `count` evenly spaced numbers from `first` to `last`, both included, in the operation order of `np.linspace`. */
export function linspace(first: number, last: number, count: number): number[] {
  if (count === 1) return [first];
  const step = (last - first) / (count - 1);
  const values = Array.from({ length: count }, (_, i) => i * step + first);
  values[count - 1] = last;
  return values;
}

/** `count` numbers from `first` to `last` with equal ratios, as `np.geomspace` (through base-10 logarithms). */
export function geomspace(first: number, last: number, count: number): number[] {
  const values = linspace(Math.log10(first), Math.log10(last), count).map((exponent) => 10 ** exponent);
  values[0] = first;
  if (count > 1) values[count - 1] = last;
  return values;
}

/** Two decimals as `np.ndarray.round(2)`: scaled, rounded to even, scaled back. */
export function roundCentsScaled(value: number): number {
  return roundHalfEven(value * 100) / 100;
}

/** Two decimals as Python's `round(value, 2)`: from the exact value, exact ties to even. */
export function roundCentsExact(value: number): number {
  const eighths = value * 8;
  if (Number.isInteger(eighths) && eighths % 2 !== 0) return roundHalfEven(value * 100) / 100;
  return Number(value.toFixed(2));
}

/** A float as Python writes it: `120` is "120.0". */
export function pythonFloat(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/**
 * Index of the entry of `sorted` (ascending, not empty) that is nearest to `value`; of two equally near ones
 * the upper. Of equal entries the first.
 */
export function closestIndex(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  if (low === sorted.length) return low - 1;
  if (low > 0 && value - sorted[low - 1] < sorted[low] - value) return low - 1;
  return low;
}

const LINEAR_PROBES = 9;
const PERTURB_SHIFT = 5n;

/**
 * The order in which CPython iterates over `set(values)`, for whole numbers: MidiTok keeps programs in a set,
 * and the order of the set is the order of the ids. Follows CPython 3.7 to 3.13 (Objects/setobject.c): open
 * addressing, short linear probes, then a perturbed jump; four times the room when three fifths are full.
 */
export function pythonSetOrder(values: readonly number[]): number[] {
  let table: (number | undefined)[] = new Array(8).fill(undefined);
  let used = 0;
  const insert = (into: (number | undefined)[], value: number): boolean => {
    const mask = into.length - 1;
    // −1 marks an error in CPython's C interface, so its hash is −2.
    const hash = BigInt.asUintN(64, BigInt(value === -1 ? -2 : value));
    let perturb = hash;
    let slot = Number(hash & BigInt(mask));
    for (;;) {
      const last = slot + LINEAR_PROBES <= mask ? slot + LINEAR_PROBES : slot;
      for (let i = slot; i <= last; i++) {
        if (into[i] === value) return false;
        if (into[i] === undefined) {
          into[i] = value;
          return true;
        }
      }
      perturb >>= PERTURB_SHIFT;
      slot = Number((BigInt(slot) * 5n + 1n + perturb) & BigInt(mask));
    }
  };
  for (const value of values) {
    if (!insert(table, value)) continue;
    used++;
    if (used * 5 < (table.length - 1) * 3) continue;
    let size = 8;
    while (size <= used * 4) size *= 2;
    const larger: (number | undefined)[] = new Array(size).fill(undefined);
    for (const entry of table) if (entry !== undefined) insert(larger, entry);
    table = larger;
  }
  return table.filter((entry) => entry !== undefined);
}
