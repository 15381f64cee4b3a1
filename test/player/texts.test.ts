import { describe, expect, it } from "vitest";
import { noteLines } from "../../src/player/note-text.js";
import { pieceOf } from "../../src/player/piece.js";
import { momentText, spokenPlace } from "../../src/player/piece-text.js";
import { markedPromptEnd, parsePromptEnd } from "../../src/player/prompt-end.js";
import { type PressedKey, shortcutFor, shortcutGroups } from "../../src/player/shortcuts.js";
import { titleOf } from "../../src/player/source.js";
import { clockText, spokenTime } from "../../src/player/time-text.js";
import { scoreOf } from "../view/scores.js";

const piece = pieceOf(
  scoreOf(
    [
      {
        name: "Lead",
        at: [
          [0, 480, 61],
          [4320, 720, 64],
        ],
      },
      { isDrum: true, at: [[480, 120, 38]] },
    ],
    {
      tempos: [
        { tick: 0, microsecondsPerQuarter: 1_000_000 },
        { tick: 1920, microsecondsPerQuarter: 500_000 },
      ],
      timeSignatures: [{ tick: 1920, numerator: 3, denominator: 4 }],
      keySignatures: [{ tick: 0, sharps: 1, minor: true }],
    },
  ),
);

describe("times", () => {
  it.each([
    [0, "0:00", "0 seconds"],
    [7.9, "0:07", "7 seconds"],
    [61, "1:01", "1 minute 1 second"],
    [120, "2:00", "2 minutes"],
    [3723, "1:02:03", "62 minutes 3 seconds"],
    [-1, "0:00", "0 seconds"],
  ])("%d seconds are %s", (seconds, clock, spoken) => {
    expect(clockText(seconds)).toBe(clock);
    expect(spokenTime(seconds)).toBe(spoken);
  });
});

describe("a moment of a piece", () => {
  it("is said with its tempo at the rate, meter, key and place", () => {
    expect(momentText(piece, 0, 1)).toEqual({ tempo: "60", meter: "4/4", key: "E minor", place: "1.1" });
    expect(momentText(piece, 1919, 1)).toMatchObject({ tempo: "60", place: "1.4" });
    expect(momentText(piece, 1920, 0.5)).toMatchObject({ tempo: "60", meter: "3/4", place: "2.1" });
  });

  it("is read out with the time", () => {
    expect(spokenPlace(piece, 2400, 4.5)).toBe("bar 2, beat 2, 4 seconds of 7 seconds");
  });
});

describe("a note", () => {
  it("is said with name, place, length and player", () => {
    expect(noteLines(piece, piece.notes.reference(piece.notes.indexOf(0, 1)))).toEqual([
      "E4 (64), velocity 80",
      "bar 3, beat 3, 1.5 quarters",
      "Lead, Acoustic Grand Piano",
    ]);
    expect(noteLines(piece, piece.notes.reference(piece.notes.indexOf(1, 0)))).toEqual([
      "Snare (38), velocity 80",
      "bar 1, beat 2, 0.25 quarters",
      "Drums",
    ]);
  });
});

describe("where the prompt ends", () => {
  it.each([
    ["bar:2", 1920],
    [" bar: 3 ", 3360],
    ["4", 1920],
    ["4.5", 2400],
    ["0", 0],
  ])("%s is tick %d", (text, tick) => {
    expect(parsePromptEnd(text, piece)).toBeCloseTo(tick, 9);
  });

  it.each(["", "bar:0", "bar:x", "-1", "1e9", "Infinity", "3 s", `1${"0".repeat(400)}`])(
    "isn't %s",
    (text) => {
      expect(() => parsePromptEnd(text, piece)).toThrow(/invalid prompt-end: .*expected seconds, or bar:N/);
    },
  );

  it("is where the newest of the generator's markers stands", () => {
    expect(markedPromptEnd(piece.score)).toBeUndefined();
    const marker = (tick: number, text = "attacca") => ({ tick, kind: "marker" as const, text });
    expect(markedPromptEnd({ texts: [marker(960), marker(1920), marker(4000, "B")] })).toBe(1920);
  });
});

describe("a title", () => {
  it.each([
    ["pieces/ode_to%20joy.mid?x=1#y", "ode to joy"],
    ["C:\\music\\Song.MIDI", "Song"],
    ["100%.mid", "100%"],
    ["", ""],
  ])("of %s is %s", (address, title) => {
    expect(titleOf(address)).toBe(title);
  });
});

describe("keys", () => {
  const press = (key: string, more: Partial<PressedKey> = {}) =>
    shortcutFor({ key, code: "", shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more });

  it("do what the help says", () => {
    for (const { shortcuts } of shortcutGroups) {
      for (const { name, keys, shift } of shortcuts) {
        if (name === "mute" || name === "solo") continue;
        for (const key of keys) {
          const shiftKey = shift ?? /^[A-Z?+_]$/.test(key);
          expect(press(key, { shiftKey }), `${key}`).toEqual({ name });
        }
      }
    }
  });

  it("have one meaning each", () => {
    const all = shortcutGroups.flatMap(({ shortcuts }) =>
      shortcuts.flatMap(({ keys, shift, name }) =>
        keys.map((key) => `${key} ${shift ?? ""} ${name === "solo" ? "shift" : ""}`),
      ),
    );
    expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([]);
  });

  it("mute a track by its number, and solo it with shift on any keyboard", () => {
    expect(press("3", { code: "Digit3" })).toEqual({ name: "mute", track: 2 });
    expect(press("3", { code: "Numpad3" })).toEqual({ name: "mute", track: 2 });
    expect(press("#", { code: "Digit3", shiftKey: true })).toEqual({ name: "solo", track: 2 });
    expect(press("§", { code: "Digit3", shiftKey: true })).toEqual({ name: "solo", track: 2 });
    // French keyboards write digits with shift; German ones write a slash on the 7.
    expect(press("3", { code: "Digit3", shiftKey: true })).toEqual({ name: "mute", track: 2 });
    expect(press("/", { code: "Digit7", shiftKey: true })).toEqual({ name: "normalTempo" });
  });

  it("leave those of the browser and of screen readers alone", () => {
    for (const modifier of ["ctrlKey", "altKey", "metaKey"] as const)
      expect(press("f", { [modifier]: true })).toBeUndefined();
    expect(press("Tab")).toBeUndefined();
    expect(press("x")).toBeUndefined();
  });
});
