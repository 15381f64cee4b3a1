export type * from "./score.js";
