import { type ModelConfig, modelConfig, parameterShapes } from "../../src/model/index.js";
import { randomValues } from "../tensors.js";

/** A whole safetensors file of a header's text and as many bytes of data. */
export function fileOf(header: string, data: Uint8Array | number = 0): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = typeof data === "number" ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + json.length + bytes.length);
  new DataView(file.buffer).setUint32(0, json.length, true);
  file.set(json, 8);
  file.set(bytes, 8 + json.length);
  return file;
}

/** The bytes that a description of tensors gives, one after the other. */
export function headerOf(entries: Record<string, unknown>): string {
  return JSON.stringify(entries);
}

/** A small model's configuration. */
export const smallConfig: ModelConfig = modelConfig({
  vocab_size: 11,
  n_positions: 7,
  n_embd: 6,
  n_layer: 2,
  n_head: 2,
  resid_pdrop: 0.1,
  eos_token_id: 3,
});

/** Values for every parameter of it. */
export function smallParameters(purpose = "parameters", config = smallConfig): Map<string, Float32Array> {
  return new Map(
    [...parameterShapes(config)].map(([name, shape]) => [
      name,
      randomValues(`${purpose} ${name}`, shape).values as Float32Array,
    ]),
  );
}
