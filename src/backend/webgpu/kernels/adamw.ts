import * as tf from "@tensorflow/tfjs-core";
import { type KernelCall, register } from "../call.js";
import { adamWProgram, normProgram, squaresProgram, VALUES_OF_GROUP } from "../shaders/adamw.js";

/** Calls `each` with runs of at most `most` of `count` tensors: the first's number, and how many. */
function inRuns(count: number, most: number, each: (first: number, length: number) => void): void {
  for (let first = 0; first < count; first += most) each(first, Math.min(most, count - first));
}

/** For the tensors of a run, of these sizes: the uniforms that say which workgroup belongs to which. */
function extentsOf(sizes: readonly number[]): { uniforms: Record<string, number>; groups: number } {
  const uniforms: Record<string, number> = {};
  let groups = 0;
  for (const [i, size] of sizes.entries()) {
    groups += Math.ceil(size / VALUES_OF_GROUP);
    uniforms[`end${i}`] = groups;
    uniforms[`count${i}`] = size;
  }
  return { uniforms, groups };
}

/** Storage buffers that a program may bind. */
function buffersOf(call: KernelCall): number {
  return call.backend.device.limits.maxStorageBuffersPerShaderStage;
}

function globalNorm(call: KernelCall) {
  const count = call.count("gradient");
  const sizes = Array.from({ length: count }, (_, i) => call.size(`gradient${i}`));
  const total = sizes.reduce((sum, size) => sum + Math.ceil(size / VALUES_OF_GROUP), 0);
  const parts = call.scratch(Math.max(1, total));
  let part = 0;
  inRuns(count, buffersOf(call) - 1, (first, length) => {
    const { uniforms, groups } = extentsOf(sizes.slice(first, first + length));
    const gradients = Array.from({ length }, (_, i) => [`gradient${i}`, call.input(`gradient${first + i}`)]);
    call.run(
      squaresProgram(length),
      { first: part, ...uniforms },
      { ...Object.fromEntries(gradients), parts },
      call.groupsFor(groups, 1),
    );
    part += groups;
  });
  const norm = call.output([]);
  call.run(normProgram, { count: total }, { parts, norm }, [1]);
  return [norm];
}

function adamW(call: KernelCall) {
  const count = call.count("parameter");
  const lists = ["parameter", "first", "second"].map((name) =>
    Array.from({ length: count }, (_, i) => call.own(`${name}${i}`)),
  );
  const [parameters, firsts, seconds] = lists;
  const decays = call.attributes.decays as number[];
  const [rate, step, beta1, beta2] = ["learningRate", "step", "beta1", "beta2"].map((name) =>
    call.number(name),
  );
  const norm = call.inputs.norm;
  const clips = norm !== undefined;
  const common = {
    beta1,
    beta2,
    epsilon: call.number("epsilon"),
    rootScale: 1 / Math.sqrt(1 - beta2 ** step),
    rate: rate / (1 - beta1 ** step),
    maxNorm: call.number("maxNorm"),
  };
  inRuns(count, Math.floor((buffersOf(call) - 1) / 4), (first, length) => {
    const run = Array.from({ length }, (_, i) => first + i);
    const { uniforms, groups } = extentsOf(run.map((i) => tf.util.sizeFromShape(parameters[i].shape)));
    const shrinks = run.map((i, k) => [`shrink${k}`, 1 - rate * decays[i]]);
    const buffers = run.flatMap((i, k) => [
      [`parameter${k}`, parameters[i]],
      [`gradient${k}`, call.input(`gradient${i}`)],
      [`first${k}`, firsts[i]],
      [`second${k}`, seconds[i]],
    ]);
    call.run(
      adamWProgram(length, clips),
      { ...common, ...uniforms, ...Object.fromEntries(shrinks) },
      { ...(clips && { norm }), ...Object.fromEntries(buffers) },
      call.groupsFor(groups, 1),
      true,
    );
  });
  return lists.flat();
}

/**
 * `AttaccaAdamW` and `AttaccaGlobalNorm`; see src/ops/adamw.ts. AdamW steps in place where it may. A dispatch takes as
 * many tensors as the device can bind, so there are a few of them and not one a tensor.
 */
export function registerAdamW(): void {
  register("AttaccaAdamW", adamW);
  register("AttaccaGlobalNorm", globalNorm);
}
