export { type BackendName, backendNames } from "./choices.js";
export { type BackendChoice, chooseBackend } from "./choose.js";
