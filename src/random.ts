/**
 * Counter-based random numbers: every value is a pure function of (seed, purpose, step, index), so that a
 * run which is resumed, or split over machines, draws the same numbers as one which was not.
 *
 * The generator is Threefry-2×32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"): it needs only 32-bit add, rotate and xor, so kernels in WASM and WGSL compute the same bits.
 */

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;

/** Threefry-2×32-20 of a 64-bit key and a 64-bit counter, as two unsigned 32-bit words each. */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): readonly [number, number] {
  const keys = [key0 | 0, key1 | 0, key0 ^ key1 ^ PARITY];
  let x0 = (counter0 + keys[0]) | 0;
  let x1 = (counter1 + keys[1]) | 0;
  for (let group = 0; group < 5; group++) {
    const first = group % 2 === 0 ? 0 : 4;
    for (let round = first; round < first + 4; round++) {
      x0 = (x0 + x1) | 0;
      x1 = (x1 << ROTATIONS[round]) | (x1 >>> (32 - ROTATIONS[round]));
      x1 ^= x0;
    }
    x0 = (x0 + keys[(group + 1) % 3]) | 0;
    x1 = (x1 + keys[(group + 2) % 3] + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** FNV-1a over UTF-16 code units: turns a purpose's name into a word of the key. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A 64-bit key for one purpose at one step, e.g. `keyOf(7, "dropout", 120)`. Kernels take it as it is. */
export function keyOf(seed: number, purpose: string, step = 0): readonly [number, number] {
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  const [a, b] = threefry2x32(seed >>> 0, high, hashName(purpose), step >>> 0);
  return [a, b];
}

/** A stream of random numbers. Reading it changes only itself. */
export interface RandomStream {
  /** The next unsigned 32-bit word. */
  word(): number;
  /** Uniform in [0, 1), a multiple of 2⁻³². */
  uniform(): number;
  /** Uniform whole number in [0, limit), without bias; limit is 1 to 2³². */
  below(limit: number): number;
  /** Normal with mean 0 and deviation 1 (Box & Muller 1958). */
  normal(): number;
}

/** The stream of (seed, purpose, step); seed is a whole number from 0 to 2⁵³ − 1. */
export function randomStream(seed: number, purpose: string, step = 0): RandomStream {
  const [key0, key1] = keyOf(seed, purpose, step);
  let counter = 0;
  let spare: number | undefined;
  const word = (): number => {
    if (spare !== undefined) {
      const second = spare;
      spare = undefined;
      return second;
    }
    const [first, second] = threefry2x32(key0, key1, counter >>> 0, Math.floor(counter / 2 ** 32));
    counter++;
    spare = second;
    return first;
  };
  const uniform = (): number => word() / 2 ** 32;
  return {
    word,
    uniform,
    below(limit) {
      // Rejection: the words past the last whole multiple of `limit` would favour small results.
      const usable = 2 ** 32 - (2 ** 32 % limit);
      for (;;) {
        const value = word();
        if (value < usable) return value % limit;
      }
    },
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return radius * Math.cos(2 * Math.PI * uniform());
    },
  };
}

/** A random order of 0 … count − 1 (Fisher & Yates), a pure function of (seed, purpose, step). */
export function permutation(count: number, seed: number, purpose: string, step = 0): Uint32Array {
  const stream = randomStream(seed, purpose, step);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
