import { z } from "zod";
import { invalid } from "../../errors.js";
import { attentionKinds, positionChoices } from "../../model/choices.js";
import type { RunEnd, RunEvent, RunStart } from "../../node/train.js";
import {
  lossPositions,
  newRunOptions,
  runTasks,
  TRAIN_DEFAULTS,
  type TrainRunOptions,
} from "../../run/choices.js";
import { defineCommand, Interrupted, type JsonObject, usage } from "../command.js";
import { backendChoices, threadsOption, useThreads } from "../engine.js";
import { counted, duration, type Progress, shellWord, type Terminal } from "../terminal.js";

const whole = (least: number) => z.number().int("a whole number").min(least, `${least} or more`);
const rate = (below1: boolean) =>
  z
    .number()
    .min(0, "0 or more")
    .refine((value) => (below1 ? value < 1 : value <= 1), below1 ? "below 1" : "1 or less");

/**
 * An option with its default in the help, and undefined where it isn't given: a resumed run goes on with what it was
 * started with.
 */
function setting<Schema extends z.ZodType>(
  schema: Schema,
  field: keyof TrainRunOptions,
  description: string,
) {
  return schema.optional().meta({ default: TRAIN_DEFAULTS[field], description });
}

const options = z.object({
  data: z.string().min(1, "a folder").describe("dataset folder, from attacca tokenize"),
  out: z.string().min(1, "a folder").describe("folder of the run: checkpoints, metrics, options, plot"),
  resume: z.boolean().default(false).describe("go on with the run in --out, with its options"),
  force: z.boolean().default(false).describe("replace the run in --out"),
  layers: setting(whole(1).max(1024, "1,024 at most"), "layers", "blocks of the decoder"),
  heads: setting(whole(1), "heads", "attention heads of a block"),
  width: setting(whole(1), "width", "width of the residual stream; a multiple of --heads"),
  context: setting(whole(1), "context", "context length in tokens"),
  positions: setting(
    z.enum(positionChoices),
    "positions",
    "how positions are told: by a learned embedding that begins as waves (sinusoidal) or as noise (random); or by one that begins as waves, and queries and keys that are turned by their position (rotary), which learns faster",
  ),
  task: setting(
    z.enum(runTasks),
    "task",
    "to go on with a piece, or to write the other voices to its melody (for attacca harmonize)",
  ),
  encoderLayers: setting(whole(1), "encoderLayers", "with --task harmonize: blocks that read the melody"),
  attention: setting(
    z.enum(attentionKinds),
    "attention",
    "what a prefix's positions see: what came before; all (full: a pass for every prefix); all of finished bars (bar); what came before, with keys that are renewed (lookahead); all that isn't masked (masked: for attacca infill)",
  ),
  lossPositions: z
    .enum(lossPositions)
    .optional()
    .describe(
      "learn from all positions of a window (default for causal and lookahead attention), or one of each sampled prefix",
    ),
  prefixes: setting(whole(1), "prefixes", "with --loss-positions one: sampled prefixes of each window"),
  // Empty in the options.json of a run that begins with random weights.
  init: z
    .string()
    .optional()
    .describe(
      "begin with the weights of this checkpoint; its attention may be another, but for lookahead; with --task harmonize it needs no encoder",
    ),
  dropout: setting(rate(true), "dropout", "share of activations dropped"),
  attentionDropout: setting(rate(true), "attentionDropout", "share of attention weights dropped; slow"),
  batchSize: setting(whole(1), "batchSize", "windows in a batch"),
  accumulation: setting(whole(1), "accumulation", "batches whose mean gradient makes one step"),
  transpose: setting(whole(0).max(24, "24 at most"), "transpose", "move windows up to so many semitones"),
  seed: setting(whole(0), "seed", "decides weights, order, transposition and dropout"),
  steps: setting(whole(1), "steps", "updates of the weights"),
  learningRate: setting(z.number().positive("above 0"), "learningRate", "highest learning rate"),
  warmupSteps: setting(whole(0), "warmupSteps", "steps of linear warm-up, at most a tenth unless given"),
  finalRatio: setting(rate(false), "finalRatio", "last learning rate as a share of the highest"),
  weightDecay: setting(z.number().min(0, "0 or more"), "weightDecay", "decoupled decay of matrices"),
  beta1: setting(rate(true), "beta1", "AdamW's decay of the first moment"),
  beta2: setting(rate(true), "beta2", "AdamW's decay of the second moment"),
  clip: setting(z.number().min(0, "0 or more"), "clip", "limit of the gradient's norm; 0 for none"),
  evalEvery: setting(whole(1), "evalEvery", "steps between evaluations"),
  evalBatches: setting(whole(0), "evalBatches", "validation batches scored each time; 0 for all"),
  evalTargets: setting(
    whole(0),
    "evalTargets",
    "with full attention, or by bars: validation targets scored each time; 0 for all",
  ),
  saveEvery: setting(whole(1), "saveEvery", "steps between saves of the last checkpoint"),
  patience: setting(whole(0), "patience", "evaluations without a new best before stopping; 0 = never"),
  backend: setting(z.enum(backendChoices), "backend", "engine that computes"),
  label: setting(z.string(), "label", "name of the run, for its plot and checkpoints"),
  threads: threadsOption,
  logEvery: whole(1).default(50).describe("steps between lines on stderr where it is no terminal"),
});

export const trainCommand = defineCommand({
  name: "train",
  summary: "train a model on a dataset folder",
  options,
  examples: [
    ["attacca train --data data/chorales --out runs/chorales", "a small model; best and last checkpoints"],
    ["attacca train --data data/chorales --out runs/chorales --resume", "go on after Ctrl-C or a crash"],
    [
      "attacca train --data d --out r --config runs/chorales/options.json --seed 1",
      "the same with another seed",
    ],
    [
      "attacca train --data d --out r --attention full --prefixes 2",
      "attention in both directions, learned from two prefixes of each window",
    ],
  ],
  async run({ options, terminal, signal }) {
    const { trainRun } = await import("../../node/train.js");
    const { data, out, resume, force, logEvery, threads, ...given } = options;
    // A resumed run's width and heads are those that it was started with.
    if (!resume) usage(() => newRunOptions(given));
    await useThreads(threads, given.backend);
    const reporter = createReporter(terminal, { logEvery, resume });
    let end: RunEnd | undefined;
    try {
      const run = { data, out, resume, force, signal, options: given };
      for await (const event of trainRun(run)) {
        reporter.tell(event);
        if (event.type === "end") end = event;
      }
    } finally {
      reporter.stop();
    }
    return finish(end!, options, terminal);
  },
});

interface ReporterOptions {
  readonly logEvery: number;
  readonly resume: boolean;
}

interface Reporter {
  tell(event: RunEvent): void;
  stop(): void;
}

function createReporter(terminal: Terminal, { logEvery, resume }: ReporterOptions): Reporter {
  let bar: Progress | undefined;
  let steps = 0;
  let validation = "";
  const live = process.stderr.isTTY === true;
  const started = performance.now();
  let startedAt = 0;
  return {
    stop: () => bar?.stop(),
    tell(event) {
      if (event.type === "start") {
        describeStart(event, resume, terminal);
        steps = event.options.steps;
        startedAt = event.progress.step;
        bar = terminal.progress(steps, "steps");
        bar.update(startedAt);
      } else if (event.type === "evaluation") {
        validation = `, val ${event.validationLoss.toFixed(4)}`;
        if (!live) {
          const note = event.best ? " (best so far)" : "";
          terminal.note(`step ${event.step}: validation loss ${event.validationLoss.toFixed(4)}${note}`);
        }
      } else if (event.type === "step") {
        const speed = `${Math.round(event.tokensPerSecond).toLocaleString("en-GB")} tokens/s`;
        bar?.update(event.step, `· loss ${event.loss.toFixed(4)}${validation} · ${speed}`);
        if (live || (event.step % logEvery !== 0 && event.step !== steps)) return;
        const each = (performance.now() - started) / (event.step - startedAt);
        const left = duration(((steps - event.step) * each) / 1000);
        terminal.note(`step ${event.step}/${steps}: loss ${event.loss.toFixed(4)}, ${speed}, ${left} left`);
      }
    },
  };
}

function describeStart(start: RunStart, resume: boolean, terminal: Terminal): void {
  const number = (value: number): string => value.toLocaleString("en-GB");
  const { options, config } = start;
  terminal.note(
    `model: ${number(start.parameters)} parameters (${counted(config.n_layer, "layer")}, ${counted(config.n_head, "head")}, width ${config.n_embd}, context ${config.n_positions}${modelNote(config)})`,
  );
  terminal.note(
    `data: ${number(start.trainTokens)} training tokens, ${start.updatesPerEpoch.toFixed(1)} steps an epoch; backend: ${start.backend} (${start.backendWhy})`,
  );
  const { step } = start.progress;
  if (step > 0) terminal.note(`going on after step ${step} of ${Math.max(step, options.steps)}`);
  else if (resume) terminal.note("nothing had been saved yet: the run begins anew");
}

function modelNote({ attention, encoder_layers: encoder }: RunStart["config"]): string {
  if (encoder > 0) return `, an encoder of ${counted(encoder, "layer")}`;
  return attention === "causal" ? "" : `, ${attention} attention`;
}

function finish(
  end: RunEnd,
  { data, out }: { readonly data: string; readonly out: string },
  terminal: Terminal,
): JsonObject {
  const { progress, reason } = end;
  const best =
    progress.bestValidationLoss === null
      ? ""
      : `; best validation loss ${progress.bestValidationLoss.toFixed(4)} at step ${progress.bestStep}`;
  if (reason === "interrupted") {
    const again = `attacca train --data ${shellWord(data)} --out ${shellWord(out)} --resume`;
    throw new Interrupted(`interrupted; saved after step ${progress.step}. Go on with: ${again}`);
  }
  if (reason === "diverged") {
    throw invalid(
      "training",
      `diverged: ${end.found}`,
      "a finite loss that falls",
      `The last good checkpoint is ${end.checkpoint}${best}. Try a lower --learning-rate`,
    );
  }
  const early = reason === "early-stopping" ? " (no better for --patience evaluations)" : "";
  terminal.print(
    `${counted(progress.step, "step")}${early}: training loss ${progress.smoothedLoss?.toFixed(4)}${best}`,
  );
  terminal.print(`checkpoint: ${end.checkpoint}`);
  terminal.print(`plot: ${end.plot}`);
  return {
    steps: progress.step,
    stop: reason,
    tokensPerSecond: Number(end.tokensPerSecond.toFixed(1)),
    trainLoss: progress.smoothedLoss,
    valLoss: progress.bestValidationLoss,
    lastValLoss: progress.validationLoss,
    bestStep: progress.bestStep,
    checkpoint: end.checkpoint,
    plot: end.plot,
  };
}
