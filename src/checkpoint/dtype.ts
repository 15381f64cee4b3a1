import { unsupported } from "../errors.js";
import { fromHalf } from "../ops/index.js";

/** How a checkpoint's weights can be stored: as float32, exactly, or as float16 (IEEE 754 binary16), in half the bytes. */
export type WeightDtype = "f32" | "f16";

/** Every `WeightDtype`. */
export const weightDtypes = ["f32", "f16"] as const satisfies readonly WeightDtype[];

/** Bytes of one value of each type that the format knows. */
export const dtypeBytes: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
};

/**
 * Little-endian values as float32.
 *
 * @throws AttaccaError `unsupported` unless `dtype` is F32, F16 or BF16
 */
export function toFloat32(name: string, dtype: string, bytes: Uint8Array): Float32Array<ArrayBuffer> {
  // Copied: the values may stand anywhere in the file, and typed arrays want alignment.
  const buffer = new Uint8Array(bytes).buffer;
  if (dtype === "F32") return new Float32Array(buffer);
  if (dtype !== "F16" && dtype !== "BF16") throw unsupported(`tensor ${name}`, dtype, "F32, F16 or BF16");
  const halves = new Uint16Array(buffer);
  if (dtype === "F16") return fromHalf(halves);
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
