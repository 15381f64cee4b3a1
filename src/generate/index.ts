export * from "./sampling.js";
export * from "./transforms.js";
