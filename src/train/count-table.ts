/**
 * Counts of whole-number keys, by open addressing in typed arrays: a JavaScript `Map` holds at most 2²⁴ entries and
 * several times the memory, and a corpus of some thousand pieces has more 4-grams than that.
 */
export class CountTable {
  #keys: Float64Array;
  #counts: Uint32Array;
  #used = 0;

  constructor(capacity = 1024) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, capacity)));
    this.#keys = new Float64Array(size).fill(-1);
    this.#counts = new Uint32Array(size);
  }

  /** How many different keys were counted. */
  get size(): number {
    return this.#used;
  }

  /** The count of a key (0 to 2⁵³ − 1); 0 where it wasn't counted. */
  get(key: number): number {
    return this.#counts[this.#slot(key)];
  }

  /** Sets the count of a key. A count of 0 still takes its place. */
  set(key: number, count: number): void {
    let slot = this.#slot(key);
    if (this.#keys[slot] !== key) {
      if (this.#used * 2 >= this.#keys.length) {
        this.#grow();
        slot = this.#slot(key);
      }
      this.#keys[slot] = key;
      this.#used++;
    }
    this.#counts[slot] = count;
  }

  /** Adds one and gives the new count. */
  increment(key: number): number {
    const count = this.get(key) + 1;
    this.set(key, count);
    return count;
  }

  /** Where the key is, or the free slot where it would be. */
  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    const low = key >>> 0;
    const high = Math.floor(key / 2 ** 32);
    let hash = Math.imul(low ^ (low >>> 16) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    let slot = (hash ^ (hash >>> 16)) & mask;
    while (this.#keys[slot] !== key && this.#keys[slot] !== -1) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Float64Array(keys.length * 2).fill(-1);
    this.#counts = new Uint32Array(counts.length * 2);
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === -1) continue;
      const slot = this.#slot(keys[i]);
      this.#keys[slot] = keys[i];
      this.#counts[slot] = counts[i];
    }
  }
}
