import { z } from "zod";
import { decodeModes } from "../../generate/choices.js";
import { defineCommand, Interrupted, usage } from "../command.js";
import { constraintsOf, drawingOptions, seedOption } from "../drawing.js";
import { backendOption, threadsOption, useThreads } from "../engine.js";
import { counted, type Progress } from "../terminal.js";

const options = z.object({
  checkpoint: z.string().min(1, "a folder").describe("checkpoint or run, trained with --task harmonize"),
  out: z.string().min(1, "a file").describe("MIDI file to write"),
  track: z
    .string()
    .optional()
    .describe(
      "the melody's track, by name or number (default: the only one, the one named melody, or the highest of four voices)",
    ),
  decode: z
    .enum(decodeModes)
    .default("cached")
    .describe("keep the decoder's past, or run its whole window again at each token"),
  align: z
    .enum(["auto", "none", "offset"])
    .optional()
    .describe("models of pairs: find the beats of a file that is off its own grid (default: auto)"),
  timeSignature: z
    .string()
    .optional()
    .describe("models of pairs: the file's meter, such as 4/4, where the file is wrong"),
  seed: seedOption,
  ...drawingOptions,
  chords: z
    .string()
    .optional()
    .describe('a chord a bar, over and over: "C Am F/A G7"; what sounds on a beat belongs to it'),
  key: z.string().optional().describe("only notes of a key: C-minor, F#, D-dorian; auto: the melody's"),
  pitchRange: z.string().optional().describe("lowest and highest pitch: C3-C6; of a voice: alto=G3-D5"),
  backend: backendOption,
  threads: threadsOption,
  force: z.boolean().default(false).describe("replace a file that is there"),
});

export const harmonizeCommand = defineCommand({
  name: "harmonize",
  summary: "write alto, tenor and bass to a melody, or the piano of a song",
  options,
  positionals: { name: "melody", description: "MIDI file with a melody, or with four voices", count: "one" },
  examples: [
    [
      "attacca harmonize melody.mid --checkpoint runs/harmonize --out chorale.mid",
      "three voices below the melody",
    ],
    [
      'attacca harmonize lead.mid --checkpoint runs/harmonize --chords "C Am F G7" --out chorale.mid',
      "in given chords, one a bar",
    ],
    [
      "attacca harmonize song.mid --track Voice --checkpoint runs/harmonize --temperature 0.8 --out chorale.mid",
      "the melody is one of several tracks",
    ],
    [
      "attacca harmonize song.mid --track MELODY --checkpoint runs/pairs --time-signature 4/4 --out piano.mid",
      "a piano to a song, by a model of pairs",
    ],
  ],
  async run({ options, positionals, terminal, signal }) {
    await useThreads(options.threads, options.backend);
    const constraints = await constraintsOf(options);
    const { parseMeter } = await import("../../dataset/index.js");
    const { harmonizeFile } = await import("../../node/harmonize.js");
    const { timeSignature } = options;
    if (timeSignature !== undefined) usage(() => parseMeter(timeSignature));
    let bar: Progress | undefined;
    let unit = "16ths";
    try {
      const result = await harmonizeFile({
        ...options,
        melody: positionals[0],
        constraints,
        signal,
        onStart({ folder, backend, tokenizer }) {
          if (tokenizer.voices === undefined) unit = "bars";
          terminal.note(`model: ${folder}; backend: ${backend.name} (${backend.why})`);
        },
        onProgress(done, steps) {
          bar ??= terminal.progress(steps, unit);
          bar.update(done);
        },
      });
      bar?.stop();
      if (result === undefined) throw new Interrupted("interrupted; nothing was written");
      const { file, drawn, windows, seconds, backend, checkpoint, warnings } = result;
      for (const warning of warnings) terminal.note(`note: ${warning}`);
      terminal.print(
        `${counted(drawn, "token")} to the melody in ${seconds.toFixed(1)} s on ${backend}; the encoder ran ${windows === 1 ? "once" : `${windows} times, once for each window`}`,
      );
      terminal.print(`written: ${file}`);
      return { file, tokens: drawn, windows, seconds, seed: options.seed, backend, checkpoint, warnings };
    } finally {
      bar?.stop();
    }
  },
});
