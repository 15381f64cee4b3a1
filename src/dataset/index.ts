export * from "./batch.js";
export * from "./build.js";
export * from "./chorales.js";
export * from "./content.js";
export * from "./evaluation.js";
export * from "./manifest.js";
export * from "./open.js";
export * from "./training.js";
