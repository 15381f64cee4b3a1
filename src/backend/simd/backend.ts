import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { SimdEngine } from "./engine.js";

/** The backend's name in tfjs. */
export const SIMD = "simd";

type Values = tf.backend_util.BackendValues;

interface ComplexParts {
  readonly real: tf.TensorInfo;
  readonly imag: tf.TensorInfo;
}

/** A tensor's data: a block of the engine's memory, seen through `values` as tfjs's CPU kernels want it. */
class SimdData {
  refCount = 1;
  complexTensorInfos?: ComplexParts;
  /** What doesn't live in the engine's memory: strings. */
  private outside?: Values;

  constructor(
    private readonly engine: SimdEngine,
    readonly dtype: tf.DataType,
    readonly length: number,
    readonly address: number,
  ) {}

  get bytes(): number {
    return byteLength(this.dtype, this.length);
  }

  get values(): Values | undefined {
    if (this.dtype === "complex64") return undefined;
    if (this.dtype === "string") return this.outside;
    const buffer = this.engine.memory.buffer as ArrayBuffer;
    if (this.dtype === "float32") return new Float32Array(buffer, this.address, this.length);
    if (this.dtype === "int32") return new Int32Array(buffer, this.address, this.length);
    return new Uint8Array(buffer, this.address, this.length);
  }

  set values(values: Values | undefined) {
    if (values === undefined || values === null) return;
    if (this.dtype === "string") this.outside = values;
    else if (this.dtype !== "complex64") (this.values as Float32Array).set(values as Float32Array);
  }
}

function byteLength(dtype: tf.DataType, length: number): number {
  if (dtype === "string" || dtype === "complex64") return 0;
  return dtype === "bool" ? length : 4 * length;
}

/** What the calls of one kernel came to. */
export interface KernelTimes {
  calls: number;
  milliseconds: number;
  /** Multiplications and additions of its products of matrices; 0 where it has none. */
  flops: number;
}

/**
 * tfjs's backend on the engine: tensors are blocks of its memory. It is a CPU backend whose data happen to lie
 * there, so every kernel of tfjs's CPU backend runs on it; kernels of the engine stand in their place where there
 * are some.
 */
export class SimdBackend extends MathBackendCPU {
  /** Filled by kernel name while it is there. */
  profile?: Map<string, KernelTimes>;
  private readonly entries: tf.DataStorage<SimdData>;

  constructor(readonly engine: SimdEngine) {
    super();
    this.entries = new tf.DataStorage<SimdData>(this, tf.engine());
    this.data = this.entries as unknown as MathBackendCPU["data"];
    // In Node the CPU backend greets with an advertisement on its first write.
    (this as unknown as { firstUse: boolean }).firstUse = false;
  }

  /** The address of a tensor's first value. */
  addressOf(info: tf.TensorInfo): number {
    return this.entries.get(info.dataId).address;
  }

  /** A tensor whose values are still to be written. */
  allocate(shape: number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    this.entries.set(dataId, this.entryOf(shape, dtype));
    return { dataId, shape, dtype };
  }

  /**
   * The same tensor, with values of its own type. tfjs's CPU kernels say "the same data, another dtype" where numbers
   * fit into a wider type; in JavaScript's arrays that makes no difference, in memory it does.
   */
  settle(info: tf.TensorInfo): tf.TensorInfo {
    const entry = this.entries.get(info.dataId);
    if (entry.dtype === info.dtype) return info;
    const settled = this.makeTensorInfo(info.shape, info.dtype, entry.values);
    this.disposeData(info.dataId);
    return settled;
  }

  private entryOf(shape: number[], dtype: tf.DataType): SimdData {
    const length = tf.util.sizeFromShape(shape);
    const address = this.engine.allocator.allocate(byteLength(dtype, length));
    return new SimdData(this.engine, dtype, length, address);
  }

  override write(values: Values, shape: number[], dtype: tf.DataType): object {
    const info = this.allocate(shape, dtype);
    this.entries.get(info.dataId).values = values;
    return info.dataId;
  }

  override move(dataId: object, values: Values, shape: number[], dtype: tf.DataType, refCount: number): void {
    const entry = this.entryOf(shape, dtype);
    entry.values = values;
    entry.refCount = refCount;
    this.entries.set(dataId, entry);
  }

  override readSync(dataId: object): Values {
    const values = super.readSync(dataId);
    // A copy: the block will be another tensor's when this one is disposed of.
    return ArrayBuffer.isView(values) ? (values as Float32Array).slice() : values;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.entries.has(dataId)) return true;
    const entry = this.entries.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    const parts = entry.complexTensorInfos;
    if (parts !== undefined) {
      this.disposeData(parts.real.dataId, true);
      this.disposeData(parts.imag.dataId, true);
    }
    this.engine.allocator.free(entry.address, entry.bytes);
    this.entries.delete(dataId);
    return true;
  }

  /** True numbers: `bytesUsed`, `bytesPeak`, `bytesReserved` and `byteLimit` of the engine's memory. */
  override memory(): {
    unreliable: boolean;
    reasons: string[];
    bytesUsed: number;
    bytesPeak: number;
    bytesReserved: number;
    byteLimit: number;
  } {
    const { used, peak, reserved, limit } = this.engine.allocator.use();
    return {
      unreliable: false,
      reasons: [],
      bytesUsed: used,
      bytesPeak: peak,
      bytesReserved: reserved,
      byteLimit: limit,
    };
  }

  override dispose(): void {
    this.engine.close();
  }
}
