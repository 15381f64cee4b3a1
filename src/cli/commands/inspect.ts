import { z } from "zod";
import { defineCommand } from "../command.js";

const options = z.object({
  roll: z.boolean().default(true).describe("draw a MIDI file's piano roll (--no-roll: don't)"),
});

export const inspectCommand = defineCommand({
  name: "inspect",
  summary: "show what is in a MIDI file, a dataset or a checkpoint",
  positionals: { name: "file", description: "MIDI file, dataset, checkpoint or training run", count: "one" },
  options,
  examples: [
    ["attacca inspect song.mid", "tracks, tempo, meter, how well it fits its grid, piano roll"],
    ["attacca inspect data/chorales", "a dataset: pieces and tokens of each split, what was left out"],
    ["attacca inspect runs/chorales", "a checkpoint: measures, training, tokenizer"],
  ],
  async run({ options, positionals, terminal }) {
    const { inspect } = await import("../../node/inspect.js");
    const inspection = await inspect(positionals[0]);
    if (!terminal.json) {
      const { inspectionLines } = await import("../inspect-text.js");
      for (const line of inspectionLines(inspection, terminal.width)) terminal.print(line);
      if (inspection.kind === "midi" && options.roll) {
        const { rollOf } = await import("../roll.js");
        terminal.print();
        for (const line of rollOf(inspection.score, terminal)) terminal.print(line);
      }
    }
    if (inspection.kind !== "midi") return { ...inspection };
    const { score: _, ...plain } = inspection;
    return plain;
  },
});
