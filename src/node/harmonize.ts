import { gridFit, isPoorFit } from "../dataset/index.js";
import { naming } from "../errors.js";
import {
  checkHarmonizes,
  type Harmonization,
  type HarmonizeOptions,
  harmonizeScore,
  hiddenNotes,
  melodyTrack,
} from "../generate/index.js";
import { writeScore } from "../midi/index.js";
import { writeAtomic } from "./files.js";
import { breather, checkTargets, readPrompt } from "./generate.js";
import { type LoadedModel, loadModel } from "./model.js";

/** From a checkpoint and a melody's file to a new file. */
export interface HarmonizeRun
  extends Omit<HarmonizeOptions, "score" | "track" | "tokenizer" | "parameters" | "config" | "onStep"> {
  /** The MIDI file whose melody is harmonized. */
  readonly melody: string;
  /** The melody's track by name or number; see `melodyTrack`. */
  readonly track?: string;
  /** A checkpoint's folder, or a training run's, of a model that harmonizes. */
  readonly checkpoint: string;
  /** The file to write. */
  readonly out: string;
  readonly backend?: string;
  readonly force?: boolean;
  readonly onStart?: (model: LoadedModel) => void;
  /** Called after each step of the grid. */
  readonly onProgress?: (done: number, steps: number) => void;
}

/** What was written, and what it took. */
export interface HarmonizeResult extends Harmonization {
  readonly file: string;
  readonly seconds: number;
  readonly backend: string;
  readonly checkpoint: string;
  readonly warnings: readonly string[];
}

/**
 * Harmonizes a file's melody and writes the result as another file.
 *
 * @returns undefined where `signal` was aborted: nothing is written then
 * @throws AttaccaError before anything is computed where a file is in the way or an input is wrong
 */
export async function harmonizeFile(run: HarmonizeRun): Promise<HarmonizeResult | undefined> {
  await checkTargets([run.out], run.force ?? false);
  const { score, warnings } = await readPrompt(run.melody);
  const model = await loadModel(run.checkpoint, run.backend);
  try {
    naming(model.folder, () => checkHarmonizes(model.config, model.tokenizer));
    const track = naming(run.melody, () => melodyTrack(score, model.tokenizer, run.track));
    const hidden = hiddenNotes(score.tracks[track]);
    if (hidden > 0) {
      warnings.push(`${run.melody}: ${hidden} notes begin together with a higher one, which is taken`);
    }
    const fit = gridFit({ ...score, tracks: [score.tracks[track]] });
    if (isPoorFit(fit)) {
      const off = `${fit.meanDistance.toFixed(2)} of a 16th off its own grid on average`;
      warnings.push(`${run.melody}: the melody's notes are ${off}: the voices below it keep to the grid`);
    }
    run.onStart?.(model);
    const breathe = breather();
    const started = performance.now();
    const result = await harmonizeScore({
      ...run,
      ...model,
      score,
      track,
      async onStep(done, steps) {
        run.onProgress?.(done, steps);
        await breathe();
      },
    });
    if (run.signal?.aborted) return undefined;
    await writeAtomic(run.out, writeScore(result.score));
    return {
      ...result,
      file: run.out,
      seconds: (performance.now() - started) / 1000,
      backend: model.backend.name,
      checkpoint: model.folder,
      warnings,
    };
  } finally {
    model.dispose();
  }
}
