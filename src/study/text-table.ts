import type { Interval } from "./bootstrap.js";

export const mean = (numbers: readonly number[]): number =>
  numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** A Markdown table whose first column is text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** 1234567 → 1,234,567, whatever the machine's language. */
export const groupDigits = (value: number): string => Math.round(value).toLocaleString("en-GB");

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;

export function intervalText({ mean: value, low, high }: Interval): string {
  return `${signed(value)} (${signed(low)} to ${signed(high)})`;
}

/** What an interval of a difference in loss says: nothing where it holds 0. */
export function verdict({ low, high }: Interval): string {
  if (low > 0) return "worse";
  return high < 0 ? "better" : "no difference found";
}
