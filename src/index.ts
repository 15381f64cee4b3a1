export * from "./dataset/index.js";
export * from "./errors.js";
export * from "./midi/index.js";
export * from "./random.js";
export * from "./tokens/index.js";
