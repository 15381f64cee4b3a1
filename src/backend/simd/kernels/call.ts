import * as tf from "@tensorflow/tfjs-core";
import { type KernelTimes, SIMD, type SimdBackend } from "../backend.js";
import type { SimdExports } from "../functions.js";

/** One call of a kernel: its tensors by address, its attributes, and the memory that it takes. */
export class KernelCall {
  readonly engine: SimdExports;
  /** Multiplications and additions so far, for profiles. */
  flops = 0;
  private readonly made: tf.TensorInfo[] = [];
  private readonly borrowed: { address: number; bytes: number }[] = [];

  constructor(
    readonly backend: SimdBackend,
    readonly inputs: tf.NamedTensorInfoMap,
    readonly attributes: tf.NamedAttrMap,
  ) {
    this.engine = backend.engine.exports;
  }

  /** The address of an input's values. */
  address(name: string): number {
    return this.backend.addressOf(this.inputs[name]!);
  }

  /** The shape of an input. */
  shape(name: string): number[] {
    return this.inputs[name]!.shape;
  }

  /** How many rows an input has, if its last axis is its width. */
  rowsAndWidth(name: string): { rows: number; width: number } {
    const shape = this.shape(name);
    const width = shape[shape.length - 1];
    return { rows: width === 0 ? 0 : tf.util.sizeFromShape(shape) / width, width };
  }

  /** An attribute that is a number. */
  number(name: string): number {
    return this.attributes[name] as number;
  }

  /** A new tensor for the kernel to fill, and its address. */
  output(shape: readonly number[], dtype: tf.DataType = "float32"): { info: tf.TensorInfo; address: number } {
    const info = this.backend.allocate([...shape], dtype);
    this.made.push(info);
    return { info, address: this.backend.addressOf(info) };
  }

  /** A tensor that stands for the same values as another one. */
  alias(info: tf.TensorInfo, shape: readonly number[] = info.shape): tf.TensorInfo {
    this.backend.incRef(info.dataId);
    return { dataId: info.dataId, shape: [...shape], dtype: info.dtype };
  }

  /** The input itself if nothing else refers to its data, else a copy: what the kernel may write to. */
  own(name: string): tf.TensorInfo {
    const info = this.inputs[name]!;
    if (this.backend.refCount(info.dataId) === 1) return this.alias(info);
    const copy = this.output(info.shape);
    const buffer = this.backend.engine.memory.buffer as ArrayBuffer;
    const bytes = 4 * tf.util.sizeFromShape(info.shape);
    new Uint8Array(buffer, copy.address, bytes).set(new Uint8Array(buffer, this.address(name), bytes));
    return copy.info;
  }

  /** How many inputs are named `name` and a number. */
  count(name: string): number {
    let count = 0;
    while (this.inputs[`${name}${count}`] !== undefined) count++;
    return count;
  }

  /** Memory until the end of the call, in floats. */
  scratch(floats: number): number {
    return this.scratchBytes(4 * floats);
  }

  /** Memory until the end of the call, in bytes. */
  scratchBytes(bytes: number): number {
    const address = this.backend.engine.allocator.allocate(bytes);
    this.borrowed.push({ address, bytes });
    return address;
  }

  /** Memory until the end of the call, so many bytes for each thread. */
  scratchOfThreads(bytes: number): number {
    return this.scratchBytes(bytes * this.backend.engine.threads);
  }

  /** Gives the borrowed memory back, and after a failure what was made as well. */
  finish(failed: boolean): void {
    for (const { address, bytes } of this.borrowed) this.backend.engine.allocator.free(address, bytes);
    if (failed) for (const info of this.made) this.backend.disposeData(info.dataId, true);
  }
}

/** Computes a kernel's outputs. */
export type Kernel = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];

/** Makes `kernel` the engine's kernel of that name. */
export function register(name: string, kernel: Kernel): void {
  tf.registerKernel({
    kernelName: name,
    backendName: SIMD,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const call = new KernelCall(backend as SimdBackend, inputs, (attrs ?? {}) as tf.NamedAttrMap);
      let failed = true;
      const { profile } = call.backend;
      const start = profile === undefined ? 0 : tf.util.now();
      try {
        const stopped = call.backend.engine.failure();
        if (stopped !== undefined) throw stopped;
        const outputs = kernel(call);
        failed = false;
        if (profile !== undefined) note(profile, name, tf.util.now() - start, call.flops);
        return outputs;
      } catch (error) {
        throw call.backend.engine.failure() ?? error;
      } finally {
        call.finish(failed);
      }
    },
  });
}

function note(profile: Map<string, KernelTimes>, name: string, milliseconds: number, flops: number): void {
  const times = profile.get(name) ?? { calls: 0, milliseconds: 0, flops: 0 };
  times.calls++;
  times.milliseconds += milliseconds;
  times.flops += flops;
  profile.set(name, times);
}
