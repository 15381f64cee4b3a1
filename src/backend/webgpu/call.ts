import * as tf from "@tensorflow/tfjs-core";
import { WEBGPU, type WebGpuBackend } from "./backend.js";
import { type Program, uniformBytes } from "./program.js";
import { THREADS, toFloats } from "./shaders/elementwise.js";

/** A buffer by name: a tensor's, or one that the kernel borrowed. */
export type Bound = GPUBuffer | tf.TensorInfo;

/** One call of a kernel: its tensors, its attributes, what it makes and what it dispatches. */
export class KernelCall {
  private readonly made: tf.TensorInfo[] = [];
  private readonly borrowed: tf.TensorInfo[] = [];
  private readonly settled = new Map<string, tf.TensorInfo>();

  constructor(
    readonly backend: WebGpuBackend,
    readonly inputs: tf.NamedTensorInfoMap,
    readonly attributes: tf.NamedAttrMap,
  ) {}

  /**
   * An input, with values of its own type. tfjs's cast says "the same data, another dtype" where numbers fit into a
   * wider type; then the numbers are converted first.
   */
  input(name: string): tf.TensorInfo {
    const info = this.inputs[name]!;
    if (info.dtype !== "float32" || this.backend.tensorMap.get(info.dataId).dtype === "float32") return info;
    let settled = this.settled.get(name);
    if (settled === undefined) {
      settled = this.scratch(this.size(name));
      const count = this.size(name);
      this.run(toFloats, { count }, { a: info, y: settled }, this.groupsFor(count, THREADS));
      this.settled.set(name, settled);
    }
    return settled;
  }

  /** The shape of an input. */
  shape(name: string): number[] {
    return this.inputs[name]!.shape;
  }

  /** How many values an input has. */
  size(name: string): number {
    return tf.util.sizeFromShape(this.shape(name));
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

  /** How many inputs are named `name` and a number. */
  count(name: string): number {
    let count = 0;
    while (this.inputs[`${name}${count}`] !== undefined) count++;
    return count;
  }

  /** A new tensor for the kernel to fill. */
  output(shape: readonly number[]): tf.TensorInfo {
    const info = this.backend.makeTensorInfo([...shape], "float32");
    this.made.push(info);
    return info;
  }

  /** Numbers until the end of the call; later calls may use their place again, as the device keeps the order. */
  scratch(floats: number): tf.TensorInfo {
    const info = this.backend.makeTensorInfo([floats], "float32");
    this.borrowed.push(info);
    return info;
  }

  /** A tensor that stands for the same values as another one. */
  alias(info: tf.TensorInfo, shape: readonly number[] = info.shape): tf.TensorInfo {
    this.backend.incRef(info.dataId);
    return { dataId: info.dataId, shape: [...shape], dtype: info.dtype };
  }

  /** The input itself if nothing else refers to its data, else a copy: what the kernel may write to. */
  own(name: string): tf.TensorInfo {
    const info = this.input(name);
    const buffer = this.backend.bufferOf(info);
    if (this.backend.refCount(info.dataId) === 1) {
      this.backend.forgetValues(info);
      return this.alias(info);
    }
    const copy = this.output(info.shape);
    this.backend.copy(buffer, this.backend.bufferOf(copy), 4 * this.size(name));
    return copy;
  }

  /**
   * Runs a program.
   *
   * @param uniforms a number for each of its uniforms
   * @param buffers a buffer for each of its reads and writes
   * @param groups workgroups in each dimension; nothing is run where one is 0
   * @param passing the uniforms change from call to call, so they aren't worth keeping
   */
  run(
    program: Program,
    uniforms: Readonly<Record<string, number>>,
    buffers: Readonly<Record<string, Bound>>,
    groups: readonly number[],
    passing = false,
  ): void {
    const [x, y = 1, z = 1] = groups;
    if (x === 0 || y === 0 || z === 0) return;
    const words = uniformBytes(program, uniforms);
    const bound = [...Object.keys(program.reads), ...Object.keys(program.writes)].map((name) => {
      const buffer = buffers[name];
      if (buffer === undefined) throw new Error(`buffer ${name} of ${program.name} isn't given`);
      return "dataId" in buffer ? this.backend.bufferOf(buffer) : buffer;
    });
    const { UNIFORM } = GPUBufferUsage;
    const values = passing ? this.backend.passing(words, UNIFORM) : this.backend.constant(words, UNIFORM);
    this.backend.dispatch(program, [values, ...bound], [x, y, z]);
  }

  /** Workgroups for `count` values of `each` a group, in two dimensions where one is too short. */
  groupsFor(count: number, each: number): [number, number] {
    const groups = Math.ceil(count / each);
    const limit = this.backend.device.limits.maxComputeWorkgroupsPerDimension;
    return groups <= limit ? [groups, 1] : [limit, Math.ceil(groups / limit)];
  }

  /** Gives back what was borrowed, and after a failure what was made as well. */
  finish(failed: boolean): void {
    for (const info of this.borrowed) this.backend.disposeData(info.dataId);
    if (failed) for (const info of this.made) this.backend.disposeData(info.dataId, true);
  }
}

/** Records a kernel's dispatches and gives its outputs. */
export type Kernel = (call: KernelCall) => tf.TensorInfo[];

/** Makes `kernel` the backend's kernel of that name. */
export function register(name: string, kernel: Kernel): void {
  tf.registerKernel({
    kernelName: name,
    backendName: WEBGPU,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const call = new KernelCall(backend as WebGpuBackend, inputs, (attrs ?? {}) as tf.NamedAttrMap);
      call.backend.check();
      let failed = true;
      try {
        const outputs = kernel(call);
        failed = false;
        return outputs;
      } finally {
        call.finish(failed);
      }
    },
  });
}
