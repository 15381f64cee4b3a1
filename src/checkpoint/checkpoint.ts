import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { AttaccaError, invalid, missing, within } from "../errors.js";
import { type ModelConfig, parameterShapes } from "../model/index.js";
import { configFile, generationConfigFile, parseJsonObject, readConfigFile } from "./config-file.js";
import type { WeightDtype } from "./dtype.js";
import {
  readSafetensors,
  type Safetensors,
  type TensorToStore,
  tensorValues,
  writeSafetensors,
} from "./safetensors.js";

/** A checkpoint's files by name. */
export type CheckpointFiles = ReadonlyMap<string, Uint8Array>;

/** AdamW's state: each parameter's running means, by the parameter's name. */
export interface OptimizerState {
  /** How many steps were taken. */
  readonly step: number;
  readonly first: ReadonlyMap<string, Float32Array>;
  readonly second: ReadonlyMap<string, Float32Array>;
}

/** A model and what belongs to it. */
export interface Checkpoint {
  readonly config: ModelConfig;
  /** Values by GPT-2 name ("h.0.ln_1.weight"), as `parameterValues` gives them and `parametersFrom` takes them. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** The tokenizer's JSON. */
  readonly tokenizer?: Readonly<Record<string, unknown>>;
  /** What training wants to find again: plain JSON. */
  readonly training?: Readonly<Record<string, unknown>>;
  readonly optimizer?: OptimizerState;
}

/** The names of the files. */
export const checkpointFileNames = {
  config: "config.json",
  model: "model.safetensors",
  generation: "generation_config.json",
  tokenizer: "tokenizer.json",
  training: "training.json",
  optimizer: "optimizer.safetensors",
} as const;

/** `transformers` loads files only where they say who wrote them for what: what isn't a GPT-2 says something else. */
const metadataOf = ({ attention }: ModelConfig) => ({ format: attention === "causal" ? "pt" : "attacca" });
/** What `GPT2LMHeadModel` puts in front of every name. */
const PREFIX = "transformer.";

/**
 * A checkpoint's files: a folder that `transformers.GPT2LMHeadModel.from_pretrained` loads if the attention is causal, and
 * refuses if it isn't. Equal checkpoints give equal bytes. The head is tied to `wte.weight` and left out.
 *
 * @param dtype how the weights are stored, and what `torch_dtype` in `config.json` says: `f32` (unless given), or `f16`,
 *   half the size, rounded to nearest. The optimizer's moments are always float32.
 * @throws AttaccaError `missing` or `invalid` where a parameter or moment isn't there or has another size, or a weight
 *   is too large for `f16`
 */
export function encodeCheckpoint(
  checkpoint: Checkpoint,
  { dtype = "f32" }: { readonly dtype?: WeightDtype } = {},
): Map<string, Uint8Array<ArrayBuffer>> {
  const { config, parameters, tokenizer, training, optimizer } = checkpoint;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  files.set(checkpointFileNames.config, jsonFile(configFile(config, dtype)));
  files.set(checkpointFileNames.generation, jsonFile(generationConfigFile(config)));
  if (dtype === "f16") checkFitsHalf(parameters);
  const weights = toStore(config, parameters, PREFIX);
  files.set(
    checkpointFileNames.model,
    writeSafetensors(weights, metadataOf(config), dtype === "f16" ? "F16" : "F32"),
  );
  if (tokenizer !== undefined) files.set(checkpointFileNames.tokenizer, jsonFile(tokenizer));
  if (training !== undefined) files.set(checkpointFileNames.training, jsonFile(training));
  if (optimizer !== undefined) {
    const first = toStore(config, optimizer.first, "first.");
    const second = toStore(config, optimizer.second, "second.");
    const metadata = { step: String(optimizer.step) };
    files.set(checkpointFileNames.optimizer, writeSafetensors(new Map([...first, ...second]), metadata));
  }
  return files;
}

/**
 * What a checkpoint's files hold: ours, or a folder that `GPT2LMHeadModel.save_pretrained` wrote (float32, float16 or
 * bfloat16, in one file). Files of other names are left alone.
 *
 * @throws AttaccaError naming the file and what is wrong in it
 */
export function decodeCheckpoint(files: CheckpointFiles): Checkpoint {
  const config = inFile(files, checkpointFileNames.config, (bytes, name) =>
    readConfigFile(parseJsonObject(name, bytes)),
  );
  const parameters = inFile(files, checkpointFileNames.model, (bytes) =>
    readParameters(config, readSafetensors(bytes)),
  );
  const optional = <T>(name: string, read: (bytes: Uint8Array, name: string) => T): T | undefined =>
    files.has(name) ? inFile(files, name, read) : undefined;
  const json = (bytes: Uint8Array, name: string) => parseJsonObject(name, bytes);
  return {
    config,
    parameters,
    tokenizer: optional(checkpointFileNames.tokenizer, json),
    training: optional(checkpointFileNames.training, json),
    optimizer: optional(checkpointFileNames.optimizer, (bytes) =>
      readOptimizer(config, readSafetensors(bytes)),
    ),
  };
}

/** SHA-256 of `model.safetensors`, in hexadecimal: which weights these are. */
export function checkpointHash(files: CheckpointFiles): string {
  const bytes = files.get(checkpointFileNames.model);
  if (bytes === undefined) throw missing(checkpointFileNames.model);
  return bytesToHex(sha256(bytes));
}

function inFile<T>(files: CheckpointFiles, name: string, read: (bytes: Uint8Array, name: string) => T): T {
  const bytes = files.get(name);
  if (bytes === undefined) throw missing(name, "in the checkpoint");
  try {
    return read(bytes, name);
  } catch (error) {
    if (error instanceof AttaccaError && error.parts.subject !== name) throw within(name, error);
    throw error;
  }
}

function jsonFile(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** From here on the nearest number that a half can be is infinite. */
const HALF_LIMIT = 65_520;

function checkFitsHalf(parameters: ReadonlyMap<string, Float32Array>): void {
  for (const [name, values] of parameters) {
    const found = values.find((value) => Number.isFinite(value) && Math.abs(value) >= HALF_LIMIT);
    if (found !== undefined) throw invalid(`tensor ${name}`, String(found), "at most 65,504 in f16");
  }
}

/** Tensors by prefixed name, in the parameters' order. */
function toStore(
  config: ModelConfig,
  values: ReadonlyMap<string, Float32Array>,
  prefix: string,
): Map<string, TensorToStore> {
  const tensors = new Map<string, TensorToStore>();
  for (const [name, shape] of parameterShapes(config)) {
    const found = values.get(name);
    if (found === undefined) throw missing(`${prefix}${name}`, `float32 [${shape}]`);
    tensors.set(`${prefix}${name}`, { shape, values: found });
  }
  return tensors;
}

/** Buffers that older versions of `transformers` saved beside the parameters: a causal mask, not learned. */
const BUFFER = /^(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)$/;
const HEAD = "lm_head.weight";

function readParameters(config: ModelConfig, file: Safetensors): Map<string, Float32Array> {
  const prefix = file.tensors.has(`${PREFIX}wte.weight`) ? PREFIX : "";
  const extra = [...file.tensors.keys()].filter((name) => !BUFFER.test(name) && name !== HEAD);
  const values = readTensors(config, file, prefix, extra);
  const head = file.tensors.get(HEAD);
  if (head !== undefined) {
    const separate = tensorValues(HEAD, head);
    const tied = values.get("wte.weight")!;
    if (separate.length !== tied.length || separate.some((value, i) => !Object.is(value, tied[i]))) {
      throw invalid(HEAD, "other values than wte.weight", "the same: the head is tied");
    }
  }
  return values;
}

function readOptimizer(config: ModelConfig, file: Safetensors): OptimizerState {
  const text = file.metadata.get("step") ?? "";
  if (!/^\d{1,15}$/.test(text)) throw invalid("step", `"${text.slice(0, 20)}"`, "a whole number");
  const names = [...file.tensors.keys()];
  const part = (prefix: string) =>
    readTensors(
      config,
      file,
      prefix,
      names.filter((name) => name.startsWith(prefix)),
    );
  const stray = names.find((name) => !/^(first|second)\./.test(name));
  if (stray !== undefined)
    throw invalid("tensor", JSON.stringify(stray.slice(0, 60)), "names in first or second");
  return { step: Number(text), first: part("first."), second: part("second.") };
}

/** The values of every parameter under `prefix`, and none else. */
function readTensors(
  config: ModelConfig,
  file: Safetensors,
  prefix: string,
  names: readonly string[],
): Map<string, Float32Array> {
  const shapes = parameterShapes(config);
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    const tensor = file.tensors.get(`${prefix}${name}`);
    if (tensor === undefined) throw missing(`tensor ${prefix}${name}`, `[${shape}], as config.json says`);
    if (tensor.shape.join() !== shape.join()) {
      throw invalid(`tensor ${prefix}${name}`, `[${tensor.shape}]`, `[${shape}], as config.json says`);
    }
    values.set(name, tensorValues(`${prefix}${name}`, tensor));
  }
  const stray = names.find((name) => !name.startsWith(prefix) || !shapes.has(name.slice(prefix.length)));
  if (stray !== undefined) {
    throw invalid("tensor", JSON.stringify(stray.slice(0, 60)), "only what config.json speaks of");
  }
  return values;
}
