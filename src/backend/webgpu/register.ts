import * as tf from "@tensorflow/tfjs-core";
import { AttaccaError, unsupported } from "../../errors.js";
import { describeAdapter, type GpuDescription, infoOf } from "./adapter.js";
import { WEBGPU, WebGpuBackend } from "./backend.js";
import { registerWebGpuKernels } from "./kernels/index.js";
import { subgroupsInOrder } from "./subgroups.js";

/** Limits that kernels of tfjs or ours can use more of than WebGPU promises everywhere. */
const LIMITS = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** How WebGPU is made a backend. */
export interface RegisterOptions {
  /** Whether a device that computes on the processor will do, for tests; no unless given. */
  readonly software?: boolean;
  /**
   * Whether sums are computed in subgroups where the device has them; unless given yes, or as before. A device that was
   * started with another answer is given up for a new one, and its tensors are lost.
   */
  readonly subgroups?: boolean;
}

interface Running {
  readonly backend: WebGpuBackend;
  readonly description: GpuDescription;
  readonly subgroups: boolean;
}

let running: Running | undefined;

/** Asks for a device, and registers the backend over it. A device that is there and well is kept. */
export async function registerBackend(
  gpu: GPU,
  { software = false, subgroups = running?.subgroups ?? true }: RegisterOptions,
): Promise<GpuDescription> {
  if (running?.subgroups === subgroups && running.backend.failure() === undefined) {
    return accepted(running.description, software);
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw unsupported("webgpu", "no device", "a GPU whose driver offers Vulkan, Metal or Direct3D 12");
  }
  const description = accepted(await describeAdapter(adapter), software);
  const device = await deviceOf(adapter);
  const inSubgroups = subgroups && (await subgroupsInOrder(device));
  const backend = new WebGpuBackend(device, await infoOf(adapter), inSubgroups);
  running = { backend, description, subgroups };
  registerWebGpuKernels();
  // tfjs's own, which loading its module may have registered, or one whose device was lost.
  if (tf.findBackendFactory(WEBGPU) != null) tf.removeBackend(WEBGPU);
  tf.registerBackend(WEBGPU, () => backend);
  return description;
}

function accepted(description: GpuDescription, software: boolean): GpuDescription {
  if (description.software && !software) {
    throw unsupported("webgpu", `only a device in software (${description.name})`, "a GPU");
  }
  return description;
}

async function deviceOf(adapter: GPUAdapter): Promise<GPUDevice> {
  // "subgroups" is younger than the types of WebGPU.
  const features = ["timestamp-query", "bgra8unorm-storage", "subgroups"] as GPUFeatureName[];
  try {
    return await adapter.requestDevice({
      requiredFeatures: features.filter((name) => adapter.features.has(name)),
      requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    });
  } catch (error) {
    const found = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new AttaccaError("unsupported", { subject: "webgpu device", found, expected: "a device" }, error);
  }
}
