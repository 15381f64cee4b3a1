import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type Checkpoint,
  checkpointHash,
  decodeCheckpoint,
  encodeCheckpoint,
  readSafetensors,
  tensorValues,
  writeSafetensors,
} from "../../src/checkpoint/index.js";
import { AttaccaError } from "../../src/errors.js";
import { disposeParameters, forward, parametersFrom } from "../../src/model/index.js";
import { expectNoLeak, readGolden, relativeError, rowsOf, testedBackends, useBackend } from "../tensors.js";
import { smallConfig, smallParameters } from "./build.js";

const whole: Checkpoint = {
  config: smallConfig,
  parameters: smallParameters(),
  tokenizer: { tokenization: "REMI", config: { num_velocities: 8 } },
  training: { step: 12, seed: 3, best: { step: 10, loss: 1.25 } },
  optimizer: { step: 12, first: smallParameters("first"), second: smallParameters("second") },
};

const json = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** The checkpoint's files with one of them changed. */
function changed(name: string, bytes: Uint8Array | undefined): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>(encodeCheckpoint(whole));
  if (bytes === undefined) files.delete(name);
  else files.set(name, bytes);
  return files;
}

/** The files with other tensors in one of them. */
function withTensors(
  name: string,
  change: (tensors: Map<string, { shape: readonly number[]; values: Float32Array }>) => void,
): Map<string, Uint8Array> {
  const { tensors, metadata } = readSafetensors(encodeCheckpoint(whole).get(name)!);
  const stored = new Map(
    [...tensors].map(
      ([key, tensor]) => [key, { shape: tensor.shape, values: tensorValues(key, tensor) }] as const,
    ),
  );
  change(stored as Map<string, { shape: readonly number[]; values: Float32Array }>);
  return changed(name, writeSafetensors(stored, Object.fromEntries(metadata)));
}

function message(files: Map<string, Uint8Array>): string {
  try {
    decodeCheckpoint(files);
  } catch (error) {
    expect(error).toBeInstanceOf(AttaccaError);
    return (error as AttaccaError).message;
  }
  throw new Error("the checkpoint was read");
}

describe("a checkpoint", () => {
  it("comes back from its files whole", () => {
    expect(decodeCheckpoint(encodeCheckpoint(whole))).toEqual(whole);
  });

  it("needs no tokenizer, training state or optimizer", () => {
    const bare = { config: whole.config, parameters: whole.parameters };
    const files = encodeCheckpoint(bare);
    expect([...files.keys()].sort()).toEqual(["config.json", "generation_config.json", "model.safetensors"]);
    const read = decodeCheckpoint(files);
    expect(read.parameters).toEqual(bare.parameters);
    expect(read.optimizer).toBeUndefined();
  });

  it("gives the same bytes every time, and a hash that follows the weights alone", () => {
    const files = encodeCheckpoint(whole);
    expect(encodeCheckpoint(whole)).toEqual(files);
    expect(checkpointHash(files)).toMatch(/^[0-9a-f]{64}$/);
    expect(checkpointHash(encodeCheckpoint({ ...whole, training: undefined }))).toBe(checkpointHash(files));
    const other = encodeCheckpoint({ ...whole, parameters: smallParameters("other") });
    expect(checkpointHash(other)).not.toBe(checkpointHash(files));
  });

  it("is named and laid out as Hugging Face's GPT-2, without the head", () => {
    const files = encodeCheckpoint(whole);
    expect(json(files.get("config.json")!)).toMatchObject({
      architectures: ["GPT2LMHeadModel"],
      model_type: "gpt2",
      n_embd: 6,
      bos_token_id: null,
      eos_token_id: 3,
    });
    const { tensors, metadata } = readSafetensors(files.get("model.safetensors")!);
    expect(metadata.get("format")).toBe("pt");
    expect(tensors.get("transformer.h.0.attn.c_attn.weight")?.shape).toEqual([6, 18]);
    expect([...tensors.keys()].every((name) => name.startsWith("transformer."))).toBe(true);
    expect(tensors.size).toBe(2 + 2 * 12 + 2);
  });

  it("stores weights in float16 where asked to, says so in its config, and keeps moments exact", () => {
    const files = encodeCheckpoint(whole, { dtype: "f16" });
    expect(json(files.get("config.json")!).torch_dtype).toBe("float16");
    expect(json(encodeCheckpoint(whole).get("config.json")!).torch_dtype).toBe("float32");
    const { tensors } = readSafetensors(files.get("model.safetensors")!);
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(["F16"]));
    const read = decodeCheckpoint(files);
    expect(read.optimizer).toEqual(whole.optimizer);
    let moved = 0;
    for (const [name, values] of whole.parameters) {
      const rounded = read.parameters.get(name)!;
      for (const [i, value] of values.entries()) {
        // Half of the last place of an 11-bit fraction, or of the smallest subnormal.
        expect(Math.abs(rounded[i] - value)).toBeLessThanOrEqual(
          Math.max(Math.abs(value) * 2 ** -11, 2 ** -25),
        );
        if (rounded[i] !== value) moved++;
      }
    }
    expect(moved).toBeGreaterThan(0);
    // Rounded numbers are halves: once more changes nothing.
    expect(encodeCheckpoint({ ...whole, ...read }, { dtype: "f16" })).toEqual(files);
  });

  it("refuses a weight that float16 would make infinite", () => {
    const parameters = new Map(whole.parameters).set("ln_f.bias", new Float32Array(6).fill(-65_520));
    expect(() => encodeCheckpoint({ ...whole, parameters }, { dtype: "f16" })).toThrow(
      "invalid tensor ln_f.bias: -65520; expected at most 65,504 in f16",
    );
    parameters.set("ln_f.bias", new Float32Array(6).fill(65_519));
    const files = encodeCheckpoint({ ...whole, parameters }, { dtype: "f16" });
    expect(decodeCheckpoint(files).parameters.get("ln_f.bias")).toEqual(new Float32Array(6).fill(65_504));
  });

  it("can't be written with a parameter or moment missing", () => {
    const parameters = new Map(whole.parameters);
    parameters.delete("ln_f.bias");
    expect(() => encodeCheckpoint({ ...whole, parameters })).toThrow("missing transformer.ln_f.bias");
    const optimizer = { ...whole.optimizer!, second: parameters };
    expect(() => encodeCheckpoint({ ...whole, optimizer })).toThrow("missing second.ln_f.bias");
  });

  it.each<[string, Map<string, Uint8Array>, string]>([
    ["no config", changed("config.json", undefined), "missing config.json"],
    ["no weights", changed("model.safetensors", undefined), "missing model.safetensors"],
    [
      "a config that isn't JSON",
      changed("config.json", text(1).subarray(0, 0)),
      "invalid config.json: no JSON",
    ],
    ["a config that is a list", changed("config.json", text([])), "invalid config.json: other JSON"],
    ["another model", changed("config.json", text({ model_type: "llama" })), "llama"],
    ["a measure missing", changed("config.json", text({ model_type: "gpt2" })), "vocab_size in config.json"],
    [
      "weights cut short",
      changed("model.safetensors", encodeCheckpoint(whole).get("model.safetensors")!.subarray(0, 999)),
      "model.safetensors",
    ],
    [
      "a tokenizer that isn't JSON",
      changed("tokenizer.json", Uint8Array.of(255)),
      "invalid tokenizer.json: no JSON",
    ],
    [
      "a tensor missing",
      withTensors("model.safetensors", (tensors) => tensors.delete("transformer.ln_f.bias")),
      "missing model.safetensors: tensor transformer.ln_f.bias",
    ],
    [
      "a tensor too many",
      withTensors("model.safetensors", (tensors) =>
        tensors.set("transformer.h.2.ln_1.bias", { shape: [1], values: Float32Array.of(1) }),
      ),
      "h.2.ln_1.bias",
    ],
    [
      "a tensor of another shape",
      withTensors("model.safetensors", (tensors) =>
        tensors.set("transformer.ln_f.bias", { shape: [2, 3], values: new Float32Array(6) }),
      ),
      "[2,3]; expected [6]",
    ],
    [
      "a head of its own",
      withTensors("model.safetensors", (tensors) =>
        tensors.set("lm_head.weight", { shape: [11, 6], values: new Float32Array(66) }),
      ),
      "lm_head.weight: other values",
    ],
    [
      "a moment missing",
      withTensors("optimizer.safetensors", (tensors) => tensors.delete("second.wpe.weight")),
      "missing optimizer.safetensors: tensor second.wpe.weight",
    ],
    [
      "a third moment",
      withTensors("optimizer.safetensors", (tensors) =>
        tensors.set("third.x", { shape: [1], values: Float32Array.of(1) }),
      ),
      "third.x",
    ],
    ["an optimizer without its step", changed("optimizer.safetensors", writeSafetensors(new Map())), "step"],
  ])("with %s is refused", (_, files, expected) => {
    expect(message(files)).toContain(expected);
  });

  it.each([
    ["scale_attn_weights", false],
    ["scale_attn_by_inverse_layer_idx", true],
    ["add_cross_attention", true],
    ["tie_word_embeddings", false],
    ["activation_function", "relu"],
    ["n_head", 4],
    ["n_embd", "6"],
    ["eos_token_id", [1, 2]],
    ["resid_pdrop", "0.1"],
  ])("whose config says %s: %j is refused", (field, value) => {
    const config = json(encodeCheckpoint(whole).get("config.json")!);
    expect(message(changed("config.json", text({ ...config, [field]: value })))).toContain(field);
  });
});

describe("a folder that transformers saved", () => {
  const folder = new URL("../golden/checkpoint/saved-by-transformers/", import.meta.url);
  const files = new Map<string, Uint8Array>(
    readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder))]),
  );
  const golden = readGolden("checkpoint/saved-by-transformers-logits.safetensors").tensors;
  const variant = (name: string) =>
    new Map(files).set(
      "model.safetensors",
      readFileSync(new URL(`../golden/checkpoint/${name}.safetensors`, import.meta.url)),
    );

  it.each(testedBackends)("gives the same logits on %s", async (backend) => {
    await useBackend(backend);
    expectNoLeak(() => {
      const { config, parameters } = decodeCheckpoint(files);
      const variables = parametersFrom(config, parameters);
      const logits = forward(variables, config, rowsOf(golden.get("ids")!));
      expect(relativeError(logits.dataSync(), golden.get("logits")!.values)).toBeLessThan(1e-5);
      logits.dispose();
      disposeParameters(variables);
    });
  });

  it("reads the same without prefix, with the head and with mask buffers", () => {
    expect(decodeCheckpoint(variant("loose"))).toEqual(decodeCheckpoint(files));
  });

  it("reads half precision", () => {
    const half = decodeCheckpoint(variant("half")).parameters;
    for (const [name, values] of decodeCheckpoint(files).parameters) {
      expect(relativeError(half.get(name)!, values), name).toBeLessThan(2 ** -11);
    }
  });

  it("may name ids past its vocabulary, as GPT-2's defaults do", () => {
    const config = { ...json(files.get("config.json")!), bos_token_id: 50_256, eos_token_id: 50_256 };
    const read = decodeCheckpoint(new Map(files).set("config.json", text(config)));
    expect([read.config.bos_token_id, read.config.eos_token_id]).toEqual([null, null]);
  });
});
