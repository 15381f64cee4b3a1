import { invalid, unknown, unsupported } from "../errors.js";
import { type AttentionKind, attentionKinds, type PositionKind, positionKinds } from "./choices.js";

/** The decoder's measures, named as in Hugging Face's `GPT2Config`. */
export interface ModelConfig {
  /** Number of token ids. */
  readonly vocab_size: number;
  /** Context length: the most positions that the model sees at once. */
  readonly n_positions: number;
  /** Width of the residual stream; a multiple of `n_head`. */
  readonly n_embd: number;
  /** Number of blocks. */
  readonly n_layer: number;
  /** Attention heads of a block. */
  readonly n_head: number;
  /** Width of the feed-forward layer; 4 · n_embd unless given. */
  readonly n_inner: number;
  readonly activation_function: "gelu_new";
  readonly layer_norm_epsilon: number;
  /** Dropout where a block's output joins the stream. */
  readonly resid_pdrop: number;
  /** Dropout of the embedding. */
  readonly embd_pdrop: number;
  /** Dropout of the attention's probabilities. */
  readonly attn_pdrop: number;
  /** Deviation of the initial weights. */
  readonly initializer_range: number;
  readonly tie_word_embeddings: true;
  readonly bos_token_id: number | null;
  readonly eos_token_id: number | null;
  readonly pad_token_id: number | null;
  /** What the positions of a prefix see; other than "causal", the model is no GPT-2. "causal" unless given. */
  readonly attention: AttentionKind;
  /** How positions are told; other than "absolute", the model is no GPT-2. "absolute" unless given. */
  readonly position_embedding_type: PositionKind;
  /**
   * Blocks of an encoder that reads a source, and whose states every block of the decoder attends to; 0 unless given: no encoder.
   * A source has at most `n_positions` ids, of the same vocabulary.
   */
  readonly encoder_layers: number;
}

/** The measures that have no default. */
type Required = "vocab_size" | "n_positions" | "n_embd" | "n_layer" | "n_head";

/**
 * A whole, checked configuration out of the measures given; the others get GPT-2's values (and no dropout).
 *
 * @throws AttaccaError `invalid` or `unsupported`, naming the field
 */
export function modelConfig(given: Pick<ModelConfig, Required> & Partial<ModelConfig>): ModelConfig {
  const config: ModelConfig = {
    vocab_size: given.vocab_size,
    n_positions: given.n_positions,
    n_embd: given.n_embd,
    n_layer: given.n_layer,
    n_head: given.n_head,
    n_inner: given.n_inner ?? 4 * given.n_embd,
    activation_function: given.activation_function ?? "gelu_new",
    layer_norm_epsilon: given.layer_norm_epsilon ?? 1e-5,
    resid_pdrop: given.resid_pdrop ?? 0,
    embd_pdrop: given.embd_pdrop ?? 0,
    attn_pdrop: given.attn_pdrop ?? 0,
    initializer_range: given.initializer_range ?? 0.02,
    tie_word_embeddings: given.tie_word_embeddings ?? true,
    bos_token_id: given.bos_token_id ?? null,
    eos_token_id: given.eos_token_id ?? null,
    pad_token_id: given.pad_token_id ?? null,
    attention: given.attention ?? "causal",
    position_embedding_type: given.position_embedding_type ?? "absolute",
    encoder_layers: given.encoder_layers ?? 0,
  };
  checkConfig(config);
  return config;
}

/** Far above any model that these engines run; keeps products of measures exact. */
const LARGEST = 2 ** 24;

/** Each layer has a dozen names: a hostile file may not make us list millions. */
const MOST_LAYERS = 1024;

function checkConfig(config: ModelConfig): void {
  for (const name of ["vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner"] as const) {
    const value = config[name];
    const most = name === "n_layer" ? MOST_LAYERS : LARGEST;
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw invalid(name, String(value), `a whole number from 1 to ${most}`);
    }
  }
  if (config.n_embd % config.n_head !== 0) {
    throw invalid("n_embd", String(config.n_embd), `a multiple of n_head (${config.n_head})`);
  }
  for (const name of ["resid_pdrop", "embd_pdrop", "attn_pdrop"] as const) {
    const value = config[name];
    if (!(value >= 0 && value < 1)) throw invalid(name, String(value), "0 to below 1");
  }
  for (const name of ["layer_norm_epsilon", "initializer_range"] as const) {
    const value = config[name];
    if (!(value > 0 && value < 1)) throw invalid(name, String(value), "above 0 and below 1");
  }
  for (const name of ["bos_token_id", "eos_token_id", "pad_token_id"] as const) {
    const value = config[name];
    if (value !== null && (!Number.isInteger(value) || value < 0 || value >= config.vocab_size)) {
      throw invalid(name, String(value), `null or an id below ${config.vocab_size}`);
    }
  }
  if (config.activation_function !== "gelu_new") {
    throw unsupported("activation_function", String(config.activation_function), "gelu_new");
  }
  if (!attentionKinds.includes(config.attention)) {
    throw unknown("attention", String(config.attention), attentionKinds);
  }
  checkPositions(config);
  const { encoder_layers: encoder } = config;
  if (!Number.isInteger(encoder) || encoder < 0 || encoder > MOST_LAYERS) {
    throw invalid("encoder_layers", String(encoder), `a whole number from 0 to ${MOST_LAYERS}`);
  }
  if (encoder > 0 && config.attention !== "causal") {
    throw unsupported("attention", `${config.attention} in a model with an encoder`, "causal");
  }
  if (config.tie_word_embeddings !== true) {
    throw unsupported("tie_word_embeddings", String(config.tie_word_embeddings), "true");
  }
}

function checkPositions(config: ModelConfig): void {
  const { position_embedding_type: kind, n_embd: width, n_head: heads, attention } = config;
  if (!positionKinds.includes(kind)) throw unknown("position_embedding_type", String(kind), positionKinds);
  if (kind !== "rotary") return;
  if (attention === "lookahead") {
    throw unsupported("position_embedding_type", "rotary in a model with lookahead keys", "absolute");
  }
  if (width % (2 * heads) !== 0) {
    throw invalid(
      "n_embd",
      String(width),
      `a multiple of ${2 * heads} for rotary positions in ${heads} heads`,
    );
  }
}

/**
 * The id that stands for what isn't known, in models with masked attention: one behind those of the tokenizer.
 *
 * @throws AttaccaError `unsupported` for another model
 */
export function maskIdOf({ attention, vocab_size, encoder_layers: encoder }: ModelConfig): number {
  if (attention === "masked") return vocab_size - 1;
  if (encoder > 0) {
    const use = "It writes voices to a melody: attacca harmonize";
    throw unsupported("filling in", "a model that harmonizes", "one with masked attention", use);
  }
  const hint = "Train one with: attacca train --attention masked";
  throw unsupported("filling in", `a model with ${attention} attention`, "one with masked attention", hint);
}

/** How many numbers the model learns. */
export function parameterCount(config: ModelConfig): number {
  const { n_embd: width, n_inner: inner } = config;
  const norm = 2 * width;
  const projections = config.attention === "lookahead" ? 6 : 3;
  const attention = projections * (width * width + width) + width * width + width;
  const feedForward = 2 * width * inner + inner + width;
  const block = 2 * norm + attention + feedForward;
  const stack = (layers: number, each: number): number =>
    (config.vocab_size + config.n_positions) * width + layers * each + norm;
  if (config.encoder_layers === 0) return stack(config.n_layer, block);
  const cross = norm + 4 * (width * width + width);
  return stack(config.n_layer, block + cross) + stack(config.encoder_layers, block);
}

/** Bytes that a job needs, roughly and rather too many: float32 throughout. */
export interface MemoryEstimate {
  readonly parameters: number;
  /** Gradients and both moments of AdamW; 0 when generating. */
  readonly training: number;
  /** What a batch keeps for its gradient, or the cache when generating. */
  readonly activations: number;
  readonly total: number;
}

/** What training on batches of [batchSize, n_positions] needs, in bytes. */
export function trainingMemory(config: ModelConfig, batchSize: number): MemoryEstimate {
  const { n_embd: width, n_inner: inner, n_positions: time, n_head: heads, n_layer, vocab_size } = config;
  const rows = batchSize * time;
  // A block keeps 12 widths and 3 of the feed-forward layer for its gradient, and the gradients on the way back are
  // 10 and 1 more; then the attention's probabilities, and what dropout left of them.
  // Lookahead keys keep three squares more, and as many widths more as their projections are.
  const lookahead = config.attention === "lookahead";
  const squares = batchSize * heads * time * time * ((config.attn_pdrop > 0 ? 2 : 1) + (lookahead ? 7 : 0));
  // Rotary positions keep queries, keys and values before they are turned, and their gradient.
  const widths = lookahead ? 34 : config.position_embedding_type === "rotary" ? 28 : 22;
  const block = rows * (widths * width + 4 * inner) + squares;
  // Measured on WebAssembly: a quarter more, for copies of operands and room between tensors.
  // As if a source were as long as the window. Each block of the decoder keeps seven widths and a square more for it.
  const cross = config.encoder_layers > 0 ? rows * 7 * width + squares : 0;
  const blocks = (n_layer + config.encoder_layers) * block + n_layer * cross;
  const activations = 1.25 * 4 * (blocks + rows * (4 * width + 4 * vocab_size));
  const parameters = 4 * parameterCount(config);
  return { parameters, training: 3 * parameters, activations, total: 4 * parameters + activations };
}

/** What generating `count` sequences at once with a cache needs, in bytes. */
export function generationMemory(config: ModelConfig, count: number): MemoryEstimate {
  const { n_embd: width, n_positions: time, n_layer, vocab_size, n_inner, n_head } = config;
  const cache = (config.attention === "lookahead" ? 6 : 2) * n_layer * time * width;
  const prompt = time * (8 * width + 3 * n_inner) + 2 * n_head * time * time + vocab_size;
  const activations = 4 * count * (2 * cache + prompt);
  const parameters = 4 * parameterCount(config);
  return { parameters, training: 0, activations, total: parameters + activations };
}
