import type { Program } from "../program.js";

const THREADS = 256;
/** Values of a tensor that one workgroup takes. */
export const VALUES_OF_GROUP = 4096;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** `body(i)` for the tensor to which this workgroup belongs, where `begin` is its first value. */
function perTensor(count: number, body: (i: number) => string): string {
  const cases = numbers(count).map(
    (i) => `if (number < u.end${i}) {
    let begin = ${i === 0 ? "number" : `(number - u.end${i - 1})`} * ${VALUES_OF_GROUP}u;
    let end = min(u.count${i}, begin + ${VALUES_OF_GROUP}u);
    ${body(i)}
  }`,
  );
  return `let number = group.y * groups.x + group.x;\n  ${cases.join(" else ")}`;
}

/** For each of `count` tensors: the workgroup after its last, and how many values it has. */
function extents(count: number): Record<string, "u32"> {
  return Object.fromEntries(
    numbers(count).flatMap((i) => [
      [`end${i}`, "u32"],
      [`count${i}`, "u32"],
    ]),
  );
}

/** Sums of squares of `count` tensors, one a workgroup, into parts from `first` on. */
export function squaresProgram(count: number): Program {
  return {
    name: `sums of squares ${count}`,
    uniforms: { first: "u32", ...extents(count) },
    reads: Object.fromEntries(numbers(count).map((i) => [`gradient${i}`, "f32" as const])),
    writes: { parts: "f32" },
    threads: THREADS,
    reduces: true,
    body: `
  var sum = 0.0;
  ${perTensor(count, (i) => `for (var at = begin + thread; at < end; at += ${THREADS}u) { sum += gradient${i}[at] * gradient${i}[at]; }`)}
  let all = totalOf(sum, thread);
  if (thread == 0u) { parts[u.first + number] = all; }`,
  };
}

/** √ Σ parts: one workgroup. */
export const normProgram: Program = {
  name: "norm",
  uniforms: { count: "u32" },
  reads: { parts: "f32" },
  writes: { norm: "f32" },
  threads: THREADS,
  reduces: true,
  body: `
  var sum = 0.0;
  for (var i = thread; i < u.count; i += ${THREADS}u) { sum += parts[i]; }
  let all = totalOf(sum, thread);
  if (thread == 0u) { norm[0] = sqrt(all); }`,
};

/** AdamW over `count` tensors in place; see src/ops/adamw.ts. `clips`: gradients are scaled by the norm. */
export function adamWProgram(count: number, clips: boolean): Program {
  const lists = ["parameter", "first", "second"];
  return {
    name: `adamw ${count} ${clips}`,
    uniforms: {
      beta1: "f32",
      beta2: "f32",
      epsilon: "f32",
      rootScale: "f32",
      rate: "f32",
      maxNorm: "f32",
      ...extents(count),
      ...Object.fromEntries(numbers(count).map((i) => [`shrink${i}`, "f32" as const])),
    },
    reads: {
      ...(clips ? { norm: "f32" as const } : {}),
      ...Object.fromEntries(numbers(count).map((i) => [`gradient${i}`, "f32" as const])),
    },
    writes: Object.fromEntries(
      lists.flatMap((list) => numbers(count).map((i) => [`${list}${i}`, "f32" as const])),
    ),
    threads: THREADS,
    body: `
  let clip = ${clips ? "min(1.0, u.maxNorm / (norm[0] + 1e-6))" : "1.0"};
  ${perTensor(
    count,
    (i) => `for (var at = begin + thread; at < end; at += ${THREADS}u) {
      let slope = gradient${i}[at] * clip;
      let mean = first${i}[at] * u.beta1 + slope * (1.0 - u.beta1);
      let square = second${i}[at] * u.beta2 + slope * slope * (1.0 - u.beta2);
      first${i}[at] = mean;
      second${i}[at] = square;
      let change = mean / (sqrt(square) * u.rootScale + u.epsilon) * u.rate;
      parameter${i}[at] = parameter${i}[at] * u.shrink${i} - change;
    }`,
  )}`,
  };
}
