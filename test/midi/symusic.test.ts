import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { summarize } from "../../scripts/score-summary.js";
import { readScore } from "../../src/midi/index.js";

interface Golden {
  readonly cases: readonly { readonly file: string; readonly score: unknown }[];
}

// Made by scripts/compare-symusic.py from files that it writes byte by byte.
const golden: Golden = JSON.parse(readFileSync("test/golden/midi/symusic.json", "utf8"));

describe("a score read from a file", () => {
  it.each(golden.cases.map(({ file, score }, index) => [index, file, score] as const))(
    "is what symusic reads from generated file %i",
    (_index, file, score) => {
      const bytes = new Uint8Array(Buffer.from(file, "base64"));
      expect(summarize(readScore(bytes).score)).toEqual(score);
    },
  );
});
