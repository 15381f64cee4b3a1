import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildDataset,
  contentHash,
  mergeDatasets,
  openDataset,
  parseSkipped,
  parseSplitShares,
  type SkippedFile,
  splitNames,
  splitOfHash,
} from "../../src/dataset/index.js";
import { AttaccaError } from "../../src/errors.js";
import { contentOf, corpora, piece, reopened, textOf } from "./corpus.js";

describe("buildDataset", () => {
  it("keeps every different piece, whole and once, under the first of its names", () => {
    fc.assert(
      fc.property(corpora, (records) => {
        const pieces = records.map((record) => piece(record.source, record.steps, record.variant));
        const built = buildDataset(contentOf(pieces));
        const dataset = reopened(built);
        const stored = splitNames.flatMap((name) => {
          const split = dataset.split(name);
          return Array.from({ length: split.pieceCount }, (_, i) => ({
            source: split.record(i).source,
            ids: Array.from(split.piece(i)).join(),
          }));
        });
        const expected = new Map<string, string>();
        for (const { source, streams } of [...pieces].sort((a, b) => (a.source < b.source ? -1 : 1))) {
          const ids = Array.from(streams[0]).join();
          if (!expected.has(ids)) expected.set(ids, source);
        }
        expect(new Map(stored.map(({ source, ids }) => [ids, source]))).toEqual(expected);
        expect(stored.length).toBe(expected.size);
        expect(built.skipped.length).toBe(pieces.length - expected.size);
      }),
    );
  });

  it("gives the same bytes whatever order pieces come in", () => {
    fc.assert(
      fc.property(corpora, fc.integer(), (records, turn) => {
        const pieces = records.map((record) => piece(record.source, record.steps, record.variant));
        const at = Math.abs(turn) % pieces.length;
        const turned = [...pieces.slice(at), ...pieces.slice(0, at)].reverse();
        expect(buildDataset(contentOf(turned)).files).toEqual(buildDataset(contentOf(pieces)).files);
      }),
    );
  });

  it("writes ids as little-endian uint16, begin and end tokens around each piece", () => {
    const { files } = buildDataset(contentOf([piece("a.mid", 1, 0, "val")]));
    // BOS 1, then pitches 72, 67, 60, 48 as 30 → 4, EOS 2.
    expect(Array.from(files.get("val-000.bin") ?? [])).toEqual([1, 0, 46, 0, 41, 0, 34, 0, 22, 0, 2, 0]);
  });

  it("starts a new shard where one is full, and never cuts a piece", () => {
    const pieces = [3, 3, 3, 20, 3].map((steps, i) => piece(`${i}.mid`, steps, i, "train"));
    const built = buildDataset(contentOf(pieces, { mostIdsInShard: 30 }));
    expect(built.manifest.shards.map((shard) => [shard.file, shard.tokens])).toEqual([
      ["train-000.bin", 28],
      ["train-001.bin", 14],
      ["train-002.bin", 82],
      ["train-003.bin", 14],
    ]);
    const split = reopened(built).split("train");
    expect(pieces.map((_, i) => split.piece(i))).toEqual(pieces.map((each) => each.streams[0]));
  });

  it("keeps the streams of one file together, in one split", () => {
    const streams = [1, 2, 3].map((steps) => piece("x", steps).streams[0]);
    const split = reopened(buildDataset(contentOf([{ source: "a.mid", streams, split: "test" }]))).split(
      "test",
    );
    expect(split.pieceCount).toBe(3);
    expect([0, 1, 2].map((i) => split.record(i).stream)).toEqual([0, 1, 2]);
    expect([0, 1, 2].map((i) => split.piece(i))).toEqual(streams);
  });
});

describe("the split", () => {
  it("hashes the bytes of the ids with SHA-256", () => {
    const expected = createHash("sha256")
      .update(Uint8Array.of(1, 0, 46, 1, 2, 0))
      .digest("hex");
    expect(contentHash([Uint16Array.of(1, 302), Uint16Array.of(2)])).toBe(expected);
  });

  it("cuts the range of hashes by the shares", () => {
    const at = (place: number): string =>
      Math.floor(place * 2 ** 32)
        .toString(16)
        .padStart(8, "0");
    const splits = [0, 0.899, 0.901, 0.949, 0.951, 0.999].map((place) => splitOfHash(at(place), [90, 5, 5]));
    expect(splits).toEqual(["train", "train", "val", "val", "test", "test"]);
    expect(splitOfHash("ffffffff", [1, 0, 0])).toBe("train");
  });

  it("doesn't depend on what else is in the corpus", () => {
    fc.assert(
      fc.property(corpora, (records) => {
        const pieces = records.map((record) => piece(record.source, record.steps, record.variant));
        const all = buildDataset(contentOf(pieces)).manifest.pieces;
        for (const each of pieces) {
          const [alone] = buildDataset(contentOf([each])).manifest.pieces;
          expect(all.find((record) => record.hash === alone.hash)?.split).toBe(alone.split);
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each(["", "90", "90,5", "0,50,50", "90,5,x", "90,-5,15", "90,5,", "Infinity,1,1"])(
    "refuses the shares %j",
    (text) => expect(() => parseSplitShares(text)).toThrow(/expected three shares/),
  );
});

describe("openDataset", () => {
  const built = buildDataset(
    contentOf([piece("a.mid", 3, 0, "train"), piece("b.mid", 2, 1, "train"), piece("c.mid", 1, 2, "val")]),
  );
  type Json = Record<string, unknown> & {
    pieces: Record<string, unknown>[];
    shards: Record<string, unknown>[];
  };
  const manifest = (): Json => JSON.parse(textOf(built.files, "manifest.json"));

  it.each<readonly [string, (json: Json) => void, RegExp]>([
    ["another format", (json) => Object.assign(json, { format: "parquet" }), /manifest, format/],
    [
      "a later version",
      (json) => Object.assign(json, { formatVersion: 3 }),
      /unsupported dataset format version/,
    ],
    [
      "a piece past its shard",
      (json) => Object.assign(json.pieces[0], { length: 99 }),
      /pieces.0: ids up to 99/,
    ],
    ["a piece in no shard", (json) => Object.assign(json.pieces[0], { shard: 7 }), /pieces.0: shard 7/],
    ["a piece of no length", (json) => Object.assign(json.pieces[0], { length: 0 }), /pieces.0.length/],
    ["a negative offset", (json) => Object.assign(json.pieces[0], { offset: -1 }), /pieces.0.offset/],
    ["a huge length", (json) => Object.assign(json.pieces[0], { length: 1e300 }), /pieces.0.length/],
    [
      "a piece between pieces",
      (json) => Object.assign(json.pieces[0], { offset: 1 }),
      /begin and end tokens/,
    ],
    [
      "wrong counts",
      (json) =>
        Object.assign(json, { splits: { ...(json.splits as object), test: { pieces: 1, tokens: 1 } } }),
      /splits.test: 1 pieces/,
    ],
    ["a path as shard name", (json) => Object.assign(json.shards[0], { file: "../x.bin" }), /shards.0.file/],
    ["a shard listed twice", (json) => json.shards.push(json.shards[0]), /listed twice/],
    [
      "a shard that isn't there",
      (json) => Object.assign(json.shards[0], { file: "train-009.bin" }),
      /missing dataset shard train-009/,
    ],
    [
      "a shorter shard",
      (json) => Object.assign(json.shards[0], { tokens: 30 }),
      /train-000.bin: 48 bytes; expected 60/,
    ],
    [
      "an unknown tokenizer",
      (json) => Object.assign(json, { tokenizer: { tokenization: "Morse" } }),
      /unknown dataset manifest, tokenizer: tokenization: "Morse"/,
    ],
    [
      "a smaller vocabulary",
      (json) =>
        Object.assign(json, { tokenizer: { tokenization: "Chorale", config: { pitch_range: [30, 60] } } }),
      /below the vocabulary's size, 34/,
    ],
  ])("refuses %s", (_, spoil, message) => {
    const json = manifest();
    spoil(json);
    expect(() => openDataset(json, built.files)).toThrow(message);
  });

  it("refuses a shard with a changed bit", () => {
    const bytes = Uint8Array.from(built.files.get("train-000.bin") ?? []);
    bytes[4] ^= 1;
    const files = new Map([...built.files, ["train-000.bin", bytes]]);
    expect(() => openDataset(manifest(), files)).toThrow(/train-000.bin: other content/);
  });

  it("answers any JSON in place of any field with a plain error or a dataset", () => {
    const paths = [
      ["pieces", 0],
      ["shards", 0],
      ["splits", "train"],
      ["tokenizer", "config"],
      ["preparation"],
      [],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.string(), fc.jsonValue(), (path, key, value) => {
        const json = manifest();
        let place: Record<string, unknown> = json;
        for (const step of path) place = place[step] as Record<string, unknown>;
        const keys = Object.keys(place);
        place[keys[key.length % keys.length]] = value;
        try {
          openDataset(json, built.files);
        } catch (error) {
          expect(error).toBeInstanceOf(AttaccaError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("mergeDatasets", () => {
  const unreadable = (source: string): SkippedFile => ({ source, kind: "unreadable", reason: "no header" });

  it("makes of the parts of a corpus, in any order, the bytes of one run", () => {
    fc.assert(
      fc.property(corpora, fc.integer({ min: 1, max: 4 }), fc.boolean(), (records, count, backwards) => {
        const pieces = records.map((record) => piece(record.source, record.steps, record.variant));
        const skipped = [unreadable("a.mid"), unreadable("zz.mid")];
        const whole = buildDataset(contentOf(pieces, { skipped }));
        const parts = Array.from({ length: count }, (_, index) => {
          const built = buildDataset(
            contentOf(
              pieces.filter((_, i) => i % count === index),
              { skipped: skipped.filter((_, i) => i % count === index), part: { index: index + 1, count } },
            ),
          );
          const list = parseSkipped(textOf(built.files, "skipped.jsonl"));
          return { name: `part-${index}`, dataset: reopened(built), skipped: list };
        });
        expect(mergeDatasets(backwards ? parts.reverse() : parts).files).toEqual(whole.files);
      }),
    );
  });

  const part = (index: number, count: number, more: object = {}) => ({
    name: `part-${index}`,
    dataset: reopened(buildDataset(contentOf([piece("a.mid", index)], { part: { index, count }, ...more }))),
    skipped: [],
  });

  it.each<readonly [string, Parameters<typeof mergeDatasets>[0], RegExp]>([
    ["nothing", [], /missing datasets/],
    ["a part that isn't there", [part(1, 3), part(3, 3)], /missing part 2\/3/],
    ["a part that is there twice", [part(1, 2), part(1, 2)], /part 1\/2, as part-1 is/],
    ["parts of different wholes", [part(1, 2), part(2, 3)], /part 2\/3; expected a part of 2/],
    ["other shares", [part(1, 2), part(2, 2, { shares: [1, 1, 1] })], /part-2, shares/],
    [
      "another alignment",
      [part(1, 2), part(2, 2, { preparation: { align: "offset" } })],
      /part-2, preparation/,
    ],
  ])("refuses %s", (_, parts, message) => expect(() => mergeDatasets(parts)).toThrow(message));

  it("keeps a piece that is in two whole datasets once", () => {
    const first = reopened(buildDataset(contentOf([piece("a.mid", 2), piece("b.mid", 3)])));
    const second = reopened(buildDataset(contentOf([piece("c.mid", 3)])));
    const merged = mergeDatasets([
      { name: "first", dataset: first, skipped: [] },
      { name: "second", dataset: second, skipped: [] },
    ]);
    expect(merged.manifest.pieces.map((record) => record.source).sort()).toEqual(["a.mid", "b.mid"]);
    expect(merged.skipped.map(({ source, reason }) => [source, reason])).toEqual([
      ["c.mid", "the same music as b.mid"],
    ]);
  });

  it("refuses a list of skipped files that isn't one", () => {
    expect(() => parseSkipped("{")).toThrow(/skipped.jsonl, line 1/);
    expect(() => parseSkipped('{"source":"a","kind":"bored","reason":""}\n')).toThrow(
      /skipped.jsonl, line 1/,
    );
  });
});
