import { invalid, missing, unknown, unsupported } from "../errors.js";
import {
  type AttentionKind,
  attentionKinds,
  type ModelConfig,
  modelConfig,
  type PositionKind,
  positionKinds,
} from "../model/index.js";
import type { WeightDtype } from "./dtype.js";

type JsonObject = Readonly<Record<string, unknown>>;

/** Bytes of a JSON file as an object. @throws AttaccaError `invalid`, naming the file */
export function parseJsonObject(name: string, bytes: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid(name, "no JSON", "JSON in UTF-8");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(name, "other JSON", "an object");
  }
  return value as JsonObject;
}

const GPT2_MODEL_TYPE = "gpt2";

/** The `model_type` of models with an encoder. */
const ENCODER_MODEL_TYPE = "attacca_encoder_decoder";

/** The `model_type` of models whose attention isn't causal. */
const PREFIX_MODEL_TYPE = "attacca_prefix";

/** The `model_type` of models with rotary positions, whatever their attention; one with an encoder says them beside its own. */
const ROTARY_MODEL_TYPE = "attacca_rotary";

/**
 * `config.json`; for causal attention as `transformers` reads it.
 *
 * With another attention the same weights would compute as a GPT-2 too, and mean nothing; so they would with rotary positions, or with an
 * encoder that nothing runs. So that nobody loads them so by mistake,
 * the type is one that `transformers`' `Auto` classes don't know, and the measures stand in a field of their own, `measures`: a
 * `GPT2LMHeadModel` that is told to load the folder looks for those of GPT-2's default, and ends with an error at their shapes.
 */
export function configFile(
  { attention, encoder_layers, position_embedding_type, ...config }: ModelConfig,
  dtype: WeightDtype,
): JsonObject {
  const torch_dtype = dtype === "f16" ? "float16" : "float32";
  if (encoder_layers > 0) {
    return {
      architectures: ["AttaccaEncoderDecoderLMHeadModel"],
      model_type: ENCODER_MODEL_TYPE,
      encoder_layers,
      position_embedding_type,
      measures: config,
      torch_dtype,
    };
  }
  if (position_embedding_type === "rotary") {
    return {
      architectures: ["AttaccaRotaryLMHeadModel"],
      model_type: ROTARY_MODEL_TYPE,
      position_embedding_type,
      attention,
      measures: config,
      torch_dtype,
    };
  }
  if (attention !== "causal") {
    return {
      architectures: ["AttaccaPrefixLMHeadModel"],
      model_type: PREFIX_MODEL_TYPE,
      attention,
      measures: config,
      torch_dtype,
    };
  }
  return {
    architectures: ["GPT2LMHeadModel"],
    model_type: GPT2_MODEL_TYPE,
    ...config,
    n_ctx: config.n_positions,
    scale_attn_weights: true,
    use_cache: true,
    torch_dtype,
  };
}

/** `generation_config.json` as `transformers` reads it. */
export function generationConfigFile(config: ModelConfig): JsonObject {
  return {
    _from_model_config: true,
    bos_token_id: config.bos_token_id,
    eos_token_id: config.eos_token_id,
    pad_token_id: config.pad_token_id,
    max_length: config.n_positions,
    do_sample: true,
  };
}

/**
 * The configuration that a `config.json` gives: one of GPT-2, ours or saved by `transformers`, or one of ours with another
 * attention, rotary positions or an encoder.
 *
 * @throws AttaccaError `missing`, `invalid` or `unsupported`, naming the field
 */
export function readConfigFile(file: JsonObject): ModelConfig {
  const encoded = file.model_type === ENCODER_MODEL_TYPE;
  const attention = encoded ? "causal" : attentionOf(file);
  const json = file.model_type === GPT2_MODEL_TYPE ? file : measuresOf(file);
  for (const [field, needed] of [
    ["scale_attn_weights", true],
    ["scale_attn_by_inverse_layer_idx", false],
    ["add_cross_attention", false],
    ["tie_word_embeddings", true],
  ] as const) {
    if (json[field] !== undefined && json[field] !== needed) {
      throw unsupported(field, String(json[field]), String(needed));
    }
  }
  const vocabulary = whole(json, "vocab_size");
  return modelConfig({
    vocab_size: vocabulary,
    n_positions: whole(json, "n_positions"),
    n_embd: whole(json, "n_embd"),
    n_layer: whole(json, "n_layer"),
    n_head: whole(json, "n_head"),
    n_inner: json.n_inner == null ? undefined : whole(json, "n_inner"),
    activation_function: activation(json.activation_function),
    layer_norm_epsilon: number(json, "layer_norm_epsilon", 1e-5),
    // What GPT2Config takes where a file says nothing.
    resid_pdrop: number(json, "resid_pdrop", 0.1),
    embd_pdrop: number(json, "embd_pdrop", 0.1),
    attn_pdrop: number(json, "attn_pdrop", 0.1),
    initializer_range: number(json, "initializer_range", 0.02),
    bos_token_id: tokenId(json, "bos_token_id", vocabulary),
    eos_token_id: tokenId(json, "eos_token_id", vocabulary),
    pad_token_id: tokenId(json, "pad_token_id", vocabulary),
    attention,
    position_embedding_type: positionsOf(file),
    encoder_layers: encoded ? encoderLayers(file) : 0,
  });
}

function measuresOf({ measures }: JsonObject): JsonObject {
  if (typeof measures === "object" && measures !== null && !Array.isArray(measures))
    return measures as JsonObject;
  throw missing("measures in config.json", "an object with the model's measures");
}

function encoderLayers(file: JsonObject): number {
  const layers = whole(file, "encoder_layers");
  if (layers > 0) return layers;
  throw invalid("encoder_layers", String(layers), `1 or more in a model_type of ${ENCODER_MODEL_TYPE}`);
}

function attentionOf({ model_type: type, attention }: JsonObject): AttentionKind {
  if (type === GPT2_MODEL_TYPE) {
    if (attention === undefined || attention === "causal") return "causal";
    throw invalid("attention", JSON.stringify(attention), "none, or causal, in a model_type of gpt2");
  }
  if (type !== PREFIX_MODEL_TYPE && type !== ROTARY_MODEL_TYPE)
    throw unsupported(
      "model_type",
      String(type ?? "none"),
      `${GPT2_MODEL_TYPE}, ${PREFIX_MODEL_TYPE}, ${ROTARY_MODEL_TYPE} or ${ENCODER_MODEL_TYPE}`,
    );
  const kinds = attentionKinds.filter((kind) => type === ROTARY_MODEL_TYPE || kind !== "causal");
  const found = kinds.find((kind) => kind === attention);
  if (found === undefined) throw unknown("attention", String(attention ?? "none"), kinds);
  return found;
}

function positionsOf({ model_type: type, position_embedding_type: kind }: JsonObject): PositionKind {
  if (type === ROTARY_MODEL_TYPE) {
    if (kind === "rotary") return kind;
    throw invalid(
      "position_embedding_type",
      JSON.stringify(kind),
      `rotary in a model_type of ${ROTARY_MODEL_TYPE}`,
    );
  }
  // Earlier versions of this package didn't say it.
  if (type !== ENCODER_MODEL_TYPE || kind === undefined) return "absolute";
  const found = positionKinds.find((name) => name === kind);
  if (found === undefined) throw unknown("position_embedding_type", String(kind), positionKinds);
  return found;
}

function whole(json: JsonObject, field: string): number {
  const value = json[field];
  if (value === undefined) throw missing(`${field} in config.json`, "a whole number");
  if (typeof value !== "number") throw invalid(field, JSON.stringify(value), "a whole number");
  return value;
}

function number(json: JsonObject, field: string, otherwise: number): number {
  const value = json[field] ?? otherwise;
  if (typeof value !== "number") throw invalid(field, JSON.stringify(value), "a number");
  return value;
}

/** GPT2Config's own ids (50,256) stand in files of smaller vocabularies too; there they mean nothing. */
function tokenId(json: JsonObject, field: string, vocabulary: number): number | null {
  const value = json[field] ?? null;
  if (value !== null && typeof value !== "number")
    throw invalid(field, JSON.stringify(value), "an id or null");
  return value === null || value >= vocabulary ? null : value;
}

function activation(value: unknown): "gelu_new" {
  // Two names of one function in transformers.
  if (value === undefined || value === "gelu_new" || value === "gelu_pytorch_tanh") return "gelu_new";
  throw unsupported("activation_function", String(value), "gelu_new");
}
