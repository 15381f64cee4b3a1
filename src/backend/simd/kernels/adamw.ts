import * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "./call.js";

/** Values that one task steps. */
const PIECE = 16384;

interface Part {
  readonly parameter: number;
  readonly gradient: number;
  readonly first: number;
  readonly second: number;
  readonly count: number;
  readonly shrink: number;
}

/** Lists the parts in pieces of equal size, as the engine wants them. */
function listPieces(call: KernelCall, parts: readonly Part[]): { address: number; count: number } {
  const total = parts.reduce((sum, { count }) => sum + Math.ceil(count / PIECE), 0);
  const address = call.scratchBytes(24 * total);
  const buffer = call.backend.engine.memory.buffer as ArrayBuffer;
  const words = new Uint32Array(buffer, address, 6 * total);
  const floats = new Float32Array(buffer, address, 6 * total);
  let at = 0;
  for (const { parameter, gradient, first, second, count, shrink } of parts) {
    for (let done = 0; done < count; done += PIECE) {
      const offset = 4 * done;
      words.set([parameter + offset, gradient + offset, first + offset, second + offset], at);
      words[at + 4] = Math.min(PIECE, count - done);
      floats[at + 5] = shrink;
      at += 6;
    }
  }
  return { address, count: total };
}

function globalNorm(call: KernelCall) {
  const parts = Array.from({ length: call.count("gradient") }, (_, i) => ({
    parameter: 0,
    gradient: call.address(`gradient${i}`),
    first: 0,
    second: 0,
    count: tf.util.sizeFromShape(call.shape(`gradient${i}`)),
    shrink: 1,
  }));
  const { address, count } = listPieces(call, parts);
  const sums = call.scratch(count);
  call.engine.sumSquares(address, count, sums);
  const norm = call.output([]);
  const buffer = call.backend.engine.memory.buffer as ArrayBuffer;
  let total = 0;
  for (const sum of new Float32Array(buffer, sums, count)) total += sum;
  new Float32Array(buffer, norm.address, 1)[0] = Math.sqrt(total);
  return [norm.info];
}

function adamW(call: KernelCall) {
  const count = call.count("parameter");
  const lists = ["parameter", "first", "second"].map((name) =>
    Array.from({ length: count }, (_, i) => call.own(`${name}${i}`)),
  );
  const [parameters, first, second] = lists;
  const decays = call.attributes.decays as number[];
  const [rate, step, beta1, beta2] = ["learningRate", "step", "beta1", "beta2"].map((name) =>
    call.number(name),
  );
  const pieces = listPieces(
    call,
    parameters.map((parameter, i) => ({
      parameter: call.backend.addressOf(parameter),
      gradient: call.address(`gradient${i}`),
      first: call.backend.addressOf(first[i]),
      second: call.backend.addressOf(second[i]),
      count: tf.util.sizeFromShape(parameter.shape),
      shrink: 1 - rate * decays[i],
    })),
  );
  call.engine.adamW(
    pieces.address,
    pieces.count,
    beta1,
    beta2,
    call.number("epsilon"),
    1 / Math.sqrt(1 - beta2 ** step),
    rate / (1 - beta1 ** step),
    clipOf(call),
  );
  return lists.flat();
}

/** What gradients are multiplied with so that their norm is at most the limit. */
function clipOf(call: KernelCall): number {
  if (call.inputs.norm === undefined) return 1;
  const buffer = call.backend.engine.memory.buffer as ArrayBuffer;
  const norm = new Float32Array(buffer, call.address("norm"), 1)[0];
  return Math.min(1, call.number("maxNorm") / (norm + 1e-6));
}

/** `AttaccaAdamW` and `AttaccaGlobalNorm`; see src/ops/adamw.ts. AdamW steps in place where it may. */
export function registerAdamW(): void {
  register("AttaccaAdamW", adamW);
  register("AttaccaGlobalNorm", globalNorm);
}
