import { describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/checkpoint/index.js";
import { attentionKinds, modelConfig } from "../../src/model/index.js";
import { smallConfig, smallParameters } from "./build.js";

const filesOf = (attention: (typeof attentionKinds)[number] = "causal") => {
  const config = modelConfig({ ...smallConfig, n_embd: 12, attention, position_embedding_type: "rotary" });
  return { config, files: encodeCheckpoint({ config, parameters: smallParameters("parameters", config) }) };
};

const jsonOf = (files: ReadonlyMap<string, Uint8Array>): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(files.get("config.json")));

describe("rotary positions in a checkpoint", () => {
  it.each(attentionKinds.filter((kind) => kind !== "lookahead"))(
    "come back with %s attention",
    (attention) => {
      const { config, files } = filesOf(attention);
      expect(decodeCheckpoint(files).config).toEqual(config);
    },
  );

  it("are in a config in which nothing is where a GPT-2's is", () => {
    const json = jsonOf(filesOf().files);
    expect(json).toMatchObject({
      model_type: "attacca_rotary",
      position_embedding_type: "rotary",
      attention: "causal",
    });
    for (const name of ["vocab_size", "n_positions", "n_embd", "n_layer"])
      expect(json).not.toHaveProperty(name);
  });

  it("are refused where they are damaged", () => {
    const { files } = filesOf();
    const json = jsonOf(files);
    const read = (change: Record<string, unknown>) => () =>
      decodeCheckpoint(
        new Map(files).set("config.json", new TextEncoder().encode(JSON.stringify({ ...json, ...change }))),
      );
    expect(read({ position_embedding_type: "absolute" })).toThrow(
      'invalid config.json: position_embedding_type: "absolute"; expected rotary in a model_type of attacca_rotary',
    );
    expect(read({ attention: "both" })).toThrow('unknown config.json: attention: "both"');
    expect(read({ attention: "lookahead" })).toThrow("rotary in a model with lookahead keys");
    expect(read({ measures: undefined })).toThrow("missing config.json: measures");
  });
});
