import { readFileSync } from "node:fs";
import { mutate } from "../../scripts/mutate-midi.js";
import { randomStream } from "../../src/random.js";

/** MIDI files with faults, as the reader's own fuzz test makes them and with another seed. */
export function mutatedFiles(count: number): Uint8Array[] {
  const { cases } = JSON.parse(readFileSync("test/golden/midi/symusic.json", "utf8")) as {
    readonly cases: readonly { readonly file: string }[];
  };
  const whole = cases.map(({ file }) => new Uint8Array(Buffer.from(file, "base64")));
  return Array.from({ length: count }, (_, index) => {
    const random = randomStream(9, "fuzzed pages", index);
    return mutate(whole[random.below(whole.length)], whole, random);
  });
}
