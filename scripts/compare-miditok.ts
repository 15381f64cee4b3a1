/**
 * Compares the tokenizers with MidiTok on a folder of MIDI files: same vocabulary, same ids, same decoded scores,
 * every stream allowed by the grammar; and how many files a second each reads and encodes, file by file in turn.
 *
 *     node build/scripts/compare-miditok.js FOLDER [--python PYTHON] [--limit N] [--only NAME,NAME]
 *     node build/scripts/compare-miditok.js FOLDER --goldens     (against committed hashes, without Python)
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import {
  createTokenizer,
  pipelineConfig,
  readScore,
  type Tokenizer,
  type TokenizerName,
  type TokenizerOptions,
  tokenizerFromJSON,
} from "attacca";
import { decodedSummary } from "./miditok-summary.js";

const everything: TokenizerOptions = {
  usePrograms: true,
  useTempos: true,
  useTimeSignatures: true,
  useKeySignatures: true,
  useRests: true,
  useSustainPedals: true,
  usePitchBends: true,
};

const configs: Readonly<Record<string, readonly [TokenizerName, TokenizerOptions]>> = {
  remi: ["remi", {}],
  "remi-pipeline": ["remi", pipelineConfig],
  "remi-all": ["remi", { ...everything, useBarEndTokens: true, addTrailingBars: true }],
  "remi-changes": ["remi", { ...everything, programChanges: true, sustainPedalDuration: true }],
  tsd: ["tsd", {}],
  "tsd-all": ["tsd", everything],
  midilike: ["midilike", {}],
  "midilike-all": ["midilike", everything],
};

interface Answer {
  readonly names?: readonly string[];
  readonly sha256?: readonly string[];
  readonly ids?: number;
  readonly seconds?: number;
  readonly decoded?: string;
  readonly error?: string;
}

const repository = join(import.meta.dirname, "..", "..");
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: "string", default: "python3" },
    limit: { type: "string", default: "100000" },
    only: { type: "string", default: Object.keys(configs).join(",") },
    goldens: { type: "boolean", default: false },
  },
});

if (positionals.length !== 1) {
  process.stderr.write(
    "usage: compare-miditok FOLDER [--python PYTHON] [--limit N] [--only NAMES] [--goldens]\n",
  );
  process.exitCode = 2;
} else {
  const files = readdirSync(positionals[0], { recursive: true, encoding: "utf8" })
    .filter((name) => /\.midi?$/i.test(name))
    .sort()
    .map((name) => join(positionals[0], name))
    .slice(0, Number(flags.limit));
  const isGood = flags.goldens ? checkGoldens(files) : await compareAll(files);
  if (!isGood) process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Little-endian on every machine that Node runs on; the hash is over the bytes. */
function hashOfIds(ids: Uint16Array): string {
  return sha256(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
}

function encodeFile(tokenizer: Tokenizer, file: string): Uint16Array[] {
  return tokenizer.encode(readScore(readFileSync(file)).score);
}

async function compareAll(files: readonly string[]): Promise<boolean> {
  const script = join(repository, "scripts", "compare-miditok.py");
  const python = spawn(flags.python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const ask = questioner(python);
  const folder = mkdtempSync(join(tmpdir(), "compare-miditok-"));
  let isGood = true;
  for (const label of flags.only.split(",")) {
    const [name, options] = configs[label] ?? [];
    if (name === undefined)
      throw new Error(`no config "${label}"; there are ${Object.keys(configs).join(", ")}`);
    const tokenizer = createTokenizer(name, options);
    const json = tokenizer.toJSON();
    const path = join(folder, `${label}.json`);
    writeFileSync(path, JSON.stringify(json));
    const { names = [] } = await ask({ tokenizer: json.tokenization, json: path });
    const sameNames = names.join("\n") === tokenizer.vocabulary.names.join("\n");
    if (!sameNames)
      print(`${label}: the vocabularies differ (${names.length} and ${tokenizer.vocabulary.size})`);
    const result = await compareFiles(label, tokenizer, files, ask);
    if (!sameNames || !result) isGood = false;
  }
  python.stdin?.end();
  rmSync(folder, { recursive: true });
  return isGood;
}

function questioner(python: ChildProcess): (question: object) => Promise<Answer> {
  if (python.stdout === null) throw new Error("no pipe to Python");
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return async (question) => {
    python.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error("Python ended");
    return JSON.parse(value) as Answer;
  };
}

async function compareFiles(
  label: string,
  tokenizer: Tokenizer,
  files: readonly string[],
  ask: (question: object) => Promise<Answer>,
): Promise<boolean> {
  const count = { ids: 0, equal: 0, decoded: 0, allowed: 0, failed: 0 };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (const file of files) {
    const answer = await ask({ file });
    const started = performance.now();
    const streams = encodeFile(tokenizer, file);
    const seconds = (performance.now() - started) / 1000;
    if (answer.error !== undefined) {
      count.failed++;
      print(`${label}: MidiTok fails on ${basename(file)}: ${answer.error}`);
      continue;
    }
    ours.push(seconds);
    theirs.push(answer.seconds ?? 0);
    count.ids += answer.ids ?? 0;
    if (streams.map(hashOfIds).join() === answer.sha256?.join()) count.equal++;
    else print(`${label}: ids differ for ${basename(file)}`);
    if (sha256(JSON.stringify(decodedSummary(tokenizer.decode(streams)))) === answer.decoded) count.decoded++;
    else print(`${label}: decoded scores differ for ${basename(file)}`);
    if (streams.every((ids) => isAllowed(tokenizer, ids))) count.allowed++;
    else print(`${label}: the grammar refuses ${basename(file)}`);
  }
  const rate = (seconds: readonly number[]): string => `${(1 / median(seconds)).toFixed(0)} files/s`;
  print(
    `${label}: ${files.length} files, ${count.ids} ids; equal ids ${count.equal}, equal decoded ${count.decoded}, ` +
      `allowed by the grammar ${count.allowed}, MidiTok failed ${count.failed}; medians ${rate(ours)} and MidiTok ` +
      `${rate(theirs)} (× ${(median(theirs) / median(ours)).toFixed(1)}); all files × ${(sum(theirs) / sum(ours)).toFixed(1)}`,
  );
  const compared = files.length - count.failed;
  return count.equal === compared && count.decoded === compared && count.allowed === compared;
}

function isAllowed(tokenizer: Tokenizer, ids: Uint16Array): boolean {
  const grammar = tokenizer.grammar();
  const mask = new Uint8Array(tokenizer.vocabulary.size);
  for (const id of [tokenizer.special.begin, ...ids, tokenizer.special.end]) {
    grammar.allowed(mask);
    if (mask[id] === 0) return false;
    grammar.push(id);
  }
  return true;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** The committed hashes, for those of the files that have some. */
function checkGoldens(files: readonly string[]): boolean {
  interface Golden {
    readonly tokenizer: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly sha256: Readonly<Record<string, readonly string[]>>;
  }
  const text = readFileSync(join(repository, "test", "golden", "tokens", "songs.json"), "utf8");
  const goldens = (JSON.parse(text) as { readonly configs: Readonly<Record<string, Golden>> }).configs;
  let isGood = true;
  for (const [label, golden] of Object.entries(goldens)) {
    const tokenizer = tokenizerFromJSON({ tokenization: golden.tokenizer, config: golden.config });
    const known = files.filter((file) => golden.sha256[basename(file)] !== undefined);
    const differ = known.filter(
      (file) => encodeFile(tokenizer, file).map(hashOfIds).join() !== golden.sha256[basename(file)].join(),
    );
    print(`${label}: ${known.length} files with goldens, ${differ.length} differ`);
    for (const file of differ) print(`  ${basename(file)}`);
    if (differ.length > 0 || known.length === 0) isGood = false;
  }
  return isGood;
}
