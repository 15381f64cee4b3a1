import { invalid } from "../errors.js";

/** One line of `metrics.jsonl`: one update of the weights. */
export interface MetricsRecord {
  /** The update's number, from 1. */
  readonly step: number;
  /** Mean negative log-likelihood of the update's counted tokens, nats a token. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global L2 norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** Tokens read a second, in this update alone. */
  readonly tokensPerSecond: number;
  /** Mean negative log-likelihood of the validation split after this update, where it was evaluated. */
  readonly validationLoss?: number;
}

/** The line of a record, with its newline. */
export function formatMetrics(record: MetricsRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/**
 * Reads `metrics.jsonl`. A last line without its newline is what a crash left of a write, and is dropped.
 *
 * @throws AttaccaError `invalid`, naming the line
 */
export function parseMetrics(text: string): MetricsRecord[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, index) => {
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch {
      record = undefined;
    }
    if (!isRecord(record)) throw invalid(`metrics, line ${index + 1}`, line.slice(0, 80), "a metrics record");
    return record;
  });
}

function isRecord(value: unknown): value is MetricsRecord {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Record<string, unknown>;
  return typeof record.step === "number" && typeof record.loss === "number";
}
