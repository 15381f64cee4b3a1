import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";

describe("the tables and plots of docs/performance.md", () => {
  it("are what the raw results say", () => {
    const report = () =>
      execFileSync(process.execPath, ["test/bench/report.mjs", "--check"], { stdio: "pipe" });
    expect(report).not.toThrow();
  });
});
