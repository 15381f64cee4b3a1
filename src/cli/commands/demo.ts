import { join, relative } from "node:path";
import { z } from "zod";
import { invalid } from "../../errors.js";

import type { DemoResult, DemoRun } from "../../node/demo.js";
import { packagePath } from "../../node/package-path.js";
import type { RunEnd } from "../../node/train.js";
import { defineCommand, Interrupted, type JsonObject } from "../command.js";
import { backendOption, threadsOption, useThreads } from "../engine.js";
import { counted, type Progress, type Terminal } from "../terminal.js";

const whole = (least: number) => z.number().int("a whole number").min(least, `${least} or more`);

const options = z.object({
  train: z
    .boolean()
    .default(false)
    .describe("first train a fresh small model on the bundled tunes (1 to 2 minutes)"),
  steps: whole(1).default(300).describe("training steps, with --train"),
  bars: whole(1).default(6).describe("bars to generate"),
  seed: whole(0).default(0).describe("decides what is drawn"),
  out: z.string().min(1, "a folder").default("out").describe("folder to write into"),
  checkpoint: z.string().optional().describe("another checkpoint than the bundled one"),
  prompt: z.string().optional().describe("another MIDI file to go on from"),
  backend: backendOption,
  threads: threadsOption,
});

type DemoOptions = z.output<typeof options>;

export const demoCommand = defineCommand({
  name: "demo",
  summary: "continue a bundled prompt in both ways of decoding, and compare them",
  options,
  examples: [
    ["attacca demo", "the bundled models go on where a chorale's and a song's openings stop"],
    ["attacca demo --train", "trains a small model on the bundled tunes first"],
  ],
  async run({ options, terminal, signal }) {
    await useThreads(options.threads, options.backend);
    const { runDemo } = await import("../../node/demo.js");
    const { howToHear } = await import("../roll.js");
    const training = options.train ? await train(options, terminal, signal) : undefined;
    const results: DemoResult[] = [];
    for (const piece of piecesOf(options, training)) {
      terminal.print(
        `${results.length > 0 ? "\n" : ""}going on from ${shown(piece.prompt)} with ${shown(piece.checkpoint)}`,
      );
      const bars = progressOf(terminal);
      try {
        const result = await runDemo({
          ...options,
          ...piece,
          out: join(options.out, piece.file),
          temperature: 0.9,
          topP: 0.95,
          signal,
          onProgress: bars.update,
        });
        if (result === undefined) throw new Interrupted("interrupted; the piece in hand was not written");
        results.push(result);
      } finally {
        bars.stop();
      }
      await printResult(results[results.length - 1], terminal);
    }
    for (const result of results) check(result);
    terminal.print(howToHear(results[0].out));
    return jsonOf(results, training);
  },
});

interface DemoPiece {
  readonly checkpoint: string;
  readonly prompt: string;
  /** Name of the file to write. */
  readonly file: string;
}

/** Both bundled models, each with a prompt that it knows what to do with; or the one that the options name. */
function piecesOf({ checkpoint, prompt }: DemoOptions, training: RunEnd | undefined): DemoPiece[] {
  const bundled = (model: string, opening: string, file: string): DemoPiece => ({
    checkpoint: checkpoint ?? training?.checkpoint ?? packagePath("checkpoints", model),
    prompt: prompt ?? packagePath("data", "prompts", opening),
    file,
  });
  if (training !== undefined) return [bundled("chorales", "ode-to-joy.mid", "demo-tune.mid")];
  const chorale = bundled("chorales", "chorale.mid", "demo-chorale.mid");
  if (checkpoint !== undefined || prompt !== undefined) return [chorale];
  return [chorale, bundled("pop", "song.mid", "demo-song.mid")];
}

/** A bar for each way of decoding, one after the other. */
function progressOf(terminal: Terminal): { update: NonNullable<DemoRun["onProgress"]>; stop(): void } {
  let bar: Progress | undefined;
  let mode = "";
  return {
    update(decode, share, text) {
      if (decode !== mode) {
        bar?.stop();
        bar = terminal.progress(100, `% ${decode}`);
        mode = decode;
      }
      bar?.update(Math.floor(share * 100), text);
    },
    stop: () => bar?.stop(),
  };
}

/** Paths as short as they can be said. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || short === "" ? path : short;
}

async function train(options: DemoOptions, terminal: Terminal, signal: AbortSignal): Promise<RunEnd> {
  const { trainDemoModel } = await import("../../node/demo.js");
  terminal.print("training a small model on the bundled tunes; its loss, in nats a token:");
  const every = Math.max(1, Math.ceil(options.steps / 12));
  let end: RunEnd | undefined;
  let highest = 0;
  let sum = 0;
  let count = 0;
  try {
    for await (const event of trainDemoModel({
      folder: options.out,
      steps: options.steps,
      backend: options.backend,
      signal,
    })) {
      if (event.type === "end") end = event;
      if (event.type !== "step") continue;
      sum += event.loss;
      count++;
      if (event.step !== 1 && event.step % every !== 0 && event.step !== options.steps) continue;
      const loss = sum / count;
      highest = Math.max(highest, loss);
      const room = Math.max(10, Math.min(48, terminal.width - 24));
      const bar = "█".repeat(Math.round((loss / highest) * room));
      terminal.print(`step ${String(event.step).padStart(5)}  ${loss.toFixed(3)}  ${bar}`);
      [sum, count] = [0, 0];
    }
  } catch (error) {
    if (signal.aborted) throw new Interrupted("interrupted while the model was trained");
    throw error;
  }
  if (end === undefined || end.reason === "interrupted") {
    throw new Interrupted("interrupted while the model was trained");
  }
  if (end.reason === "diverged") throw invalid("training", `diverged: ${end.found}`, "a loss that falls");
  const { bestValidationLoss } = end.progress;
  terminal.print(
    `trained at ${Math.round(end.tokensPerSecond).toLocaleString("en-GB")} tokens/s; on tunes it hasn't seen: ${bestValidationLoss?.toFixed(3) ?? "?"} nats a token`,
  );
  return end;
}

async function printResult(result: DemoResult, terminal: Terminal): Promise<void> {
  if (terminal.json) return;
  const { rollOf } = await import("../roll.js");
  const { continuation, cached, recompute, sameIds, maxDifference, slides } = result;
  for (const line of rollOf(continuation.samples[0].score, terminal, continuation.seam)) terminal.print(line);
  terminal.print();
  const row = (name: string, timing: DemoResult["cached"]): void => {
    const { tokens, seconds, tokensPerSecond, processorSeconds } = timing;
    terminal.print(
      `${name.padEnd(10)}${tokens} tokens in ${seconds.toFixed(2)} s, ${Math.round(tokensPerSecond)} tokens/s, ` +
        `${processorSeconds.toFixed(2)} s of processor time`,
    );
  };
  row("cached", cached);
  row("recompute", recompute);
  terminal.print(`backend   ${result.backend}`);
  const cuts = slides > 0 ? `, through ${counted(slides, "cut")} of the window` : "";
  terminal.print(
    sameIds
      ? `the same ${cached.tokens} ids both ways${cuts}; logits differ by ${maxDifference?.toExponential(1)} at most`
      : "cached and recomputed ids are NOT the same",
  );
  terminal.print(`written: ${result.out}`);
}

function check({ agrees, sameIds, maxDifference }: DemoResult): void {
  if (agrees) return;
  const found = sameIds ? `logits that differ by ${maxDifference}` : "other ids";
  throw invalid("cached decoding", `${found} than recomputing`, "the same", "Please report this");
}

function jsonOf(results: readonly DemoResult[], training: RunEnd | undefined): JsonObject {
  return {
    files: results.map(({ out }) => out),
    pieces: results.map(
      ({ out, backend, continuation, cached, recompute, sameIds, maxDifference, slides }) => ({
        file: out,
        ids: continuation.samples[0].ids,
        cached,
        recompute,
        sameIds,
        maxDifference,
        slides,
        backend,
      }),
    ),
    ...(training === undefined
      ? {}
      : {
          training: {
            steps: training.progress.step,
            trainLoss: training.progress.smoothedLoss,
            valLoss: training.progress.bestValidationLoss,
            tokensPerSecond: Number(training.tokensPerSecond.toFixed(1)),
            checkpoint: training.checkpoint,
          },
        }),
  };
}
