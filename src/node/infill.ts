import { invalid } from "../errors.js";
import { type InfillOptions, type InfillStep, infillScore, planInfill } from "../generate/index.js";
import { writeScore } from "../midi/index.js";
import { maskIdOf } from "../model/index.js";
import { writeAtomic } from "./files.js";
import { breather, checkTargets, readPrompt } from "./generate.js";
import { type LoadedModel, loadModel } from "./model.js";

/** From a checkpoint and a piece's file to a new file. */
export interface InfillRun extends Omit<InfillOptions, "score" | "tokenizer" | "parameters" | "config"> {
  /** The MIDI file in which something is filled in. */
  readonly piece: string;
  /** A checkpoint's folder, or a training run's, of a model with masked attention. */
  readonly checkpoint: string;
  /** The file to write. */
  readonly out: string;
  readonly backend?: string;
  readonly force?: boolean;
  readonly onStart?: (model: LoadedModel) => void;
  readonly onPass?: (step: InfillStep) => void;
}

/** What was filled in, and what it took. */
export interface InfillResult {
  readonly file: string;
  /** The last pass, with the score that was written. */
  readonly step: InfillStep;
  /** How many ids were filled in. */
  readonly tokens: number;
  readonly seconds: number;
  readonly backend: string;
  readonly checkpoint: string;
  readonly warnings: readonly string[];
}

/**
 * Fills in a file and writes the result as another.
 *
 * @returns undefined where `signal` was aborted: nothing is written then
 * @throws AttaccaError before anything is computed where a file is in the way or an input is wrong
 */
export async function infillFile(run: InfillRun): Promise<InfillResult | undefined> {
  await checkTargets([run.out], run.force ?? false);
  const { score, warnings } = await readPrompt(run.piece);
  const model = await loadModel(run.checkpoint, run.backend);
  try {
    maskIdOf(model.config);
    const { positions } = planInfill(score, run.selection, model.tokenizer, run);
    run.onStart?.(model);
    const breathe = breather();
    const started = performance.now();
    let last: InfillStep | undefined;
    for await (const step of infillScore({ ...run, ...model, score })) {
      last = step;
      run.onPass?.(step);
      await breathe();
    }
    if (run.signal?.aborted) return undefined;
    if (last === undefined) throw invalid("selection", "nothing", "at least one id");
    await writeAtomic(run.out, writeScore(last.score));
    return {
      file: run.out,
      step: last,
      tokens: positions.length,
      seconds: (performance.now() - started) / 1000,
      backend: model.backend.name,
      checkpoint: model.folder,
      warnings,
    };
  } finally {
    model.dispose();
  }
}
