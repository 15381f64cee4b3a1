import { z } from "zod";
import { backendNames } from "../backend/choices.js";
import { weightForms } from "../model/choices.js";

/** What `--backend` takes. */
export const backendChoices = ["auto", ...backendNames] as const;

/** The option of every command that computes with a model. */
export const backendOption = z.enum(backendChoices).default("auto").describe("engine that computes");

/** In what form a command that only generates or scores keeps the weights. */
export const weightsOption = z
  .enum(weightForms)
  .default("f32")
  .describe(
    "weights as 32-bit floats; rounded to 16 bits: for GPUs; or to 8: faster, and a little less likely music",
  );

/** Its companion: how many threads compute. */
export const threadsOption = z
  .number()
  .int()
  .min(1, "1 or more")
  .max(64, "64 at most")
  .optional()
  .describe("threads of the simd engine (default: one for each core, 16 at most)");

/** Starts the engine with so many threads, before anything else starts it. The numbers that it gives don't depend on it. */
export async function useThreads(threads: number | undefined, backend = "auto"): Promise<void> {
  if (threads === undefined) return;
  const { chooseBackend } = await import("../node/backend.js");
  await chooseBackend(backend, { threads });
}
