export * from "./checkpoint.js";
export * from "./dataset.js";
export * from "./files.js";
export * from "./interrupt.js";
export * from "./tokenize.js";
export * from "./tokenize-files.js";
export * from "./tokenizer-file.js";
