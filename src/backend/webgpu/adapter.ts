/** A device that WebGPU offers, for people and for choosing. */
export interface GpuDescription {
  /** As its driver calls it, e.g. "nvidia NVIDIA H100". */
  readonly name: string;
  /** It computes on the processor: slower than the engines that are made for that. */
  readonly software: boolean;
  /** Bytes that one tensor may have. */
  readonly largestTensor: number;
  /** Bytes of memory that the threads of a workgroup share. */
  readonly sharedMemory: number;
  /** What of the optional features it has, of those that matter to computing. */
  readonly features: readonly string[];
}

/** Drivers that are programs. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp\b/i;

/** What an adapter says of itself; browsers of different age say it in different places. */
interface Informed {
  readonly info?: GPUAdapterInfo & { readonly isFallbackAdapter?: boolean };
  readonly isFallbackAdapter?: boolean;
  requestAdapterInfo?(): Promise<GPUAdapterInfo>;
}

/** The adapter's info, as tfjs's backend wants it. */
export async function infoOf(adapter: GPUAdapter): Promise<GPUAdapterInfo> {
  const informed = adapter as unknown as Informed;
  return informed.info ?? ((await informed.requestAdapterInfo?.()) as GPUAdapterInfo);
}

/** Describes an adapter. */
export async function describeAdapter(adapter: GPUAdapter): Promise<GpuDescription> {
  const info = await infoOf(adapter);
  const { vendor = "", architecture = "", device = "", description = "" } = info ?? {};
  const words = [vendor, description || device || architecture].filter((word) => word !== "");
  const { isFallbackAdapter } = adapter as unknown as Informed;
  const fallback = isFallbackAdapter ?? (info as Informed["info"])?.isFallbackAdapter ?? false;
  return {
    name: words.join(" ").trim() || "a device without a name",
    software: fallback || SOFTWARE.test([vendor, architecture, device, description].join(" ")),
    largestTensor: Math.min(adapter.limits.maxStorageBufferBindingSize, adapter.limits.maxBufferSize),
    sharedMemory: adapter.limits.maxComputeWorkgroupStorageSize,
    features: ["subgroups", "shader-f16", "timestamp-query"].filter((name) => adapter.features.has(name)),
  };
}
