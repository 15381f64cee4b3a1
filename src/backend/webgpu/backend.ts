import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { AttaccaError, unsupported } from "../../errors.js";
import { type Compiled, compile, type Program } from "./program.js";

/** The backend's name in tfjs. */
export const WEBGPU = "webgpu";

/** What tfjs's backend keeps to itself, and kernels of ours need to take part in its queue. */
interface Queue {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
}

/** Dispatches that are submitted together: few enough that the device begins early, and many enough to cost little. */
const BATCH = 32;
/** Free buffers are kept for later use up to so many bytes, or as many as are in use. */
const SPARE = 256 * 2 ** 20;
/** Small buffers of constant content that are kept. */
const CONSTANTS = 4096;

/** tfjs's backend on a device, with a queue that kernels of ours share, and with failures that are said. */
export class WebGpuBackend extends WebGPUBackend {
  private stopped: AttaccaError | undefined;
  private readonly pipelines = new Map<string, Compiled>();
  private readonly constants = new Map<string, GPUBuffer>();
  private readonly internals = this as unknown as Queue;

  /** @param subgroups whether programs add up in subgroups; see `subgroupsInOrder` */
  constructor(
    device: GPUDevice,
    info: GPUAdapterInfo,
    private readonly subgroups: boolean,
  ) {
    super(device, info);
    device.lost.then(({ reason, message }) => {
      if (!this.closed) this.stop("webgpu device", `it was lost (${message || reason})`);
    });
    device.onuncapturederror = (event: GPUUncapturedErrorEvent) => {
      // Said by whoever asks next; the device would print it as well.
      (event as unknown as { preventDefault(): void }).preventDefault();
      const { error } = event;
      const spent = typeof GPUOutOfMemoryError === "function" && error instanceof GPUOutOfMemoryError;
      this.stop(spent ? "memory of the webgpu device" : "call of the webgpu device", error.message.trim());
    };
  }

  private closed = false;

  private stop(subject: string, found: string): void {
    const memory = subject.startsWith("memory");
    this.stopped ??= new AttaccaError("unsupported", {
      subject,
      found: memory
        ? `${found.split("\n")[0]}; ${this.memory().numBytesInGPU} bytes are in use`
        : found.split("\n")[0],
      expected: memory ? "buffers that it has room for" : "a device that computes to the end",
      hint: memory
        ? "Use a smaller batch, context or model"
        : "Start again; what was saved before is whole. --backend simd computes without it",
    });
  }

  /** Why nothing is computed any more: the device was lost, or has no memory left. */
  failure(): AttaccaError | undefined {
    return this.stopped;
  }

  /** Throws what `failure` says, if anything. */
  check(): void {
    if (this.stopped !== undefined) throw this.stopped;
  }

  /** The buffer of a tensor, on the device. */
  bufferOf({ dataId }: tf.TensorInfo): GPUBuffer {
    this.uploadToGPU(dataId);
    return this.tensorMap.get(dataId).resource as GPUBuffer;
  }

  /** The values of a tensor that has never been on the device. */
  valuesOf({ dataId }: tf.TensorInfo): ArrayLike<number> | undefined {
    return (this.tensorMap.get(dataId).values as ArrayLike<number> | null) ?? undefined;
  }

  /** What was read of a tensor before is no longer what it holds. */
  forgetValues({ dataId }: tf.TensorInfo): void {
    (this.tensorMap.get(dataId) as { values: unknown }).values = null;
  }

  /** Refuses a buffer that the device can't bind, before it is made. */
  checkSize(bytes: number): void {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    if (bytes <= limit) return;
    throw unsupported(
      "memory of the webgpu device",
      `a tensor of ${bytes} bytes`,
      `at most ${limit} bytes each`,
      "Use a smaller batch, context or model",
    );
  }

  override uploadToGPU(dataId: object): void {
    const { resource, shape } = this.tensorMap.get(dataId);
    if (resource == null) this.checkSize(4 * tf.util.sizeFromShape(shape));
    super.uploadToGPU(dataId);
  }

  /** A buffer with these words, kept for the next call that wants the same. */
  constant(words: Uint32Array, usage: number): GPUBuffer {
    const key = `${usage}:${words.join()}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    // Those let go are freed once no command refers to them.
    if (this.constants.size >= CONSTANTS) this.constants.clear();
    const buffer = this.device.createBuffer({ size: words.byteLength, usage, mappedAtCreation: true });
    new Uint32Array(buffer.getMappedRange()).set(words);
    buffer.unmap();
    this.constants.set(key, buffer);
    return buffer;
  }

  /** A buffer with these words until the commands so far have run. */
  passing(words: Uint32Array<ArrayBuffer>, usage: number): GPUBuffer {
    const buffer = this.bufferManager.acquireBuffer(words.byteLength, usage | GPUBufferUsage.COPY_DST);
    this.queue.writeBuffer(buffer, 0, words);
    this.internals.uniformPendingDisposal.push(buffer);
    return buffer;
  }

  /** Records one dispatch, after those recorded before. */
  dispatch(program: Program, buffers: readonly GPUBuffer[], groups: readonly [number, number, number]): void {
    let compiled = this.pipelines.get(program.name);
    if (compiled === undefined) {
      compiled = compile(this.device, program, this.subgroups);
      this.pipelines.set(program.name, compiled);
    }
    const bindGroup = this.device.createBindGroup({
      layout: compiled.layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    this.ensureCommandEncoderReady();
    const queue = this.internals;
    queue.computePassEncoder ??= queue.commandEncoder!.beginComputePass();
    queue.computePassEncoder.setPipeline(compiled.pipeline);
    queue.computePassEncoder.setBindGroup(0, bindGroup);
    queue.computePassEncoder.dispatchWorkgroups(...groups);
    queue.dispatchCountInPass++;
    if (queue.dispatchCountInPass >= BATCH) {
      this.endComputePassEncoder();
      this.submitQueue();
    }
  }

  /** Records a copy of a whole buffer's first bytes. */
  copy(from: GPUBuffer, to: GPUBuffer, bytes: number): void {
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.internals.commandEncoder!.copyBufferToBuffer(from, 0, to, 0, bytes);
  }

  override submitQueue(): void {
    super.submitQueue();
    this.trim();
  }

  /** Gives up free buffers past what is worth keeping, those of the sizes asked for longest ago first. */
  private trim(): void {
    const manager = this.bufferManager as unknown as {
      freeBuffers: Map<string, GPUBuffer[]>;
      numFreeBuffers: number;
      numBytesAllocated: number;
      numBytesUsed: number;
    };
    let spare = manager.numBytesAllocated - manager.numBytesUsed;
    const limit = Math.max(SPARE, manager.numBytesUsed);
    for (const buffers of manager.freeBuffers.values()) {
      while (spare > limit && buffers.length > 0) {
        const buffer = buffers.pop()!;
        spare -= buffer.size;
        manager.numBytesAllocated -= buffer.size;
        manager.numFreeBuffers--;
        buffer.destroy();
      }
    }
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    this.check();
    let values: tf.backend_util.BackendValues;
    try {
      values = await super.read(dataId);
    } catch (error) {
      // The device says why in a message of its own, which may come after this one.
      await Promise.race([this.device.lost, Promise.resolve()]);
      throw this.stopped ?? error;
    }
    this.check();
    return values;
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const { values, dtype } = this.tensorMap.get(dataId);
    if (values == null && dtype !== "string" && !("OffscreenCanvas" in globalThis)) {
      throw unsupported("dataSync on webgpu", "a device that is read later", "await tensor.data()");
    }
    return super.readSync(dataId);
  }

  override dispose(): void {
    this.closed = true;
    super.dispose();
    this.device.destroy();
  }
}
