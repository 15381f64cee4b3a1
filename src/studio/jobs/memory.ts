import { invalid } from "../../errors.js";

/** What the engine's memory can grow to in a page; see `StartSimdOptions`. */
const LIMIT = { isolated: 4 * 2 ** 30, single: 2 ** 30 } as const;

/**
 * Refuses work that the engine's memory can't hold.
 *
 * @throws AttaccaError `invalid`
 */
export function checkMemory(bytes: number, subject: string): void {
  const limit = crossOriginIsolated ? LIMIT.isolated : LIMIT.single;
  if (bytes <= 0.9 * limit) return;
  const mebibytes = (size: number): string => `${Math.round(size / 2 ** 20).toLocaleString("en-GB")} MiB`;
  throw invalid(subject, `about ${mebibytes(bytes)}`, `${mebibytes(limit)} at most in a tab`);
}
