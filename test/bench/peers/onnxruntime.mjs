// Greedy generation with a cache in onnxruntime-node: node peers/onnxruntime.mjs decode --environment FOLDER
// The model of export-onnx.py must lie in FOLDER/models/gpt2-WIDTH-CONTEXT.
import { join } from "node:path";
import {
  argMax,
  batch,
  C,
  environment,
  H,
  L,
  load,
  report,
  rounds,
  T,
  threads,
  V,
  version,
} from "./options.mjs";

const { InferenceSession, Tensor } = load("onnxruntime-node");
const model = join(environment, `models/gpt2-${C}-${T}/onnx/model.onnx`);
const session = await InferenceSession.create(model, {
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  graphOptimizationLevel: "all",
});
const parts = Array.from({ length: L }, (_, l) => [`${l}.key`, `${l}.value`]).flat();
const times = [];
for (let round = 0; round <= rounds; round++) {
  const empty = () => new Tensor("float32", new Float32Array(0), [batch, H, 0, C / H]);
  let past = Object.fromEntries(parts.map((part) => [`past_key_values.${part}`, empty()]));
  let ids = BigInt64Array.from({ length: batch }, (_, i) => BigInt(i));
  const start = performance.now();
  for (let t = 0; t < T; t++) {
    const { logits, ...present } = await session.run({
      input_ids: new Tensor("int64", ids, [batch, 1]),
      position_ids: new Tensor("int64", new BigInt64Array(batch).fill(BigInt(t)), [batch, 1]),
      ...past,
    });
    past = Object.fromEntries(parts.map((part) => [`past_key_values.${part}`, present[`present.${part}`]]));
    ids = ids.map((_, i) => BigInt(argMax(logits.data.subarray(V * i, V * i + V))));
  }
  if (round > 0) times.push((performance.now() - start) / T);
}
report(`onnxruntime-node ${version("onnxruntime-node")}`, times);
