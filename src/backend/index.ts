export { type BackendName, backendNames } from "./choices.js";
export { type BackendChoice, chooseBackend, type EngineStarter, type EngineStarters } from "./choose.js";
export { registerTensorFlowKernels } from "./tensorflow/index.js";
