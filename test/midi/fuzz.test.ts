import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exercise } from "../../scripts/exercise-midi.js";
import { mutate } from "../../scripts/mutate-midi.js";
import { AttaccaError } from "../../src/errors.js";
import * as midi from "../../src/midi/index.js";
import { randomStream } from "../../src/random.js";

const { cases }: { cases: readonly { readonly file: string }[] } = JSON.parse(
  readFileSync("test/golden/midi/symusic.json", "utf8"),
);
const files = cases.map(({ file }) => new Uint8Array(Buffer.from(file, "base64")));

describe("mutated files", () => {
  it("are read, or refused with an AttaccaError, and what is read can be written and read again", () => {
    let readable = 0;
    for (let index = 0; index < 4000; index++) {
      const random = randomStream(7, "fuzz test", index);
      const file = mutate(files[random.below(files.length)], files, random);
      if (exercise(file, { ...midi, AttaccaError })) readable++;
    }
    // Both ways are taken: else the mutations would be too weak or too strong to say anything.
    expect(readable).toBeGreaterThan(2000);
    expect(readable).toBeLessThan(3990);
  });

  it("never make more events than they have bytes, nor more text", () => {
    for (let index = 0; index < 1000; index++) {
      const random = randomStream(8, "fuzz test", index);
      const file = mutate(files[random.below(files.length)], files, random);
      // 14 bytes is the shortest header; below that nothing is read.
      if (file.length < 14 || !String.fromCharCode(...file).includes("MThd")) continue;
      let read: midi.MidiFile;
      try {
        read = midi.readMidi(file);
      } catch (error) {
        expect(error).toBeInstanceOf(AttaccaError);
        continue;
      }
      const events = read.tracks.flatMap((track) => track.events);
      const data = [...events, ...(read.otherChunks ?? [])].reduce(
        (sum, each) => sum + ("data" in each ? each.data.length : 0),
        0,
      );
      // The shortest event is a delta time and a program by running status.
      expect(events.length * 2 + data).toBeLessThanOrEqual(file.length);
    }
  });
});
