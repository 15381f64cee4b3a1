export * from "./files.js";
export * from "./interrupt.js";
