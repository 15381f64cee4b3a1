import { describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/checkpoint/index.js";
import { modelConfig } from "../../src/model/index.js";
import { smallConfig, smallParameters } from "./build.js";

const config = modelConfig({ ...smallConfig, encoder_layers: 2 });
const parameters = smallParameters("parameters", config);
const files = encodeCheckpoint({ config, parameters });
const json = JSON.parse(new TextDecoder().decode(files.get("config.json")));
const read = (change: Record<string, unknown>) => () =>
  decodeCheckpoint(
    new Map<string, Uint8Array>(files).set(
      "config.json",
      new TextEncoder().encode(JSON.stringify({ ...json, ...change })),
    ),
  );

describe("a checkpoint with an encoder", () => {
  it("comes back as it was", () => {
    const found = decodeCheckpoint(files);
    expect(found.config).toEqual(config);
    expect(found.parameters).toEqual(parameters);
    expect(found.parameters.has("encoder.h.1.mlp.c_fc.weight")).toBe(true);
    expect(found.parameters.has("h.0.crossattention.q_attn.weight")).toBe(true);
  });

  it("is in a config in which nothing is where a GPT-2's is", () => {
    expect(json).toMatchObject({ model_type: "attacca_encoder_decoder", encoder_layers: 2 });
    for (const name of ["vocab_size", "n_positions", "n_embd", "n_layer"])
      expect(json).not.toHaveProperty(name);
  });

  it("says how positions are told, and is as earlier versions wrote it where it doesn't", () => {
    const rotary = modelConfig({ ...config, n_embd: 12, position_embedding_type: "rotary" });
    const kept = encodeCheckpoint({ config: rotary, parameters: smallParameters("parameters", rotary) });
    expect(decodeCheckpoint(kept).config).toEqual(rotary);
    expect(read({ position_embedding_type: undefined })().config).toEqual(config);
    expect(read({ position_embedding_type: "alibi" })).toThrow(
      'position_embedding_type: "alibi"; expected one of absolute, rotary',
    );
  });

  it("is refused where the encoder is none, or isn't what the weights have", () => {
    expect(read({ encoder_layers: 0 })).toThrow("invalid config.json: encoder_layers: 0");
    expect(read({ encoder_layers: undefined })).toThrow("missing config.json: encoder_layers");
    expect(read({ encoder_layers: 3 })).toThrow("encoder.h.2");
    expect(read({ encoder_layers: 1 })).toThrow("model.safetensors");
    expect(read({ measures: undefined })).toThrow("missing config.json: measures");
    expect(read({ model_type: "gpt2", ...json.measures })).toThrow("model.safetensors");
  });
});
