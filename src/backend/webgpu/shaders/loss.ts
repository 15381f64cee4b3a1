import type { Program } from "../program.js";

const THREADS = 64;

/** Σ weights, at least so much that nothing counted gives 0: one workgroup. */
export const totalWeightProgram: Program = {
  name: "total weight",
  uniforms: { count: "u32" },
  reads: { weights: "f32" },
  writes: { total: "f32" },
  threads: THREADS,
  reduces: true,
  body: `
  var sum = 0.0;
  for (var i = thread; i < u.count; i += ${THREADS}u) { sum += weights[i]; }
  let all = totalOf(sum, thread);
  if (thread == 0u) { total[0] = max(all, 1e-20); }`,
};

/** Σ weight · loss / total: one workgroup. */
export const meanLossProgram: Program = {
  name: "mean loss",
  uniforms: { count: "u32" },
  reads: { losses: "f32", weights: "f32", total: "f32" },
  writes: { mean: "f32" },
  threads: THREADS,
  reduces: true,
  body: `
  var sum = 0.0;
  for (var i = thread; i < u.count; i += ${THREADS}u) { sum += weights[i] * losses[i]; }
  let all = totalOf(sum, thread);
  if (thread == 0u) { mean[0] = all / total[0]; }`,
};

/** What the cross-entropy of a row writes: its loss, the slope of its logits in their place, or the slope elsewhere. */
export type CrossEntropyKind = "loss" | "in place" | "gradient";

/**
 * −log softmax(logits)[target] of each row, a workgroup a row; 0 where the target isn't in the vocabulary.
 * "in place" writes (softmax − hot) · weight / total over the logits as well; "gradient" writes it, times dy, into
 * dLogits and no loss. Rows of logits begin at `first` of targets, weights and losses.
 */
export function crossEntropyProgram(kind: CrossEntropyKind): Program {
  const slopes = kind !== "loss";
  return {
    name: `cross-entropy ${kind}`,
    uniforms: { rows: "u32", width: "u32", first: "u32" },
    reads: {
      ...(kind === "in place" ? {} : { logits: "f32" }),
      targets: "i32",
      ...(slopes ? { weights: "f32", total: "f32" } : {}),
      ...(kind === "gradient" ? { dy: "f32" } : {}),
    },
    writes: {
      ...(kind === "in place" ? { logits: "f32" } : {}),
      ...(kind === "gradient" ? { dLogits: "f32" } : { losses: "f32" }),
    },
    threads: THREADS,
    reduces: true,
    body: `
  let row = group.y * groups.x + group.x;
  if (row >= u.rows) { return; }
  let begin = row * u.width;
  var peak = -3.4e38;
  for (var i = thread; i < u.width; i += ${THREADS}u) { peak = max(peak, logits[begin + i]); }
  let highest = largestOf(peak, thread);
  var sum = 0.0;
  for (var i = thread; i < u.width; i += ${THREADS}u) { sum += exp(logits[begin + i] - highest); }
  let total_ = totalOf(sum, thread);
  let target_ = targets[u.first + row];
  let counted = target_ >= 0 && target_ < i32(u.width);
  ${
    kind === "gradient"
      ? ""
      : `if (thread == 0u) {
    losses[u.first + row] = 0.0;
    if (counted) { losses[u.first + row] = log(total_) + highest - logits[begin + u32(target_)]; }
  }
  ${slopes ? "storageBarrier();\n  workgroupBarrier();" : ""}`
  }
  ${
    slopes
      ? `var factor = 0.0;
  if (counted) { factor = weights[u.first + row] / total[0]${kind === "gradient" ? " * dy[0]" : ""}; }
  for (var i = thread; i < u.width; i += ${THREADS}u) {
    let hot = select(0.0, 1.0, i32(i) == target_);
    ${kind === "gradient" ? "dLogits" : "logits"}[begin + i] = (exp(logits[begin + i] - highest) / total_ - hot) * factor;
  }`
      : ""
  }`,
  };
}
