import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";
import { makeTinyDataset, type TinyDataset } from "./tiny-dataset.js";

let tiny: TinyDataset;
const part = "--setting pilot --seeds 1 --arms A,A0,B --budgets steps --threads 1".split(" ");
const study = (out: string, ...more: string[]) => ["study", tiny.data, ...part, "--out", out, ...more];
const recordsIn = (out: string) => readdir(join(out, "runs"));

beforeAll(async () => {
  tiny = await makeTinyDataset();
});
afterAll(() => tiny.remove());

describe("attacca study", () => {
  it("stops at Ctrl-C, goes on, and makes its tables", async () => {
    const out = join(tiny.folder, "study");
    let sent = false;
    const cut = await runCli(study(out), {
      onStderr(text, kill) {
        if (!sent && text.includes("A0-steps-s0")) {
          sent = true;
          kill("SIGINT");
        }
      },
    });
    expect([cut.code, cut.stderr]).toEqual([130, expect.stringContaining("goes on from here")]);
    const early = await recordsIn(out);
    expect(early).toContain("A-s0.json");
    expect(early.length).toBeLessThan(3);
    const first = await readFile(join(out, "runs", "A-s0.json"), "utf8");

    const rest = await runCli(study(out, "--json"));
    expect(rest.code, rest.stderr).toBe(0);
    expect(JSON.parse(rest.stdout)).toMatchObject({ folder: out, runs: 3 });
    expect(await readFile(join(out, "runs", "A-s0.json"), "utf8")).toBe(first);
    // One layer: with the same draws, attention in both directions is the causal one seen from the last position.
    const lossOf = async (name: string): Promise<number> =>
      JSON.parse(await readFile(join(out, "runs", `${name}.json`), "utf8")).test.nllPerToken;
    expect(await lossOf("B-steps-s0")).toBeCloseTo(await lossOf("A0-steps-s0"), 4);

    const tables = await readFile(join(out, "tables.md"), "utf8");
    expect(tables).toMatch(/^\| A: causal \| 1 \| 40 \|/m);
    expect(tables).toMatch(/^\| B less A0: .* \| steps \| [+−]0\.000/m);
    await writeFile(join(out, "tables.md"), "");
    const again = await runCli(["study", "--report", out]);
    expect(again.code, again.stderr).toBe(0);
    expect(await readFile(join(out, "tables.md"), "utf8")).toBe(tables);

    // A study that is older than an arm: its costs are measured when it goes on.
    const setting = join(out, "setting.json");
    const { costs } = JSON.parse(await readFile(setting, "utf8"));
    const { K, ...older } = costs;
    expect(K.flops).toBeGreaterThan(costs.A.flops);
    await writeFile(
      setting,
      JSON.stringify({ ...JSON.parse(await readFile(setting, "utf8")), costs: older }),
    );
    expect((await runCli(study(out))).code).toBe(0);
    const { costs: now } = JSON.parse(await readFile(setting, "utf8"));
    expect(now).toEqual({ ...older, K: { flops: K.flops, seconds: expect.any(Number) } });

    const other = await runCli(["study", tiny.data, "--setting", "small", "--out", out]);
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("study of the setting pilot")]);
  });

  it("says what is wrong with what it is given", async () => {
    const arm = await runCli(["study", tiny.data, "--arms", "A,Z"]);
    expect([arm.code, arm.stderr]).toEqual([2, expect.stringContaining("Z")]);
    const budget = await runCli(["study", tiny.data, "--budgets", "money"]);
    expect([budget.code, budget.stderr]).toEqual([2, expect.stringContaining("money")]);
    const folder = await runCli(["study", "--report", join(tiny.folder, "nowhere")]);
    expect([folder.code, folder.stderr]).toEqual([1, expect.stringContaining("setting.json")]);
    const broken = join(tiny.folder, "broken");
    await mkdir(join(broken, "runs"), { recursive: true });
    await writeFile(join(broken, "setting.json"), "{}");
    await writeFile(join(broken, "runs", "A-s0.json"), "[]");
    const record = await runCli(["study", "--report", broken]);
    expect([record.code, record.stderr]).toEqual([1, expect.stringContaining("A-s0.json")]);
  });
});
