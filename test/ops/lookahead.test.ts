import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { type CachedPositions, cachedLookaheadAttention, lookaheadAttention } from "../../src/ops/index.js";
import { expectNoLeak, randomValues, relativeError, testedBackends, upload, useBackend } from "../tensors.js";

const [batch, time, heads, depth] = [2, 41, 3, 5];
const shape = [batch, time, 3 * heads * depth];
const [qkv, look] = ["cached qkv", "cached look"].map((name) => randomValues(name, shape));

const part = (x: tf.Tensor, first: number, count: number): tf.Tensor =>
  tf.slice(x, [0, first, 0], [batch, count, -1]);

/** y of all positions, fed so many at a time; `drop` says before which feeds the sums are dropped. */
function inParts(sizes: readonly number[], drop: (feed: number) => boolean = () => false): Float32Array {
  return tf.tidy(() => {
    const [allQkv, allLook] = [upload(qkv), upload(look)];
    let past: CachedPositions | undefined;
    let first = 0;
    const outputs = sizes.map((size, feed) => {
      const { y, ...kept } = cachedLookaheadAttention(
        part(allQkv, first, size),
        part(allLook, first, size),
        heads,
        past && drop(feed) ? { ...past, sums: undefined } : past,
      );
      past = kept;
      first += size;
      expect(kept.sums?.shape).toEqual([batch, heads, first, depth]);
      expect(kept.lookahead?.shape).toEqual([batch, heads, first, 3 * depth]);
      return y;
    });
    return tf.concat(outputs, 1).dataSync() as Float32Array;
  });
}

describe.each(testedBackends)("lookahead keys with a cache on %s", (backend) => {
  it("give what the whole pass gives, however positions come, and with sums worked out again", async () => {
    await useBackend("cpu");
    const whole = expectNoLeak(() =>
      tf.tidy(() => lookaheadAttention(upload(qkv), upload(look), heads).dataSync() as Float32Array),
    );
    await useBackend(backend);
    expectNoLeak(() => {
      const byOne = inParts(new Array(time).fill(1));
      const inChunks = [
        inParts([time]),
        inParts([1, 7, 20, 13]),
        inParts([8, 16, 9, 8], (feed) => feed !== 1),
      ];
      for (const found of [byOne, ...inChunks]) expect(relativeError(found, whole)).toBeLessThan(1e-5);
      // The engine's kernel goes position by position anyway.
      if (backend === "simd") for (const found of inChunks) expect(found).toEqual(byOne);
    });
  });

  it("leave what was kept before as it was", async () => {
    await useBackend(backend);
    expectNoLeak(() =>
      tf.tidy(() => {
        const [allQkv, allLook] = [upload(qkv), upload(look)];
        const feed = (first: number, count: number, past?: CachedPositions) =>
          cachedLookaheadAttention(part(allQkv, first, count), part(allLook, first, count), heads, past);
        const before = feed(0, 9);
        const valuesOf = ({ keys, values, lookahead, sums }: CachedPositions) =>
          [keys, values, lookahead!, sums!].map((tensor) => tensor.dataSync());
        const kept = valuesOf(before);
        const once = feed(9, 3, before).y.dataSync();
        expect(valuesOf(before)).toEqual(kept);
        expect(feed(9, 3, before).y.dataSync()).toEqual(once);
      }),
    );
  });

  it("refuse projections that don't belong together", async () => {
    await useBackend(backend);
    tf.tidy(() => {
      expect(() => cachedLookaheadAttention(tf.zeros([1, 2, 12]), tf.zeros([1, 3, 12]), 2)).toThrow(
        "invalid look of attention: [1,3,12]; expected [1,2,12], as qkv",
      );
      expect(() => lookaheadAttention(tf.zeros([1, 2, 13]), tf.zeros([1, 2, 13]), 2)).toThrow(
        "qkv of attention",
      );
    });
  });
});
