export {
  type Checkpoint,
  type CheckpointFiles,
  checkpointFileNames,
  checkpointHash,
  decodeCheckpoint,
  encodeCheckpoint,
  type OptimizerState,
} from "./checkpoint.js";
export {
  readSafetensors,
  type Safetensors,
  type StoredTensor,
  type TensorToStore,
  tensorValues,
  writeSafetensors,
} from "./safetensors.js";
