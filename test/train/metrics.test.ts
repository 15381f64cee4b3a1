import { describe, expect, it } from "vitest";
import { formatMetrics, type MetricsRecord, parseMetrics } from "../../src/train/index.js";

function run(steps: number): MetricsRecord[] {
  return Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    loss: 2 + 3 / (i + 1),
    learningRate: 1e-3,
    gradientNorm: 1,
    tokensPerSecond: 100,
    ...((i + 1) % 10 === 0 ? { validationLoss: 2.5 + 1 / (i + 1) } : {}),
  }));
}

describe("metrics", () => {
  const text = run(3).map(formatMetrics).join("");

  it("read back as they were written", () => {
    expect(parseMetrics(text)).toEqual(run(3));
  });

  it("lose only the line that a crash cut off", () => {
    expect(parseMetrics(text.slice(0, -5)).map((record) => record.step)).toEqual([1, 2]);
  });

  it("name the line that is no record", () => {
    expect(() => parseMetrics('{"step":1,"loss":2}\nnonsense\n')).toThrow(/metrics, line 2: nonsense/);
  });
});
