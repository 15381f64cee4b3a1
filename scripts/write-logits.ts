/**
 * Writes the logits that a checkpoint's model gives, for scripts/check-transformers.py to compare.
 *
 *     node build/scripts/write-logits.js CHECKPOINT OUT.safetensors [backend]
 *     node build/scripts/write-logits.js --new CHECKPOINT OUT.safetensors [backend]
 *
 * `--new` first writes a checkpoint with random weights to the folder. Out come `ids` (as float32, [2, n_positions])
 * and `logits` ([2, n_positions, vocab_size]).
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  chooseBackend,
  decodeCheckpoint,
  encodeCheckpoint,
  forward,
  initialParameters,
  modelConfig,
  parametersFrom,
  parameterValues,
  randomStream,
  writeSafetensors,
} from "attacca";

const fresh = process.argv[2] === "--new";
const [folder, out, backend = "auto"] = process.argv.slice(fresh ? 3 : 2);
if (folder === undefined || out === undefined) {
  console.error("usage: write-logits.js [--new] CHECKPOINT OUT.safetensors [backend]");
  process.exit(2);
}
await chooseBackend(backend);

if (fresh) {
  // Weights far larger than a beginning's, so that nothing of the model is hidden by small numbers.
  const config = modelConfig({
    vocab_size: 97,
    n_positions: 64,
    n_embd: 48,
    n_layer: 3,
    n_head: 4,
    initializer_range: 0.2,
  });
  const parameters = await parameterValues(initialParameters(config, 7));
  for (const [name, values] of parameters) {
    const stream = randomStream(7, `shift ${name}`);
    if (!/w[tp]e/.test(name)) for (let i = 0; i < values.length; i++) values[i] += 0.05 * stream.normal();
  }
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of encodeCheckpoint({ config, parameters }))
    writeFileSync(join(folder, name), bytes);
}

const files = new Map<string, Uint8Array>();
for (const entry of readdirSync(folder, { withFileTypes: true })) {
  if (entry.isFile()) files.set(entry.name, readFileSync(join(folder, entry.name)));
}
const { config, parameters } = decodeCheckpoint(files);
const stream = randomStream(1, "ids");
const rows = Array.from({ length: 2 }, () =>
  Array.from({ length: config.n_positions }, () => stream.below(config.vocab_size)),
);
const logits = forward(parametersFrom(config, parameters), config, rows);
const tensors = new Map([
  ["ids", { shape: [2, config.n_positions], values: Float32Array.from(rows.flat()) }],
  ["logits", { shape: logits.shape, values: Float32Array.from(logits.dataSync()) }],
]);
writeFileSync(out, writeSafetensors(tensors));
