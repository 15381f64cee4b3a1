import { describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/checkpoint/index.js";
import { type AttentionKind, attentionKinds, modelConfig } from "../../src/model/index.js";
import { smallConfig, smallParameters } from "./build.js";

const filesOf = (attention: AttentionKind) => {
  const config = modelConfig({ ...smallConfig, attention });
  return encodeCheckpoint({ config, parameters: smallParameters("parameters", config) });
};

const jsonOf = (files: ReadonlyMap<string, Uint8Array>): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(files.get("config.json")));

function withConfig(json: unknown): Map<string, Uint8Array> {
  return new Map<string, Uint8Array>(filesOf("full")).set(
    "config.json",
    new TextEncoder().encode(JSON.stringify(json)),
  );
}

describe("the attention of a checkpoint", () => {
  it.each(attentionKinds)("%s comes back with everything else", (attention) => {
    expect(decodeCheckpoint(filesOf(attention)).config).toEqual({ ...smallConfig, attention });
  });

  // That transformers fails on it was seen with 5.x: ValueError from AutoConfig, RuntimeError from GPT2LMHeadModel.
  it.each(["full", "bar", "lookahead"] as const)(
    "%s is in a config in which nothing is where a GPT-2's is",
    (attention) => {
      const json = jsonOf(filesOf(attention));
      expect(json).toMatchObject({ model_type: "attacca_prefix", attention });
      const causal = jsonOf(filesOf("causal"));
      expect(causal).toMatchObject({ model_type: "gpt2", n_embd: 6 });
      expect(causal).not.toHaveProperty("attention");
      for (const name of ["vocab_size", "n_positions", "n_embd", "n_layer"]) {
        expect(json).not.toHaveProperty(name);
      }
    },
  );

  it("is refused where it isn't known or stands in a GPT-2's config", () => {
    const json = jsonOf(filesOf("full"));
    const read = (change: Record<string, unknown>) => () =>
      decodeCheckpoint(withConfig({ ...json, ...change }));
    expect(read({ attention: "both" })).toThrow(
      'unknown config.json: attention: "both"; expected one of full, bar, lookahead',
    );
    expect(read({ attention: undefined })).toThrow("unknown config.json: attention");
    expect(read({ attention: "causal" })).toThrow("unknown config.json: attention");
    expect(read({ measures: [1] })).toThrow("missing config.json: measures");
    expect(read({ model_type: "llama" })).toThrow("unsupported config.json: model_type: llama");
    const causal = jsonOf(filesOf("causal"));
    const damaged = withConfig({ ...causal, attention: "full" });
    expect(() => decodeCheckpoint(damaged)).toThrow("invalid config.json: attention");
  });
});
