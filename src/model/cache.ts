import * as tf from "@tensorflow/tfjs-core";
import { invalid } from "../errors.js";
import type { CachedPositions, KeysAndValuesWithRoom } from "../ops/index.js";

/**
 * The keys and values of every layer at the positions seen so far; all rows of the batch have the same length.
 * `forward` appends to it. It owns its tensors: call `dispose` when it isn't needed any more.
 *
 * There is no way to drop the first positions and keep the rest: a key depends on its absolute position and on
 * all before it. To move the window, `clear` (or `rewind`) and feed the new window again.
 */
export class Cache {
  #layers: readonly CachedPositions[];
  /** In place of `#layers` while whole steps are computed in one call: then positions are written into their place. */
  #room: KeysAndValuesWithRoom | undefined;
  #taken = 0;

  constructor(layers: readonly CachedPositions[] = []) {
    this.#layers = layers;
  }

  /** How many positions it holds. */
  get length(): number {
    return this.#room === undefined ? (this.#layers[0]?.keys.shape[2] ?? 0) : this.#taken;
  }

  /** How many sequences it holds side by side; 0 while it is empty. */
  get batch(): number {
    return this.#room?.keys.shape[1] ?? this.#layers[0]?.keys.shape[0] ?? 0;
  }

  /** Keys and values of one layer, [batch, heads, length, depth] each, and what lookahead keys need; undefined while it is empty. */
  layer(index: number): CachedPositions | undefined {
    this.#leaveRoom();
    return this.#layers[index];
  }

  /** Takes the next state of every layer, as `cachedAttention` or `cachedLookaheadAttention` gave it, and frees the one before. */
  replace(layers: readonly CachedPositions[]): void {
    for (const layer of layers) for (const tensor of tensorsOf(layer)) tf.keep(tensor);
    const before = this.#layers;
    this.#layers = layers;
    free(before);
    this.#freeRoom();
  }

  /**
   * All layers in two tensors with room for `capacity` positions, for `decodeStep`. They stay the cache's.
   *
   * @returns undefined while it is empty
   */
  withRoom(capacity: number): KeysAndValuesWithRoom | undefined {
    if (this.#room === undefined && this.#layers.length > 0) {
      const rest = capacity - this.length;
      // Not `tf.pad`: tfjs's own kernel works out the place of every single value.
      const joined = (name: "keys" | "values"): tf.Tensor =>
        tf.tidy(() => {
          const all = tf.stack(this.#layers.map((layer) => layer[name]));
          const [layers, batch, heads, , depth] = all.shape;
          return tf.concat([all, tf.zeros([layers, batch, heads, rest, depth])], 3);
        });
      const taken = this.length;
      const room = { keys: joined("keys"), values: joined("values") };
      this.replace([]);
      this.replaceRoom(room, taken);
    }
    return this.#room;
  }

  /** Takes the next state, as `decodeStep` gave it: `length` positions of it are taken. Frees the one before. */
  replaceRoom({ keys, values }: KeysAndValuesWithRoom, length: number): void {
    tf.keep(keys);
    tf.keep(values);
    this.#freeRoom();
    this.#room = { keys, values };
    this.#taken = length;
  }

  /**
   * Goes back to the first `length` positions.
   *
   * @throws AttaccaError `invalid` if it doesn't hold so many
   */
  rewind(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.length) {
      throw invalid("length to rewind a cache to", String(length), `0 to ${this.length}`);
    }
    if (length === 0) this.clear();
    else if (this.#room !== undefined) this.#taken = length;
    else if (length < this.length) {
      // Lookahead keys have taken in what is cut off: they are computed again when they are needed.
      const layers = this.#layers.map(({ keys, values, lookahead }) => ({ keys, values, lookahead }));
      this.#map((x) => tf.slice4d(x, [0, 0, 0, 0], [-1, -1, length, -1]), layers);
    }
  }

  /** Empties it. */
  clear(): void {
    this.replace([]);
  }

  /** A second cache with the same contents; from here on the two go their own ways. */
  fork(): Cache {
    const copy = new Cache();
    if (this.#room !== undefined) {
      // What is written into is copied first where two refer to it.
      const { keys, values } = this.#room;
      copy.replaceRoom({ keys: tf.clone(keys), values: tf.clone(values) }, this.#taken);
      return copy;
    }
    copy.replace(this.#layers.map((layer) => mapped(layer, (x) => tf.clone(x))));
    return copy;
  }

  /**
   * Row i becomes what row `rows[i]` was, for beam search or to go on with some of the sequences only.
   *
   * @param rows any number of rows, each from 0 to batch − 1
   */
  reorder(rows: readonly number[]): void {
    if (this.length === 0) return;
    const wrong = rows.find((row) => !Number.isInteger(row) || row < 0 || row >= this.batch);
    if (rows.length === 0 || wrong !== undefined) {
      throw invalid("rows of a cache", rows.length === 0 ? "none" : String(wrong), `0 to ${this.batch - 1}`);
    }
    if (rows.length === this.batch && rows.every((row, i) => row === i)) return;
    if (this.#room === undefined) {
      this.#map((x) => takeRows(x, rows));
      return;
    }
    const { keys, values } = this.#room;
    const [layers, batch, heads, capacity, depth] = keys.shape;
    // Layers stand side by side in the room: row i of layer j is row j × batch + i.
    const all = Array.from({ length: layers }, (_, layer) => rows.map((row) => layer * batch + row)).flat();
    const take = (x: tf.Tensor): tf.Tensor =>
      tf.tidy(() => {
        const flat = tf.reshape<tf.Rank.R4>(x, [layers * batch, heads, capacity, depth]);
        return tf.reshape(takeRows(flat, all), [layers, rows.length, heads, capacity, depth]);
      });
    this.replaceRoom({ keys: take(keys), values: take(values) }, this.#taken);
  }

  /** Frees its tensors; it is empty then and may be used again. */
  dispose(): void {
    this.clear();
  }

  #map(change: (x: tf.Tensor4D) => tf.Tensor4D, layers = this.#layers): void {
    this.replace(layers.map((layer) => mapped(layer, change)));
  }

  /** Back to a tensor of its exact length for each layer. */
  #leaveRoom(): void {
    if (this.#room === undefined) return;
    const { keys, values } = this.#room;
    const length = this.#taken;
    const apart = (x: tf.Tensor): tf.Tensor4D[] =>
      tf.tidy(() =>
        tf.unstack(tf.slice(x, [0, 0, 0, 0, 0], [-1, -1, -1, length, -1])).map((part) => part as tf.Tensor4D),
      );
    const [allKeys, allValues] = [apart(keys), apart(values)];
    this.replace(allKeys.map((part, i) => ({ keys: part, values: allValues[i] })));
  }

  #freeRoom(): void {
    this.#room?.keys.dispose();
    this.#room?.values.dispose();
    this.#room = undefined;
    this.#taken = 0;
  }
}

/** `tf.gather` over the first axis. tfjs's own kernel works out the place of every single value; slices of whole rows are copied at once. */
function takeRows(x: tf.Tensor4D, rows: readonly number[]): tf.Tensor4D {
  return tf.tidy(() => {
    const taken = rows.map((row) => tf.slice4d(x, [row, 0, 0, 0], [1, -1, -1, -1]));
    return taken.length === 1 ? taken[0] : tf.concat(taken);
  });
}

function tensorsOf({ keys, values, lookahead, sums }: CachedPositions): tf.Tensor4D[] {
  return [keys, values, lookahead, sums].filter((tensor) => tensor !== undefined);
}

function mapped(
  { keys, values, lookahead, sums }: CachedPositions,
  change: (x: tf.Tensor4D) => tf.Tensor4D,
): CachedPositions {
  return {
    keys: change(keys),
    values: change(values),
    lookahead: lookahead && change(lookahead),
    sums: sums && change(sums),
  };
}

function free(layers: readonly CachedPositions[]): void {
  for (const layer of layers) tf.dispose(tensorsOf(layer));
}
