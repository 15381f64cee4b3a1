import * as tf from "@tensorflow/tfjs-core";
import { AttaccaError, unsupported } from "../../errors.js";
import { describeAdapter, type GpuDescription, infoOf } from "./adapter.js";
import { WEBGPU, WebGpuBackend } from "./backend.js";
import { registerWebGpuKernels } from "./kernels/index.js";

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

let running: { readonly backend: WebGpuBackend; readonly description: GpuDescription } | undefined;

/** Asks for a device, and registers the backend over it. A device that is there and well is kept. */
export async function registerBackend(gpu: GPU, software: boolean): Promise<GpuDescription> {
  if (running !== undefined && running.backend.failure() === undefined) {
    return accepted(running.description, software);
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) {
    throw unsupported("webgpu", "no device", "a GPU whose driver offers Vulkan, Metal or Direct3D 12");
  }
  const description = accepted(await describeAdapter(adapter), software);
  const device = await deviceOf(adapter);
  const backend = new WebGpuBackend(device, await infoOf(adapter));
  running = { backend, description };
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
  const features = ["timestamp-query", "bgra8unorm-storage"] as const;
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
