export * from "./continue.js";
export * from "./cut.js";
export type { PromptOptions } from "./cut-prompt.js";
export {
  createDecoder,
  type DecodeMode,
  type Decoder,
  decodeModes,
  type LanguageModel,
  type Sequence,
} from "./decoder.js";
export * from "./generate.js";
export type { PromptPreparation } from "./preparation.js";
export * from "./sampling.js";
export * from "./transforms.js";
export * from "./verify.js";
export * from "./window.js";
