/** Ids per shard file at most (32 MiB), so that a corpus of any size stays in files that are easy to move. */
export const MOST_IDS_IN_SHARD = 2 ** 24;

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Ids as little-endian uint16 bytes; on most machines a view of the same memory. */
export function idsToBytes(ids: Uint16Array): Uint8Array {
  if (littleEndian) return new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
  const bytes = new Uint8Array(ids.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < ids.length; i++) view.setUint16(2 * i, ids[i], true);
  return bytes;
}

/** The ids that little-endian uint16 bytes stand for, in memory of their own; an odd last byte is left out. */
export function bytesToIds(bytes: Uint8Array): Uint16Array {
  const count = bytes.byteLength >> 1;
  const ids = new Uint16Array(count);
  if (littleEndian) {
    new Uint8Array(ids.buffer).set(bytes.subarray(0, count * 2));
    return ids;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) ids[i] = view.getUint16(2 * i, true);
  return ids;
}
