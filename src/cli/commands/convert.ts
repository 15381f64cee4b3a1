import { z } from "zod";
import { defineCommand } from "../command.js";

const options = z.object({
  checkpoint: z.string().min(1, "a folder").describe("checkpoint folder, or the folder of a training run"),
  out: z.string().min(1, "a folder").describe("checkpoint folder to write"),
  dtype: z
    .enum(["f16", "f32"])
    .default("f16")
    .describe("how weights are stored: f16 takes half the bytes, f32 is exact"),
  force: z.boolean().default(false).describe("replace a checkpoint that is there"),
});

export const convertCommand = defineCommand({
  name: "convert",
  summary: "write a checkpoint anew, to be shipped: half the size, without the optimizer's state",
  options,
  examples: [
    ["attacca convert --checkpoint runs/chorales --out my-model", "the run's best checkpoint, in float16"],
    ["attacca convert --checkpoint my-model --out wide --dtype f32", "the same numbers in float32"],
  ],
  async run({ options, terminal }) {
    const { convertCheckpoint } = await import("../../node/convert.js");
    const result = await convertCheckpoint(options);
    const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString("en-GB")} kB`;
    terminal.print(
      `${result.checkpoint} (${kilobytes(result.bytesBefore)}) → ${result.out} (${kilobytes(result.bytes)}, ${result.dtype})`,
    );
    if (result.largestChange > 0) {
      terminal.print(`rounding moved weights by ${result.largestChange.toExponential(1)} at most`);
    }
    return { ...result };
  },
});
