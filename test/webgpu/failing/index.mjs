// The package `webgpu`, whose device is lost once FAIL_AFTER buffers have been read back.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const real = await import(pathToFileURL(join(process.env.REAL_WEBGPU, "index.js")).href);
export const { create, globals } = real;

const { GPUAdapter, GPUBuffer } = globals;
const { requestDevice } = GPUAdapter.prototype;
const { mapAsync } = GPUBuffer.prototype;
let device;
let reads = 0;

GPUAdapter.prototype.requestDevice = async function (...options) {
  device = await requestDevice.apply(this, options);
  return device;
};

GPUBuffer.prototype.mapAsync = function (...range) {
  if (++reads === Number(process.env.FAIL_AFTER)) device.destroy();
  return mapAsync.apply(this, range);
};
