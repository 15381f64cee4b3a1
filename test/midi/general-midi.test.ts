import { describe, expect, it } from "vitest";
import { instrumentName } from "../../src/midi/index.js";

describe("General MIDI", () => {
  // The first program of each family, and the last of all, as the General MIDI 1 specification lists them.
  it.each([
    [0, "Acoustic Grand Piano"],
    [8, "Celesta"],
    [16, "Drawbar Organ"],
    [24, "Acoustic Guitar (nylon)"],
    [32, "Acoustic Bass"],
    [40, "Violin"],
    [48, "String Ensemble 1"],
    [56, "Trumpet"],
    [64, "Soprano Sax"],
    [72, "Piccolo"],
    [80, "Lead 1 (square)"],
    [88, "Pad 1 (new age)"],
    [96, "FX 1 (rain)"],
    [104, "Sitar"],
    [112, "Tinkle Bell"],
    [120, "Guitar Fret Noise"],
    [127, "Gunshot"],
    [128, "Program 128"],
  ])("names program %i %s", (program, name) => {
    expect(instrumentName({ program, isDrum: false })).toBe(name);
  });

  it("names a drum kit whatever its program", () => {
    expect(instrumentName({ program: 40, isDrum: true })).toBe("Drums");
  });
});
