import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { randomStream } from "../../src/random.js";
import { runCli } from "./run-cli.js";

/** A temporary folder with a dataset in it. */
export interface TinyDataset {
  readonly folder: string;
  readonly data: string;
  remove(): Promise<void>;
}

/** Makes a dataset of chord sequences in four voices, by `attacca tokenize`: 8 pieces to learn from, 2 each to check. */
export async function makeTinyDataset(): Promise<TinyDataset> {
  const folder = await mkdtemp(join(tmpdir(), "attacca-train-"));
  const corpus = { train: piecesOf(8, 0), valid: piecesOf(2, 100), test: piecesOf(2, 200) };
  const file = join(folder, "corpus.json");
  await writeFile(file, JSON.stringify(corpus));
  const data = join(folder, "data");
  const made = await runCli(["tokenize", file, "--tokenizer", "chorale", "--out", data]);
  expect(made.code, made.stderr).toBe(0);
  return { folder, data, remove: () => rm(folder, { recursive: true }) };
}

/** Each piece holds chords of a random walk, four 16ths each. */
function piecesOf(count: number, first: number): number[][][] {
  return Array.from({ length: count }, (_, i) => {
    const stream = randomStream(5, "tiny chorale", first + i);
    let root = 48;
    return Array.from({ length: 12 }, () => {
      root = Math.min(54, Math.max(43, root + stream.below(5) - 2));
      const chord = [root + 24, root + 16, root + 7, root];
      return [chord, chord, chord, chord];
    }).flat();
  });
}

/** Flags of a run that takes a second or two: 60 steps, saved every 7th, evaluated every 20th. */
export const TINY_RUN = [
  ..."--layers 1 --heads 2 --width 16 --context 32 --batch-size 4 --transpose 3 --dropout 0.1".split(" "),
  ..."--steps 60 --learning-rate 1e-2 --save-every 7 --eval-every 20 --log-every 1 --seed 11".split(" "),
];

/** The bytes of the files in which a run's result is. */
export async function resultOf(run: string): Promise<Record<string, string>> {
  const names = ["last/model.safetensors", "last/optimizer.safetensors", "best/model.safetensors"];
  const files = names.map(
    async (name) => [name, (await readFile(join(run, name))).toString("base64")] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

/** The records of a run's metrics, without the speed, which is never the same. */
export async function metricsOf(run: string): Promise<Record<string, number>[]> {
  const text = await readFile(join(run, "metrics.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { tokensPerSecond: _, ...record } = JSON.parse(line);
      return record;
    });
}
