import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  estimateKey,
  parseChords,
  parseDensity,
  parseKey,
  parsePitchRanges,
  pitchClassesOf,
} from "../../../src/generate/index.js";
import { readScore } from "../../../src/midi/index.js";
import { note, score, track } from "../scores.js";

describe("keys", () => {
  it.each([
    ["C", { tonic: 0, scale: "major" }],
    ["c-minor", { tonic: 0, scale: "minor" }],
    ["F#m", { tonic: 6, scale: "minor" }],
    ["Bb-Major", { tonic: 10, scale: "major" }],
    ["Cb", { tonic: 11, scale: "major" }],
    ["d dorian", { tonic: 2, scale: "dorian" }],
    ["E_harmonic-minor", { tonic: 4, scale: "harmonic-minor" }],
  ])("%s is read", (text, key) => {
    expect(parseKey(text)).toEqual(key);
  });

  it.each([
    ["H-minor", /invalid key: H-minor; expected a tonic and a scale/],
    ["", /invalid key/],
    ["C-funky", /unknown scale: "funky"; expected one of major, minor, natural-minor/],
    ["C-constructor", /unknown scale/],
  ])("%j is refused", (text, message) => {
    expect(() => parseKey(text)).toThrow(message);
  });

  it("have the pitch classes of their scales", () => {
    expect([...pitchClassesOf(parseKey("A-natural-minor"))].sort((a, b) => a - b)).toEqual([
      0, 2, 4, 5, 7, 9, 11,
    ]);
    expect([...pitchClassesOf(parseKey("Eb"))].sort((a, b) => a - b)).toEqual([0, 2, 3, 5, 7, 8, 10]);
    expect(pitchClassesOf(parseKey("A-minor"))).toEqual(new Set([9, 11, 0, 2, 4, 5, 6, 7, 8]));
  });

  it("are found in tunes whose files say what they are in", () => {
    const folder = new URL("../../../data/tunes/", import.meta.url);
    const circle = [0, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10, 5];
    const wrong: string[] = [];
    const files = readdirSync(folder).filter((name) => name.endsWith(".mid"));
    for (const file of files) {
      const { score: tune } = readScore(readFileSync(new URL(file, folder)));
      const [{ sharps, minor }] = tune.keySignatures;
      const major = circle[(sharps + 12) % 12];
      const tonic = minor ? (major + 9) % 12 : major;
      const found = estimateKey(tune);
      if (found?.tonic !== tonic || (found.scale === "minor") !== minor) wrong.push(file);
    }
    expect(files.length).toBeGreaterThan(40);
    expect(wrong.length / files.length, wrong.join(", ")).toBeLessThan(0.1);
  });

  it("aren't found in silence or in drums", () => {
    expect(estimateKey(score([]))).toBeUndefined();
    expect(estimateKey(score([track([note(0, 1, 60)], { isDrum: true })]))).toBeUndefined();
  });
});

describe("chords", () => {
  it("are read as lead sheets write them", () => {
    const chords = parseChords("C Am, | F#m7b5 | Bb/D G7sus4".replace("G7sus4", "Gsus4 N.C. Ddim7"));
    expect(chords).toEqual([
      new Set([0, 4, 7]),
      new Set([9, 0, 4]),
      new Set([6, 9, 0, 4]),
      new Set([10, 2, 5]),
      new Set([7, 0, 2]),
      undefined,
      new Set([2, 5, 8, 11]),
    ]);
    expect(parseChords("F/G")).toEqual([new Set([5, 9, 0, 7])]);
  });

  it.each([
    [" ", /one chord a bar/],
    ["H7", /invalid chords: H7/],
    ["am", /invalid chords: am/],
    ["Cwhat", /unknown chord on C: "what"/],
    ["C/x", /a note behind the slash/],
    ["C/E/G", /invalid chords/],
  ])("%j is refused", (text, message) => {
    expect(() => parseChords(text)).toThrow(message);
  });
});

describe("ranges of pitches", () => {
  it.each([
    ["C3-C6", [{ low: 48, high: 84 }]],
    ["48-84", [{ low: 48, high: 84 }]],
    ["C-1-G9", [{ low: 0, high: 127 }]],
    ["Cb4-B#4", [{ low: 59, high: 72 }]],
    [
      "Soprano=C4-A5, bass=E2-C4",
      [
        { of: "soprano", low: 60, high: 81 },
        { of: "bass", low: 40, high: 60 },
      ],
    ],
    ["73=C5-C7", [{ of: "73", low: 72, high: 96 }]],
  ])("%s is read", (text, ranges) => {
    expect(parsePitchRanges(text)).toEqual(ranges);
  });

  it.each(["", "C4", "C5-C4", "C4-H5", "=C4-C5", "a=b=C4-C5", "C4-C12", "0-128"])("%j is refused", (text) => {
    expect(() => parsePitchRanges(text)).toThrow(/invalid pitch range: .*expected low and high pitch/);
  });
});

describe("density", () => {
  it.each([
    ["4-12", { min: 4, max: 12 }],
    ["4-", { min: 4, max: Number.POSITIVE_INFINITY }],
    ["-12", { min: 0, max: 12 }],
    ["8", { min: 8, max: 8 }],
  ])("%s is read", (text, density) => {
    expect(parseDensity(text)).toEqual(density);
  });

  it.each(["", "-", "many", "8-4", "1.5"])("%j is refused", (text) => {
    expect(() => parseDensity(text)).toThrow(/invalid density: .*expected notes a bar/);
  });
});
