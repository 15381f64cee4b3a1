import { describe, expect, it } from "vitest";
import { encodeFile, readChorales } from "../../src/dataset/index.js";
import { writeScore } from "../../src/midi/index.js";
import { tokenizer } from "./corpus.js";

const { begin, end } = tokenizer.special;
const chord = [72, 67, 60, 48];

describe("readChorales", () => {
  it("keeps the file's own splits and order", () => {
    const json = JSON.parse(
      '{"test":[[[72,67,60,48.0]]],"train":[[[72,67,60,48],[]],[[71,67,60,48]]],"valid":[]}',
    );
    const { pieces, skipped } = readChorales(json, "jsb.json", tokenizer);
    expect(pieces.map(({ source, split }) => [source, split])).toEqual([
      ["jsb.json#train/000", "train"],
      ["jsb.json#train/001", "train"],
      ["jsb.json#test/000", "test"],
    ]);
    // 72 is 46 in a range from 30; a step without pitches is four rests.
    expect([...pieces[0].streams[0]]).toEqual([begin, 46, 41, 34, 22, 3, 3, 3, 3, end]);
    expect(skipped).toEqual([]);
  });

  it("leaves out pieces whose voices can't be told, and says why", () => {
    const json = { train: [[[72, 67]], [], [chord], [[200, 67, 60, 48]], [["x"]], 7], valid: [] };
    const { pieces, skipped } = readChorales(json, "a.json", tokenizer);
    expect(pieces.map((piece) => piece.source)).toEqual(["a.json#train/002"]);
    expect(skipped.map(({ source, kind }) => [source, kind])).toEqual([
      ["a.json#train/000", "unfit"],
      ["a.json#train/001", "empty"],
      ["a.json#train/003", "unfit"],
      ["a.json#train/004", "unfit"],
      ["a.json#train/005", "unfit"],
    ]);
    expect(skipped[0].reason).toMatch(/step 0: 2 pitches; expected four/);
    expect(skipped[2].reason).toMatch(/chorale pitch: 200/);
  });

  it.each([[null], [[]], [{}], [{ pieces: [] }], [{ train: 3 }]])("refuses %j", (json) => {
    expect(() => readChorales(json, "a.json", tokenizer)).toThrow(/a\.json/);
  });
});

describe("encodeFile", () => {
  it("frames what the tokenizer writes", () => {
    const ids = tokenizer.encodeSteps([chord, [74, 67, 59, 43]]);
    const outcome = encodeFile(writeScore(tokenizer.decode([ids])), "a.mid", tokenizer);
    expect(outcome).toEqual({
      piece: { source: "a.mid", streams: [Uint16Array.of(begin, ...ids, end)] },
      warnings: 0,
    });
  });

  it.each<readonly [string, Uint8Array, string]>([
    ["no MIDI file", new TextEncoder().encode("hello"), "unreadable"],
    ["an empty file", new Uint8Array(), "unreadable"],
    ["a file without notes", writeScore(tokenizer.decode([])), "empty"],
    ["music that the tokenizer can't write", writeScore(tooHigh()), "unfit"],
    ["a note past all bounds", writeScore(tooLong()), "unfit"],
  ])("skips %s", (_, bytes, kind) => {
    const outcome = encodeFile(bytes, "a.mid", tokenizer);
    expect(outcome).toMatchObject({ skipped: { source: "a.mid", kind } });
  });

  it("skips a file, and doesn't throw, whatever goes wrong", () => {
    const bytes = writeScore(tokenizer.decode([tokenizer.encodeSteps([chord])]));
    const outcome = encodeFile(bytes, "a.mid", tokenizer, () => {
      throw new RangeError("Invalid array length");
    });
    expect(outcome).toMatchObject({ skipped: { reason: expect.stringContaining("Invalid array length") } });
  });
});

function tooHigh() {
  const score = tokenizer.decode([tokenizer.encodeSteps([chord])]);
  const [soprano, ...others] = score.tracks;
  const notes = soprano.notes.map((note) => ({ ...note, pitch: 120 }));
  return { ...score, tracks: [{ ...soprano, notes }, ...others] };
}

function tooLong() {
  const score = tokenizer.decode([tokenizer.encodeSteps([chord])]);
  const [soprano, ...others] = score.tracks;
  const notes = soprano.notes.map((note) => ({ ...note, start: 200_000_000 }));
  return { ...score, tracks: [{ ...soprano, notes }, ...others] };
}
