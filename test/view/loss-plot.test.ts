import { describe, expect, it } from "vitest";
import { type LossRecord, lossPlot } from "../../src/view/index.js";
import { niceTicks } from "../../src/view/loss-plot.js";

function run(steps: number): LossRecord[] {
  return Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    loss: 2 + 3 / (i + 1),
    ...((i + 1) % 10 === 0 ? { validationLoss: 2.5 + 1 / (i + 1) } : {}),
  }));
}

describe("the loss plot", () => {
  it("draws both curves, with axes and what they measure", () => {
    const svg = lossPlot(run(40), { title: "chorales & <more>" });
    expect(svg).toContain('class="curve train"');
    expect(svg.match(/validation-point" cx/g)).toHaveLength(4);
    expect(svg).toContain("nats a token");
    expect(svg).toContain('<title id="title">chorales &amp; &lt;more&gt;</title>');
    expect(svg).toContain("Lowest validation loss: 2.525 at update 40.");
    expect(svg).toContain("prefers-color-scheme:dark");
  });

  it("holds no character that XML doesn't allow", () => {
    expect(lossPlot(run(2), { title: "a\u0001b" })).toContain('<title id="title">a\uFFFDb</title>');
  });

  it("puts the first and the last validation loss where the axes say", () => {
    // One evaluation at the last of 10 updates: its x is the right edge, 720 − 24.
    const svg = lossPlot(run(10));
    expect(svg).toMatch(/validation-point" cx="696"/);
  });

  it("stays small and inside its frame for long runs", () => {
    const svg = lossPlot(run(50_000));
    expect(svg.length).toBeLessThan(600_000);
    const train = svg.match(/class="curve train" d="M([^"]+)"\/>\n/)![1].split("L");
    expect(train.length).toBeLessThanOrEqual(300);
    for (const point of train) {
      const [x, y] = point.split(" ").map(Number);
      expect(x).toBeGreaterThanOrEqual(60);
      expect(x).toBeLessThanOrEqual(696);
      expect(y).toBeGreaterThanOrEqual(64);
      expect(y).toBeLessThanOrEqual(352);
    }
  });

  it("takes an evaluation after every one of very many updates", () => {
    const records = Array.from({ length: 200_000 }, (_, i) => ({ step: i + 1, loss: 2, validationLoss: 3 }));
    expect(lossPlot(records)).toContain("Lowest validation loss: 3.000 at update 1.");
  });

  it.each([[[]], [run(1)]])("has no NaN with nothing or little to draw", (records) => {
    expect(lossPlot(records)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("chooses round ticks", () => {
    expect(niceTicks(0, 1000, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(niceTicks(0.31, 0.49, 6)).toEqual([0.3, 0.35, 0.4, 0.45, 0.5]);
    expect(niceTicks(3, 3, 4)).toEqual([3, 4]);
  });
});
