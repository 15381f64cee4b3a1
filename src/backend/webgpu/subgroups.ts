/** Workgroups that programs have. */
const SIZES = [64, 128, 256];

const code = (threads: number): string => `enable subgroups;
@group(0) @binding(0) var<storage, read_write> strange: atomic<u32>;
@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(subgroup_size) lanes: u32,
        @builtin(subgroup_invocation_id) lane: u32) {
  let first = subgroupBroadcastFirst(thread);
  if (lanes < 4u || thread % lanes != lane || first + lane != thread) { atomicAdd(&strange, 1u); }
}`;

/**
 * Whether a device has subgroups of four threads or more, and a workgroup's threads fill them in their own order. WGSL
 * doesn't promise that order, and sums over a workgroup need it, so the device is asked by a program.
 */
export async function subgroupsInOrder(device: GPUDevice): Promise<boolean> {
  if (!device.features.has("subgroups" as GPUFeatureName)) return false;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const counted = device.createBuffer({ size: 4, usage: STORAGE | COPY_SRC });
  const found = device.createBuffer({ size: 4, usage: MAP_READ | COPY_DST });
  device.pushErrorScope("validation");
  const encoder = device.createCommandEncoder();
  for (const threads of SIZES) {
    const module = device.createShaderModule({ code: code(threads) });
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    const pass = encoder.beginComputePass();
    const entries = [{ binding: 0, resource: { buffer: counted } }];
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    // More than one workgroup, as the last of some might be filled another way.
    pass.dispatchWorkgroups(3);
    pass.end();
  }
  encoder.copyBufferToBuffer(counted, 0, found, 0, 4);
  device.queue.submit([encoder.finish()]);
  const failure = await device.popErrorScope();
  try {
    if (failure !== null) return false;
    await found.mapAsync(GPUMapMode.READ);
    return new Uint32Array(found.getMappedRange())[0] === 0;
  } finally {
    counted.destroy();
    found.destroy();
  }
}
