/**
 * Feeds mutated safetensors files to the reader and fails at the first that crashes it (anything but an AttaccaError),
 * keeps it for more than a second or lets memory grow by more than 64 MB over the beginning.
 *
 *     node build/scripts/fuzz-safetensors.js [count, 100000 unless given] [seed, 1 unless given]
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  AttaccaError,
  decodeCheckpoint,
  encodeCheckpoint,
  modelConfig,
  parameterShapes,
  type RandomStream,
  randomStream,
  readSafetensors,
  tensorValues,
} from "attacca";

const SECONDS = 1;
const MEGABYTES = 64;

/** What headers are made of, and what has broken parsers before. */
const PIECES = [
  ...'{}[]",:\\ \n\t',
  "-1",
  "1.5",
  "1e308",
  "18446744073709551615",
  "9007199254740993",
  "null",
  "true",
  '"__proto__":',
  '"constructor":',
  '"dtype":"F32",',
  '"dtype":"F99"',
  '"shape":[4294967296,4294967296]',
  '"shape":[]',
  '"data_offsets":[0,18446744073709551615]',
  '"data_offsets":[8,4]',
  '"__metadata__":{"a":"b"},',
  "\\u0000",
  "\\ud800",
  "é",
  "[".repeat(1000),
  '{"a":'.repeat(200),
];

function originals(): Uint8Array[] {
  const config = modelConfig({ vocab_size: 5, n_positions: 4, n_embd: 4, n_layer: 1, n_head: 2 });
  const parameters = new Map(
    [...parameterShapes(config)].map(
      ([name, shape]) => [name, new Float32Array(shape[0] * (shape[1] ?? 1))] as const,
    ),
  );
  const files = encodeCheckpoint({
    config,
    parameters,
    optimizer: { step: 3, first: parameters, second: parameters },
  });
  return [
    files.get("model.safetensors")!,
    files.get("optimizer.safetensors")!,
    withHeader('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}', 2),
  ];
}

function withHeader(header: string, data: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + data);
  new DataView(file.buffer).setUint32(0, json.length, true);
  file.set(json, 8);
  return file;
}

/** A file with one to four changes; half of them keep the length field right, so that the change is read. */
function mutate(file: Uint8Array, random: RandomStream): Uint8Array {
  const length = new DataView(file.buffer).getUint32(0, true);
  let header = new TextDecoder().decode(file.subarray(8, 8 + length));
  let data = file.length - 8 - length;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(header.length + 1);
    const end = at + random.below(random.below(8) === 0 ? 60 : 4);
    const kind = random.below(6);
    if (kind === 0) header = header.slice(0, at) + header.slice(end);
    else if (kind === 1) header = header.slice(0, at) + header.slice(at, end + 40) + header.slice(at);
    else if (kind === 2)
      header = header.replace(/\d+/g, (digits) => (random.below(12) === 0 ? String(random.word()) : digits));
    else if (kind === 3) data = random.below(data + 64);
    else header = header.slice(0, at) + PIECES[random.below(PIECES.length)] + header.slice(end);
    if (header.length > 200_000) break;
  }
  const mutant = withHeader(header, data);
  if (random.below(8) === 0)
    for (let i = 0; i < 3; i++) mutant[random.below(mutant.length)] = random.below(256);
  if (random.below(16) === 0) new DataView(mutant.buffer).setUint32(random.below(2) * 4, random.word(), true);
  return random.below(16) === 0 ? mutant.subarray(0, random.below(mutant.length + 1)) : mutant;
}

type Outcome = "loaded" | "read" | "refused";

/** Reads a file, then as a checkpoint's weights and as its optimizer; how far the better of the two came. */
function read(file: Uint8Array): Outcome {
  const outcomes = [
    outcomeOf(() => {
      for (const [name, tensor] of readSafetensors(file).tensors) {
        if (/^(F32|F16|BF16)$/.test(tensor.dtype)) tensorValues(name, tensor);
      }
      return "read";
    }),
    outcomeOf(() => load(new Map([["model.safetensors", file]]))),
    outcomeOf(() =>
      load(
        new Map([
          ["model.safetensors", files[0]],
          ["optimizer.safetensors", file],
        ]),
      ),
    ),
  ];
  return outcomes.includes("loaded") ? "loaded" : outcomes[0];
}

function load(some: Map<string, Uint8Array>): Outcome {
  decodeCheckpoint(some.set("config.json", CONFIG));
  return "loaded";
}

function outcomeOf(call: () => Outcome): Outcome {
  try {
    return call();
  } catch (error) {
    if (error instanceof AttaccaError) return "refused";
    throw error;
  }
}

const CONFIG = new TextEncoder().encode(
  '{"model_type":"gpt2","vocab_size":5,"n_positions":4,"n_embd":4,"n_layer":1,"n_head":2}',
);

const count = Number(process.argv[2] ?? 100_000);
const random = randomStream(Number(process.argv[3] ?? 1), "fuzz safetensors");
const files = originals();
setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const results: Record<Outcome, number> = { loaded: 0, read: 0, refused: 0 };
let slowest = 0;
let largest = 0;
for (let i = 0; i < 2000; i++) read(mutate(files[i % files.length], random));
collect();
const before = process.memoryUsage().rss;
for (let i = 0; i < count; i++) {
  const mutant = mutate(files[i % files.length], random);
  const start = performance.now();
  try {
    results[read(mutant)]++;
  } catch (error) {
    console.error(
      `mutant ${i} crashed the reader:`,
      error,
      Buffer.from(mutant.subarray(0, 2000)).toString("latin1"),
    );
    process.exit(1);
  }
  const seconds = (performance.now() - start) / 1000;
  slowest = Math.max(slowest, seconds);
  if (seconds > SECONDS) {
    console.error(`mutant ${i} took ${seconds.toFixed(2)} s`);
    process.exit(1);
  }
  if (i % 1000 === 999) {
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    largest = Math.max(largest, grown);
    if (grown > MEGABYTES) {
      console.error(`after mutant ${i} memory had grown by ${grown.toFixed(0)} MB`);
      process.exit(1);
    }
  }
}
console.log(
  `${count} files: ${results.loaded} loaded as a model or optimizer, ${results.read} more well formed, ` +
    `${results.refused} refused; ` +
    `slowest ${(slowest * 1000).toFixed(1)} ms; memory at most ${largest.toFixed(1)} MB above the beginning`,
);
