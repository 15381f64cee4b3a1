import { z } from "zod";
import { invalid } from "../../errors.js";
import { decodeModes, scaleNames } from "../../generate/choices.js";
import type { GenerateResult } from "../../node/generate.js";
import { defineCommand, Interrupted, type JsonObject, usage } from "../command.js";
import { constraintsOf, drawingOptions } from "../drawing.js";
import { backendOption, threadsOption, useThreads, weightsOption } from "../engine.js";
import { counted, type Progress, type Terminal } from "../terminal.js";

const whole = (least: number) => z.number().int("a whole number").min(least, `${least} or more`);
const above0 = z.number().positive("above 0");

const options = z
  .object({
    checkpoint: z.string().min(1, "a folder").describe("checkpoint folder, or the folder of a training run"),
    out: z
      .string()
      .min(1, "a file")
      .describe("MIDI file to write; with --count also NAME-1.mid, NAME-2.mid, …"),
    prompt: z.string().min(1, "a file").optional().describe("MIDI file to go on from"),
    promptBars: whole(1).optional().describe("take only the prompt's first bars"),
    bars: whole(1).max(10_000, "10,000 at most").optional().describe("bars to generate (default: 8)"),
    tokens: whole(1)
      .max(10_000_000, "10,000,000 at most")
      .optional()
      .describe("tokens to generate, instead of bars"),
    allowEnd: z.boolean().default(false).describe("let the model end the piece before that"),
    count: whole(1).max(1024, "1,024 at most").default(1).describe("samples, each a file of its own"),
    seed: whole(0).default(0).describe("decides what is drawn; sample k is the same for any --count"),
    greedy: drawingOptions.greedy,
    temperature: drawingOptions.temperature,
    topK: whole(1).optional().describe("draw from the k most probable tokens only"),
    topP: drawingOptions.topP,
    minP: z
      .number()
      .min(0, "0 or more")
      .max(1, "1 or less")
      .optional()
      .describe("drop tokens less than p times as likely as the likeliest"),
    typicalP: above0
      .max(1, "1 or less")
      .optional()
      .describe("draw from the tokens that are as surprising as the model expects, adding up to p"),
    repetitionPenalty: above0.optional().describe("above 1 makes tokens in the context less likely"),
    banRepeats: whole(2).optional().describe("never the same N tokens twice in the context: ends loops"),
    beams: whole(1)
      .max(256, "256 at most")
      .optional()
      .describe("search for the most probable pieces, N at a time, instead of drawing them"),
    beamGroups: whole(1).optional().describe("groups of beams that are held apart from each other"),
    diversity: z
      .number()
      .min(0, "0 or more")
      .optional()
      .describe("how far apart, in nats a token (default: 1)"),
    lengthPenalty: z
      .number()
      .optional()
      .describe("compare by log probability / length^A (default: 1); 0 favours few notes"),
    key: z.string().optional().describe("only notes of a key: C-minor, F#, D-dorian; auto: the prompt's"),
    scale: z.enum(scaleNames).optional().describe("another scale on the key's tonic"),
    pitchRange: z
      .string()
      .optional()
      .describe("lowest and highest pitch: C3-C6; of a voice or program: soprano=C4-A5,bass=E2-C4"),
    chords: z
      .string()
      .optional()
      .describe('a chord a bar, over and over, for notes on a beat: "C Am F/A G7"'),
    density: z.string().optional().describe("notes that begin in a bar: 4-12, 4- or -12"),
    keep: z
      .string()
      .min(1, "a file")
      .optional()
      .describe("MIDI file with a melody that stays, and is accompanied"),
    keepTracks: z
      .string()
      .optional()
      .describe("names or numbers of its tracks, such as Soprano or 1,3 (default: all)"),
    decode: z
      .enum(decodeModes)
      .optional()
      .describe(
        "feed the newest token only (default), or the whole window again at each step (default for full attention): the same music",
      ),
    speculate: whole(1)
      .max(64, "64 at most")
      .optional()
      .describe("guess up to N tokens ahead from what repeats, check them at once: the same music; try 2"),
    weights: weightsOption,
    verify: z
      .boolean()
      .default(false)
      .describe("prove that both ways of decoding agree on what was generated"),
    tempo: z
      .number()
      .min(4, "4 or more")
      .max(1000, "1,000 or less")
      .optional()
      .describe("quarters a minute without a prompt (default: 120)"),
    align: z
      .enum(["auto", "none", "offset"])
      .default("auto")
      .describe("find the beats of a prompt that is off its own grid"),
    timeSignature: z.string().optional().describe("the prompt's meter, such as 3/4, where its file is wrong"),
    backend: backendOption,
    threads: threadsOption,
    force: z.boolean().default(false).describe("replace files that are there"),
  })
  .refine(({ bars, tokens }) => bars === undefined || tokens === undefined, {
    path: ["bars"],
    error: "only one of --bars and --tokens",
  })
  .refine(({ prompt, tempo }) => prompt === undefined || tempo === undefined, {
    path: ["tempo"],
    error: "no --tempo with --prompt: its own is kept",
  })
  .refine(({ prompt, promptBars }) => prompt !== undefined || promptBars === undefined, {
    path: ["promptBars"],
    error: "a --prompt with it",
  })
  .refine(({ prompt, timeSignature }) => prompt !== undefined || timeSignature === undefined, {
    path: ["timeSignature"],
    error: "a --prompt with it",
  })
  .refine(({ keep, tempo }) => keep === undefined || tempo === undefined, {
    path: ["tempo"],
    error: "no --tempo with --keep: its own is kept",
  })
  .refine(({ keep, keepTracks }) => keep !== undefined || keepTracks === undefined, {
    path: ["keepTracks"],
    error: "a --keep with it",
  })
  .refine(({ key, scale }) => key !== undefined || scale === undefined, {
    path: ["scale"],
    error: "a --key with it",
  })
  .refine(({ decode, speculate }) => decode !== "recompute" || speculate === undefined, {
    path: ["speculate"],
    error: "--decode cached with it",
  })
  .refine(({ beams, speculate }) => beams === undefined || speculate === undefined, {
    path: ["speculate"],
    error: "no --beams with it",
  })
  .refine(({ beams, greedy }) => beams === undefined || !greedy, {
    path: ["greedy"],
    error: "no --beams with it: one beam is greedy",
  })
  .refine(({ beams, count }) => beams === undefined || count <= beams, {
    path: ["count"],
    error: "as many as --beams at most",
  })
  .refine(({ beams = 1, beamGroups = 1 }) => beams % beamGroups === 0, {
    path: ["beamGroups"],
    error: "a number that divides --beams",
  })
  .refine(
    ({ beams, beamGroups, lengthPenalty }) =>
      beams !== undefined || (beamGroups === undefined && lengthPenalty === undefined),
    { path: ["beams"], error: "with --beam-groups and --length-penalty" },
  )
  .refine(({ beamGroups, diversity }) => diversity === undefined || (beamGroups ?? 1) > 1, {
    path: ["diversity"],
    error: "--beam-groups with it",
  });

export const generateCommand = defineCommand({
  name: "generate",
  summary: "go on where a MIDI file stops, or begin a new piece",
  options,
  groups: [
    ["Files:", ["checkpoint", "prompt", "out", "force"]],
    ["How far:", ["promptBars", "bars", "tokens", "allowEnd", "count", "tempo", "align", "timeSignature"]],
    [
      "Drawing tokens:",
      [
        "seed",
        "greedy",
        "temperature",
        "topK",
        "topP",
        "minP",
        "typicalP",
        "repetitionPenalty",
        "banRepeats",
      ],
    ],
    ["Searching instead:", ["beams", "beamGroups", "diversity", "lengthPenalty"]],
    ["What new notes keep to:", ["key", "scale", "pitchRange", "chords", "density", "keep", "keepTracks"]],
    ["The engine:", ["decode", "speculate", "verify", "weights", "backend", "threads"]],
  ],
  examples: [
    [
      "attacca generate --checkpoint runs/chorales --prompt song.mid --out more.mid --bars 16",
      "sixteen more bars",
    ],
    [
      "attacca generate --checkpoint c --prompt song.mid --prompt-bars 4 --out a.mid --count 5 --seed 7",
      "five ways to go on from bar 4",
    ],
    ["attacca generate --checkpoint c --out new.mid --bars 32 --top-p 0.95", "a piece from nothing"],
    ["attacca generate --checkpoint c --keep tune.mid --out hymn.mid", "alto, tenor and bass for a tune"],
  ],
  async run({ options, terminal, signal }) {
    await useThreads(options.threads, options.backend);
    const { parseMeter } = await import("../../dataset/index.js");
    const { timeSignature } = options;
    if (timeSignature !== undefined) usage(() => parseMeter(timeSignature));
    const constraints = await constraintsOf(options);
    const { generateFiles } = await import("../../node/generate.js");
    const phases = createPhases(terminal);
    let result: GenerateResult;
    try {
      result = await generateFiles({
        ...options,
        constraints,
        keepTracks: options.keepTracks?.split(","),
        signal,
        onStart({ folder, backend }) {
          terminal.note(`model: ${folder}; backend: ${backend.name} (${backend.why})`);
        },
        onProgress: phases.update,
      });
    } finally {
      phases.stop();
    }
    for (const warning of result.warnings) terminal.note(`note: ${warning}`);
    if (result.interrupted) {
      const saved =
        result.files.length === 0
          ? "nothing was generated yet"
          : `what was there is in ${result.files.join(", ")}`;
      throw new Interrupted(`interrupted; ${saved}`);
    }
    await printResult(result, terminal);
    checkVerification(result);
    return jsonOf(result, options);
  },
});

/** One bar on stderr for each phase of the work. */
function createPhases(terminal: Terminal) {
  const names = { generate: "% generated", verify: "% verified" };
  let bar: Progress | undefined;
  let current: string | undefined;
  return {
    update(phase: keyof typeof names, share: number, text: string) {
      if (phase !== current) {
        bar?.stop();
        bar = terminal.progress(100, names[phase]);
        current = phase;
      }
      bar?.update(Math.floor(share * 100), text);
    },
    stop: () => bar?.stop(),
  };
}

async function printResult(result: GenerateResult, terminal: Terminal): Promise<void> {
  if (terminal.json) return;
  const { rollOf, howToHear } = await import("../roll.js");
  const { continuation, files } = result;
  for (const line of rollOf(continuation.samples[0].score, terminal, continuation.seam)) terminal.print(line);
  terminal.print(
    `${counted(result.tokens, "token")} at ${Math.round(result.tokensPerSecond).toLocaleString("en-GB")} tokens/s on ${result.backend}`,
  );
  const { speculation } = continuation;
  if (speculation) {
    const { accepted, drafted } = speculation;
    const share = Math.round((100 * accepted) / Math.max(1, drafted));
    terminal.print(
      `guessed ahead: ${counted(accepted, "token")} of ${drafted.toLocaleString("en-GB")} were right (${share} %)`,
    );
  }
  if (result.verification) {
    const { positions, maxDifference, slides } = result.verification;
    terminal.print(
      `cached = recompute: logits at ${counted(positions, "position")}${slides > 0 ? `, through ${counted(slides, "cut")} of the window,` : ""} differ by ${maxDifference.toExponential(1)} at most`,
    );
  }
  for (const { logProbability } of continuation.samples) {
    if (logProbability === undefined) continue;
    terminal.print(`log probability: ${logProbability.toFixed(2)} nats`);
  }
  for (const file of files) terminal.print(`written: ${file}`);
  terminal.print(howToHear(files[0]));
}

function checkVerification({ verification }: GenerateResult): void {
  if (verification === undefined || verification.agrees) return;
  const { maxDifference, tolerance, worst } = verification;
  throw invalid(
    "decoding",
    `cached and recomputed logits differ by ${maxDifference} at position ${worst.position} of sample ${worst.sample + 1}`,
    `${tolerance} at most`,
    "Please report this",
  );
}

function jsonOf(result: GenerateResult, { seed, weights }: z.output<typeof options>): JsonObject {
  const { continuation, verification, decode } = result;
  return {
    ids: continuation.samples.map(({ ids }) => ids),
    tokensPerSecond: Number(result.tokensPerSecond.toFixed(1)),
    files: result.files,
    tokens: result.tokens,
    seconds: Number(result.seconds.toFixed(3)),
    stopped: continuation.samples.map(({ stopped }) => stopped),
    ...(continuation.samples[0]?.logProbability === undefined
      ? {}
      : { logProbabilities: continuation.samples.map(({ logProbability }) => logProbability) }),
    promptTokens: continuation.streams.reduce((sum, { promptLength }) => sum + promptLength, 0),
    decode,
    ...continuation.speculation,
    seed,
    weights,
    backend: result.backend,
    checkpoint: result.checkpoint,
    checkpointHash: result.checkpointHash,
    warnings: result.warnings,
    ...(verification === undefined ? {} : { verify: verification }),
  };
}
