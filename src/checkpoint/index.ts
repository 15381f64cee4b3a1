export {
  type Checkpoint,
  type CheckpointFiles,
  checkpointFileNames,
  checkpointHash,
  decodeCheckpoint,
  encodeCheckpoint,
  type OptimizerState,
} from "./checkpoint.js";
export { type WeightDtype, weightDtypes } from "./dtype.js";
export {
  readSafetensors,
  type Safetensors,
  type StoredTensor,
  type TensorToStore,
  tensorValues,
  writeSafetensors,
} from "./safetensors.js";
