import { z } from "zod";
import { remaskKinds } from "../../generate/choices.js";
import { defineCommand, Interrupted, usage } from "../command.js";
import { constraintsOf, drawingOptions, seedOption } from "../drawing.js";
import { backendOption, threadsOption, useThreads } from "../engine.js";
import { counted, type Progress } from "../terminal.js";

const options = z.object({
  checkpoint: z.string().min(1, "a folder").describe("checkpoint or run, trained with --attention masked"),
  out: z.string().min(1, "a file").describe("MIDI file to write"),
  bars: z.string().optional().describe("bars to fill in, counted from 1: 5-8, or 5 (default: all)"),
  voices: z.string().optional().describe("voices to fill in: alto,tenor (default: all)"),
  passes: z
    .number()
    .int("a whole number")
    .min(1, "1 or more")
    .max(10_000, "10,000 at most")
    .default(8)
    .describe("how often what is least certain is predicted anew; 1 fills in all at once"),
  rewrite: z
    .number()
    .positive("above 0")
    .max(1, "1 or less")
    .default(1)
    .describe("share of the selected notes that is written anew, drawn by the seed; the others stay"),
  remask: z
    .enum(remaskKinds)
    .default("uncertain")
    .describe("what each pass predicts anew: the least certain, or any"),
  seed: seedOption,
  ...drawingOptions,
  key: z.string().optional().describe("only notes of a key: C-minor, F#, D-dorian; auto: the piece's"),
  pitchRange: z.string().optional().describe("lowest and highest pitch: C3-C6; of a voice: alto=G3-D5"),
  backend: backendOption,
  threads: threadsOption,
  force: z.boolean().default(false).describe("replace a file that is there"),
});

export const infillCommand = defineCommand({
  name: "infill",
  summary: "fill in or write anew bars and voices of a piece, given what surrounds them",
  options,
  positionals: { name: "piece", description: "MIDI file in four voices", count: "one" },
  examples: [
    [
      "attacca infill piece.mid --checkpoint runs/masked --bars 5-8 --out new.mid",
      "four bars anew, that fit both sides",
    ],
    [
      "attacca infill piece.mid --checkpoint runs/masked --voices alto,tenor --passes 16 --out new.mid",
      "other inner voices",
    ],
    [
      "attacca infill piece.mid --checkpoint runs/masked --rewrite 0.3 --seed 2 --out new.mid",
      "a variation: about a third of the notes anew",
    ],
  ],
  async run({ options, positionals, terminal, signal }) {
    await useThreads(options.threads, options.backend);
    const { parseBars } = await import("../../generate/index.js");
    const { bars, voices } = options;
    const selection = usage(() => ({
      bars: bars === undefined ? undefined : parseBars(bars),
      voices: voices?.split(","),
    }));
    const constraints = await constraintsOf(options);
    const { infillFile } = await import("../../node/infill.js");
    let bar: Progress | undefined;
    try {
      const result = await infillFile({
        ...options,
        piece: positionals[0],
        selection,
        constraints,
        signal,
        onStart({ folder, backend }) {
          terminal.note(`model: ${folder}; backend: ${backend.name} (${backend.why})`);
        },
        onPass({ pass, passes, window, windows }) {
          bar ??= terminal.progress(passes * windows, "passes");
          bar.update(window * passes + pass);
        },
      });
      bar?.stop();
      if (result === undefined) throw new Interrupted("interrupted; nothing was written");
      const { file, tokens, seconds, backend, checkpoint, warnings } = result;
      for (const warning of warnings) terminal.note(`note: ${warning}`);
      terminal.print(
        `${counted(tokens, "token")} filled in by ${options.passes === 1 ? "one pass" : `${options.passes} passes`} in ${seconds.toFixed(1)} s on ${backend}`,
      );
      terminal.print(`written: ${file}`);
      return {
        file,
        tokens,
        passes: options.passes,
        seconds,
        seed: options.seed,
        backend,
        checkpoint,
        warnings,
      };
    } finally {
      bar?.stop();
    }
  },
});
