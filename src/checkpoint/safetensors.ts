import { invalid, unsupported } from "../errors.js";
import { toHalf } from "../ops/index.js";
import { dtypeBytes, toFloat32 } from "./dtype.js";
import { type HeaderEntry, parseHeader, shown } from "./header.js";

/*
 * The format (github.com/huggingface/safetensors, "Format"): 8 bytes, the header's length N, little-endian; N bytes
 * of UTF-8 JSON, {"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {…}}, which may be padded
 * with spaces; then the data, which the tensors fill without hole or overlap.
 */

/** A tensor in a file: `bytes` are a view of it, little-endian, row by row. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A longer header than any model has; parsing it costs several times its size. */
const LONGEST_HEADER = 2 ** 22;

/**
 * Reads a safetensors file.
 *
 * @throws AttaccaError `invalid` for anything that isn't a whole, well-formed file: lengths past the end, holes,
 *   overlaps, bytes left over, sizes that don't fit the shape, keys that come twice; `unsupported` for types that
 *   the format doesn't know
 */
export function readSafetensors(file: Uint8Array): Safetensors {
  if (file.length < 8) throw invalid("safetensors file", `${file.length} bytes`, "at least 8");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > file.length - 8) {
    throw invalid("safetensors header length", `${length}`, `at most ${file.length - 8}, what the file has`);
  }
  if (length > LONGEST_HEADER)
    throw invalid("safetensors header length", `${length}`, `at most ${LONGEST_HEADER}`);
  const header = parseHeader(decodeText(file.subarray(8, 8 + length)));
  const data = file.subarray(8 + length);
  checkLayout(header.entries, data.length);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, begin, end }] of header.entries) {
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  }
  return { tensors, metadata: header.metadata };
}

function decodeText(bytes: Uint8Array): string {
  if (bytes[0] !== 0x7b) throw invalid("safetensors header", `byte ${bytes[0] ?? "missing"} first`, "{");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("safetensors header", "bytes that aren't UTF-8", "JSON in UTF-8");
  }
}

/** Each tensor as long as its shape says, and all of them side by side from the first byte to the last. */
function checkLayout(entries: ReadonlyMap<string, HeaderEntry>, size: number): void {
  for (const [name, { dtype, shape, begin, end }] of entries) {
    const subject = `tensor ${shown(name)}`;
    if (!Object.hasOwn(dtypeBytes, dtype)) {
      throw unsupported(subject, `type ${shown(dtype)}`, `one of ${Object.keys(dtypeBytes).join(", ")}`);
    }
    const bytes = dtypeBytes[dtype];
    // Past 2⁵³ a product isn't exact, but then it is far past any file's size too, so the comparison still holds.
    const needed = shape.reduce((product, side) => product * side, bytes);
    if (begin > end || end > size) throw invalid(subject, `bytes ${begin} to ${end}`, `within 0 to ${size}`);
    if (end - begin !== needed) {
      throw invalid(subject, `${end - begin} bytes`, `${needed} (${dtype} [${shape.join(", ")}])`);
    }
    if (begin % bytes !== 0) throw invalid(subject, `begins at byte ${begin}`, `a multiple of ${bytes}`);
  }
  const order = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let filled = 0;
  for (const [name, { begin, end }] of order) {
    if (begin !== filled) {
      const what = begin > filled ? "a hole" : "an overlap";
      throw invalid(
        `tensor ${shown(name)}`,
        `begins at byte ${begin}, ${what}`,
        `${filled}, where the one before ends`,
      );
    }
    filled = end;
  }
  if (filled !== size)
    throw invalid("safetensors data", `${size - filled} bytes left over`, "all of it in tensors");
}

/** A tensor to write. */
export interface TensorToStore {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Writes a safetensors file; the tensors keep the map's order, so equal maps give equal bytes.
 *
 * @param dtype "F32" (unless given), or "F16": half the size, rounded to nearest
 * @throws AttaccaError `invalid` if a shape and its values don't fit
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorToStore>,
  metadata: Readonly<Record<string, string>> = {},
  dtype: "F32" | "F16" = "F32",
): Uint8Array<ArrayBuffer> {
  const fields: string[] = [];
  const parts: Uint8Array[] = [];
  if (Object.keys(metadata).length > 0) fields.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let size = 0;
  for (const [name, { shape, values }] of tensors) {
    if (
      shape.reduce((a, b) => a * b, 1) !== values.length ||
      name === "__metadata__" ||
      name === "__proto__"
    ) {
      throw invalid(
        `tensor ${shown(name)}`,
        `${values.length} values`,
        `as many as [${shape}] has, and another name`,
      );
    }
    const bytes =
      dtype === "F16"
        ? new Uint8Array(toHalf(values).buffer)
        : new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const entry = { dtype, shape, data_offsets: [size, size + bytes.length] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    parts.push(bytes);
    size += bytes.length;
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  // Padded so that the data begins at a multiple of 8 and can be mapped into memory.
  const header = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + header + size);
  new DataView(file.buffer).setUint32(0, header, true);
  file.fill(0x20, 8, 8 + header);
  file.set(json, 8);
  let at = 8 + header;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** The values of a stored tensor; see `toFloat32`. */
export function tensorValues(name: string, tensor: StoredTensor): Float32Array<ArrayBuffer> {
  return toFloat32(shown(name), tensor.dtype, tensor.bytes);
}
