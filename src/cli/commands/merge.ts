import { z } from "zod";
import { defineCommand, Interrupted } from "../command.js";

const options = z.object({
  out: z.string().min(1, "a folder").describe("dataset folder to write"),
  force: z.boolean().default(false).describe("replace a dataset that is there"),
});

export const mergeCommand = defineCommand({
  name: "merge",
  summary: "make one dataset of the parts that several machines tokenized",
  positionals: { name: "folders", description: "dataset folders", count: "many" },
  options,
  examples: [["attacca merge part-1 part-2 --out data/all", "the same bytes as one run of tokenize"]],
  async run({ options, positionals, terminal, signal }) {
    const { checkDatasetTarget, readDatasetFolder, writeDataset } = await import("../../node/dataset.js");
    const { mergeDatasets, parseSkipped } = await import("../../dataset/index.js");
    await checkDatasetTarget(options.out, options.force);
    const parts = [];
    for (const name of positionals) {
      if (signal.aborted) throw new Interrupted("interrupted; nothing was written");
      const { dataset, skipped } = await readDatasetFolder(name);
      parts.push({ name, dataset, skipped: parseSkipped(skipped) });
    }
    const merged = mergeDatasets(parts);
    try {
      await writeDataset(options.out, merged.files, { force: options.force, signal });
    } catch (error) {
      if (signal.aborted) throw new Interrupted("interrupted; nothing was written");
      throw error;
    }
    const { splits } = merged.manifest;
    const pieces = splits.train.pieces + splits.val.pieces + splits.test.pieces;
    const tokens = splits.train.tokens + splits.val.tokens + splits.test.tokens;
    const skipped = merged.skipped.length;
    terminal.print(
      `${pieces.toLocaleString("en")} pieces, ${tokens.toLocaleString("en")} tokens, ${skipped} files left out → ${options.out}`,
    );
    return { out: options.out, datasets: positionals.length, pieces, tokens, skipped, splits };
  },
});
