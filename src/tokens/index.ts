export type * from "./tokenizer.js";
