import { z } from "zod";
import type { GenerateRun } from "../node/generate.js";
import { usage } from "./command.js";

/** The options of every command that draws tokens. */
export const drawingOptions = {
  greedy: z.boolean().default(false).describe("always the most probable token"),
  temperature: z.number().positive("above 0").default(1).describe("below 1 plays safer, above 1 wilder"),
  topP: z
    .number()
    .positive("above 0")
    .max(1, "1 or less")
    .optional()
    .describe("draw from the likeliest tokens that add up to p"),
};

/** `--seed` of a command that draws one piece. */
export const seedOption = z
  .number()
  .int("a whole number")
  .min(0, "0 or more")
  .default(0)
  .describe("decides what is drawn");

type Constraints = NonNullable<GenerateRun["constraints"]>;

/** What new notes keep to, as it is written on a command line. */
interface WrittenConstraints {
  readonly key?: string;
  readonly scale?: Constraints["scale"];
  readonly pitchRange?: string;
  readonly chords?: string;
  readonly density?: string;
}

/** The options that say what new notes keep to, read; undefined where none is given. */
export async function constraintsOf(given: WrittenConstraints): Promise<Constraints | undefined> {
  const { key, scale, pitchRange, chords, density } = given;
  if ([key, pitchRange, chords, density].every((one) => one === undefined)) return undefined;
  const { parseChords, parseDensity, parseKey, parsePitchRanges } = await import("../generate/index.js");
  return usage(() => ({
    key: key === undefined || key === "auto" ? key : parseKey(key),
    scale,
    pitchRange: pitchRange === undefined ? undefined : parsePitchRanges(pitchRange),
    chords: chords === undefined ? undefined : parseChords(chords),
    density: density === undefined ? undefined : parseDensity(density),
  }));
}
