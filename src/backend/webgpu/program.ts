import { reductions, subgroupReductions } from "./shaders/reductions.js";

/** What a value of a buffer is in WGSL. */
export type Element = "f32" | "i32" | "u32";

/** Buffers by name. */
export type Buffers = Readonly<Record<string, Element>>;

/**
 * A compute shader: what it binds, and its code. Uniforms come first (as `u.NAME`), then the buffers that it reads,
 * then those that it writes, each under its name.
 */
export interface Program {
  /** Names the compiled pipeline: two programs of one name are the same. */
  readonly name: string;
  readonly uniforms: Readonly<Record<string, "u32" | "f32">>;
  readonly reads: Buffers;
  readonly writes: Buffers;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** It adds up over a workgroup: has `totalOf`, `largestOf`, `totalsOf` and `shares`; see shaders/reductions.ts. */
  readonly reduces?: boolean;
  /** Functions and shared memory. */
  readonly declarations?: string;
  /** The body of the entry point, which sees `group`, `groups` (workgroups a dimension) and `thread` (its index). */
  readonly body: string;
}

/** The program as WGSL, for a device that has subgroups or one that hasn't. */
export function shaderCode(program: Program, subgroups: boolean): string {
  const { uniforms, reads, writes, threads, reduces = false, declarations = "", body } = program;
  const inSubgroups = reduces && subgroups;
  const fields = Object.entries(uniforms).map(([name, type]) => `${name}: ${type}`);
  const buffers = [
    ...Object.entries(reads).map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    ...Object.entries(writes).map(([name, type]) => `var<storage, read_write> ${name}: array<${type}>;`),
  ];
  return `${inSubgroups ? "enable subgroups;\nvar<private> laneCount: u32;" : ""}
struct Uniforms { ${fields.join(", ")} }
@group(0) @binding(0) var<uniform> u: Uniforms;
${buffers.map((text, i) => `@group(0) @binding(${i + 1}) ${text}`).join("\n")}
${reduces ? (inSubgroups ? subgroupReductions : reductions)(threads) : ""}
${declarations}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32${inSubgroups ? ", @builtin(subgroup_size) lanes: u32" : ""}) {
${inSubgroups ? "laneCount = lanes;" : ""}
${body}
}`;
}

/** A program's pipeline on a device. */
export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Compiles a program; `subgroups` as `shaderCode` has it. */
export function compile(device: GPUDevice, program: Program, subgroups: boolean): Compiled {
  const { name, reads, writes } = program;
  const types: GPUBufferBindingType[] = [
    "uniform",
    ...Object.keys(reads).map(() => "read-only-storage" as const),
    ...Object.keys(writes).map(() => "storage" as const),
  ];
  const layout = device.createBindGroupLayout({
    label: name,
    entries: types.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } })),
  });
  const module = device.createShaderModule({ label: name, code: shaderCode(program, subgroups) });
  const pipeline = device.createComputePipeline({
    label: name,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main" },
  });
  return { pipeline, layout };
}

/** `GPUShaderStage.COMPUTE`, which isn't a global where no device was ever asked for. */
const COMPUTE = 4;

/** The values of a program's uniforms as bytes, each a word of its own, padded to whole vectors of four. */
export function uniformBytes(
  program: Program,
  values: Readonly<Record<string, number>>,
): Uint32Array<ArrayBuffer> {
  const names = Object.keys(program.uniforms);
  const words = new Uint32Array(4 * Math.max(1, Math.ceil(names.length / 4)));
  const floats = new Float32Array(words.buffer);
  names.forEach((name, i) => {
    const value = values[name];
    if (value === undefined) throw new Error(`uniform ${name} of ${program.name} isn't given`);
    if (program.uniforms[name] === "f32") floats[i] = value;
    else words[i] = value;
  });
  return words;
}
