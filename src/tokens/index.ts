export * from "./chorale.js";
export * from "./registry.js";
export type * from "./tokenizer.js";
