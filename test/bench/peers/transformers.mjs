// Greedy generation with a cache in transformers.js: node peers/transformers.mjs decode --environment FOLDER
// The model of export-onnx.py must lie in FOLDER/models/gpt2-WIDTH-CONTEXT.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { batch, C, environment, load, report, rounds, T, threads, version } from "./options.mjs";

const { AutoModelForCausalLM, env, Tensor } = await import(
  pathToFileURL(load.resolve("@huggingface/transformers"))
);
env.allowRemoteModels = false;
env.localModelPath = `${join(environment, "models")}/`;
const model = await AutoModelForCausalLM.from_pretrained(`gpt2-${C}-${T}`, {
  dtype: "fp32",
  device: "cpu",
  session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
});
const times = [];
for (let round = 0; round <= rounds; round++) {
  const ids = BigInt64Array.from({ length: batch }, (_, i) => BigInt(i));
  const ones = new BigInt64Array(batch).fill(1n);
  const start = performance.now();
  const found = await model.generate({
    inputs: new Tensor("int64", ids, [batch, 1]),
    attention_mask: new Tensor("int64", ones, [batch, 1]),
    max_new_tokens: T - 1,
    do_sample: false,
  });
  if (found.dims[1] !== T) throw new Error(`generated ${found.dims[1]} of ${T} tokens`);
  if (round > 0) times.push((performance.now() - start) / (T - 1));
}
report(`transformers.js ${version("@huggingface/transformers")}`, times);
