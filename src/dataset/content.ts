import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { invalid } from "../errors.js";
import { type SplitName, splitNames } from "./manifest.js";
import { idsToBytes } from "./shards.js";

/** Shares of the three splits, in the order of `splitNames`; any unit, e.g. `[90, 5, 5]`. */
export type SplitShares = readonly [train: number, val: number, test: number];

/** Nine pieces in ten to learn from. */
export const defaultSplitShares: SplitShares = [90, 5, 5];

/** SHA-256 of framed streams of ids, in hexadecimal. The begin tokens keep streams apart. */
export function contentHash(streams: readonly Uint16Array[]): string {
  const hash = sha256.create();
  for (const ids of streams) hash.update(idsToBytes(ids));
  return bytesToHex(hash.digest());
}

/** SHA-256 of bytes, in hexadecimal. */
export function bytesHash(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/**
 * The split that a piece belongs to: its hash's first 32 bits as a place between 0 and 1, cut by the shares. So it is
 * the same on every machine and whatever else is in the corpus, and equal pieces stand together.
 */
export function splitOfHash(hash: string, shares: SplitShares): SplitName {
  const place = Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32;
  const whole = shares[0] + shares[1] + shares[2];
  let upTo = 0;
  for (let i = 0; i < splitNames.length; i++) {
    upTo += shares[i];
    if (place < upTo / whole) return splitNames[i];
  }
  return "test";
}

/** Reads shares written as `90,5,5`. @throws AttaccaError `invalid` where they aren't three shares, the first above 0. */
export function parseSplitShares(text: string): SplitShares {
  const parts = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const whole = parts.reduce((sum, share) => sum + share, 0);
  const fine = parts.length === 3 && parts[0] > 0 && parts.every((share) => share >= 0);
  if (!fine || !Number.isFinite(whole)) {
    throw invalid("split", text, "three shares for train, val and test, such as 90,5,5");
  }
  return [parts[0], parts[1], parts[2]];
}
