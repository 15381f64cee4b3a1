import { type FileHandle, open, readFile } from "node:fs/promises";
import { formatMetrics, type MetricsRecord, parseMetrics } from "../train/index.js";
import { exists, fileError, writeAtomic } from "./files.js";

/** The growing `metrics.jsonl` of a run. */
export interface MetricsLog {
  /** One more update. It is written when the next one comes, or by `flush`: its evaluation may still come. */
  add(record: MetricsRecord): Promise<void>;
  /** The evaluation after the newest update. */
  evaluated(validationLoss: number): void;
  /** Writes what is held back, and waits until it is on the disk; before a checkpoint is saved. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the log of a run that has done `step` updates: what it says of later ones, which a killed run has done after its
 * last save, is dropped, so that no update is there twice.
 */
export async function openMetricsLog(path: string, step: number): Promise<MetricsLog> {
  const before = await readMetrics(path);
  const kept = before.filter((record) => record.step <= step);
  // The newest record stays open: a run that was stopped before its evaluation does that first.
  let held = kept.pop();
  await writeAtomic(path, kept.map(formatMetrics).join(""));
  const file = await open(path, "a").catch((error) => {
    throw fileError(path, error);
  });
  const writeHeld = async (): Promise<void> => {
    if (held === undefined) return;
    const line = formatMetrics(held);
    held = undefined;
    await append(file, path, line);
  };
  return {
    async add(record) {
      await writeHeld();
      held = record;
    },
    evaluated(validationLoss) {
      if (held !== undefined) held = { ...held, validationLoss };
    },
    async flush() {
      await writeHeld();
      await file.sync();
    },
    async close() {
      await writeHeld();
      await file.close();
    },
  };
}

/** The records of `metrics.jsonl`; none where there is no such file. */
export async function readMetrics(path: string): Promise<MetricsRecord[]> {
  return (await exists(path)) ? parseMetrics(await readFile(path, "utf8")) : [];
}

async function append(file: FileHandle, path: string, line: string): Promise<void> {
  try {
    await file.appendFile(line);
  } catch (error) {
    throw fileError(path, error);
  }
}
