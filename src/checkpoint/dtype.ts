import { unsupported } from "../errors.js";

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
  const words = new Uint32Array(halves.length);
  if (dtype === "BF16") for (let i = 0; i < halves.length; i++) words[i] = halves[i] << 16;
  else for (let i = 0; i < halves.length; i++) words[i] = wordOfHalf(halves[i]);
  return new Float32Array(words.buffer);
}

/** IEEE 754 binary16 → the bits of the same number in binary32. */
function wordOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: shift the first 1 out to the front.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13);
}

/** float32 → binary16, rounded to nearest, ties to even; too large becomes infinite. Little-endian bytes. */
export function toHalf(values: Float32Array): Uint8Array {
  const words = new Uint32Array(Float32Array.from(values).buffer);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) halves[i] = halfOfWord(words[i]);
  return new Uint8Array(halves.buffer);
}

function halfOfWord(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // From 65520 on the nearest half is infinite.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  const exponent = (magnitude >>> 23) - 112;
  const dropped = exponent > 0 ? 13 : 14 - exponent;
  if (dropped > 24) return sign;
  const exact = exponent > 0 ? magnitude - (112 << 23) : (magnitude & 0x7fffff) | 0x800000;
  const half = exact >>> dropped;
  const rest = exact & ((1 << dropped) - 1);
  const middle = 1 << (dropped - 1);
  const up = rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0;
  return sign | (half + up);
}
