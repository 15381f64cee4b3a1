import { invalid } from "../../errors.js";
import { type ContinuationOptions, continueScore } from "../../generate/index.js";
import { notesEnd, type Score, tempoMap } from "../../midi/index.js";
import { generationMemory } from "../../model/index.js";
import type { Continued, ContinueEvent, ContinueRequest } from "../protocol.js";
import { inVoices, isInVoices } from "../voices.js";
import type { JobContext } from "../worker.js";
import { compareModes } from "./compare-modes.js";
import { checkMemory } from "./memory.js";
import { breather, type Studio, type StudioModel } from "./studio.js";

/** The most bars at a time; a take can be gone on from without end. */
export const MOST_BARS = 512;

/** Goes on from a prompt with the studio's model, and tells the piece so far whenever there are new notes. */
export function continueJob(
  request: ContinueRequest,
  { studio, signal, tell }: JobContext<ContinueEvent>,
): Promise<Continued> {
  return studio.withEngine(() => continueWith(studio, studio.model(), request, { signal, tell }));
}

/** What people are told of a prompt that isn't in voices. */
const ARRANGED = "this model knows four voices and nothing else, so the prompt was arranged for them";

/** How often the piece so far is told at most, in milliseconds. */
const TELL_EVERY = 60;

async function continueWith(
  studio: Studio,
  model: StudioModel,
  request: ContinueRequest,
  { signal, tell }: Pick<JobContext<ContinueEvent>, "signal" | "tell">,
): Promise<Continued> {
  const { bars, decode } = request;
  if (!Number.isInteger(bars) || bars < 1 || bars > MOST_BARS) {
    throw invalid("bars", String(bars), `a whole number from 1 to ${MOST_BARS}`);
  }
  const { config, parameters, tokenizer } = model;
  checkMemory(generationMemory(config, 1).total, "this checkpoint");
  const modes = compareModes(model, decode);
  const breathe = breather();
  let seam = 0;
  let told = Number.NEGATIVE_INFINITY;
  let notes = 0;
  let musicSeconds = 0;
  let resumed = performance.now();
  const arranges =
    tokenizer.name === "chorale" && request.prompt !== undefined && !isInVoices(request.prompt);
  const options: ContinuationOptions = {
    config,
    parameters,
    tokenizer,
    ...settingsOf(request),
    prompt: arranges && request.prompt ? inVoices(request.prompt) : request.prompt,
    provenance: { version: studio.version, checkpoint: `sha256:${model.hash}` },
    signal,
    onSeam: (tick) => {
      seam = tick;
    },
    async onStep({ step, share, sequence, score, stream }) {
      modes.took((performance.now() - resumed) / 1000);
      if (tokenizer.isNote(step.drawn[0].id)) notes++;
      await modes.compare(step, sequence(), stream);
      if (performance.now() - told >= TELL_EVERY) {
        const piece = notes > 0 ? score() : undefined;
        if (piece !== undefined) musicSeconds = secondsBehind(piece, seam);
        tell({ share, seam, costs: modes.costs(musicSeconds), ...(piece && { score: piece }) });
        notes = 0;
        told = performance.now();
      }
      await breathe();
      resumed = performance.now();
    },
  };
  try {
    const { samples, seam, warnings: found } = await continueScore(options);
    const [{ score, stopped }] = samples;
    const warnings = arranges ? [ARRANGED, ...found] : found;
    return { score, seam, stopped, warnings, costs: modes.costs(secondsBehind(score, seam)) };
  } finally {
    modes.dispose();
  }
}

function settingsOf({
  bars,
  temperature,
  topP,
  seed,
  decode,
}: ContinueRequest): Partial<ContinuationOptions> {
  return { bars, temperature, topP, seed, decode };
}

/** Seconds that a score plays behind a tick. */
function secondsBehind(score: Score, tick: number): number {
  const map = tempoMap(score);
  return Math.max(0, map.secondsAt(notesEnd(score)) - map.secondsAt(tick));
}
