import { describe, expect, it } from "vitest";
import { AttaccaError, invalid, missing, naming, unknown, unsupported, within } from "../src/errors.js";

describe("errors", () => {
  it.each([
    [
      invalid("tempo", "0 µs a quarter at byte 1,204", "1 to 16,777,215"),
      "invalid tempo: 0 µs a quarter at byte 1,204; expected 1 to 16,777,215",
    ],
    [
      missing("a.mid", "a file there", "Check the path"),
      "missing a.mid: expected a file there. Check the path",
    ],
    [unknown("backend", "gpu", ["cpu", "wasm"]), 'unknown backend: "gpu"; expected one of cpu, wasm'],
    [
      unsupported("tokenizer option", "chords", "no chords"),
      "unsupported tokenizer option: chords; expected no chords",
    ],
  ])("says subject, found, expected and hint in one line", (error, message) => {
    expect(error.message).toBe(message);
    expect(error).toBeInstanceOf(AttaccaError);
  });

  it("keeps the kind when it is said of a larger subject", () => {
    const inner = invalid("division", "0", "1 or more");
    const outer = within("song.mid", inner);
    expect(outer.message).toBe("invalid song.mid: division: 0; expected 1 or more");
    expect([outer.kind, outer.cause]).toEqual(["invalid", inner]);
  });

  it("names the larger subject of what fails, and lets defects through as they are", () => {
    const fail = (error: Error) => () => {
      throw error;
    };
    expect(naming("song.mid", () => 7)).toBe(7);
    expect(() => naming("song.mid", fail(missing("header")))).toThrow("missing song.mid: header");
    const defect = new TypeError("x is undefined");
    expect(() => naming("song.mid", fail(defect))).toThrow(defect);
  });
});
