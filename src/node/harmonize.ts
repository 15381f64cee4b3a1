import { gridFit, isPoorFit, parseMeter } from "../dataset/index.js";
import { invalid, naming } from "../errors.js";
import {
  checkAccompaniesBars,
  checkHarmonizes,
  type Harmonization,
  type HarmonizeOptions,
  harmonizePair,
  harmonizeScore,
  hiddenNotes,
  melodyTrack,
  type PromptPreparation,
} from "../generate/index.js";
import { type Score, writeScore } from "../midi/index.js";
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
  /** For models of pairs: how the file's beats are found, as `PromptPreparation` has it. Default: auto. */
  readonly align?: PromptPreparation["align"];
  /** For models of pairs: the file's meter, such as "3/4", where the file is wrong about it. */
  readonly timeSignature?: string;
  /** Called after each step of the grid, or, with models of pairs, after each bar. */
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
    const isPair = model.tokenizer.voices === undefined;
    const check = isPair ? checkAccompaniesBars : checkHarmonizes;
    naming(model.folder, () => check(model.config, model.tokenizer));
    const track = naming(run.melody, () => melodyTrack(score, model.tokenizer, run.track));
    if (!isPair) {
      checkOnGrid(run);
      warnings.push(...voiceWarnings(run.melody, score, track));
    }
    run.onStart?.(model);
    const breathe = breather();
    const started = performance.now();
    const onStep = async (done: number, steps: number): Promise<void> => {
      run.onProgress?.(done, steps);
      await breathe();
    };
    const given = { ...run, ...model, score, track };
    const result: Harmonization & { readonly warnings?: readonly string[] } = isPair
      ? await harmonizePair({ ...given, preparation: preparationOf(run), onBar: onStep })
      : await harmonizeScore({ ...given, onStep });
    warnings.push(...(result.warnings ?? []).map((warning) => `${run.melody}: ${warning}`));
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

/** @throws AttaccaError `invalid` where beats are to be found for a model that writes on the file's own grid */
function checkOnGrid({ align, timeSignature }: HarmonizeRun): void {
  const name = timeSignature === undefined ? "align" : "time-signature";
  const given = timeSignature ?? align;
  if (given === undefined) return;
  throw invalid(`option --${name}`, `${given} with a model of voices on a grid`, "a model of pairs");
}

function preparationOf({ align = "auto", timeSignature }: HarmonizeRun): PromptPreparation {
  return { align, timeSignature: timeSignature === undefined ? undefined : parseMeter(timeSignature) };
}

/** What people should know of a melody on the grid. */
function voiceWarnings(file: string, score: Score, track: number): string[] {
  const warnings: string[] = [];
  const hidden = hiddenNotes(score.tracks[track]);
  if (hidden > 0) warnings.push(`${file}: ${hidden} notes begin together with a higher one, which is taken`);
  const fit = gridFit({ ...score, tracks: [score.tracks[track]] });
  if (isPoorFit(fit)) {
    const off = `${fit.meanDistance.toFixed(2)} of a 16th off its own grid on average`;
    warnings.push(`${file}: the melody's notes are ${off}: the voices below it keep to the grid`);
  }
  return warnings;
}
