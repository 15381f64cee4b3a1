import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineCommand } from "../../src/cli/command.js";
import { commands } from "../../src/cli/commands/index.js";
import { describeOptions, resolveOptions } from "../../src/cli/options.js";

const command = defineCommand({
  name: "try",
  summary: "tries",
  options: z.object({
    out: z.string().describe("where to"),
    batchSize: z.number().int().min(1).default(8).describe("windows a step"),
    decode: z.enum(["cached", "recompute"]).default("cached").describe("how"),
    greedy: z.boolean().default(false).describe("no sampling"),
  }),
  examples: [],
  run: async () => ({}),
});

describe("describeOptions", () => {
  it("reads flag, type, choices, default and need off the schema", () => {
    expect(describeOptions(command).map((o) => [o.flag, o.type, o.choices, o.default, o.required])).toEqual([
      ["--out", "string", undefined, undefined, true],
      ["--batch-size", "number", undefined, 8, false],
      ["--decode", "string", ["cached", "recompute"], "cached", false],
      ["--greedy", "boolean", undefined, false, false],
    ]);
  });
});

describe("groups of options", () => {
  it("name options that there are, each once, and leave none out", () => {
    for (const { groups, options } of commands) {
      if (groups === undefined) continue;
      const grouped = groups.flatMap(([, fields]) => fields);
      expect([...grouped].sort()).toEqual(Object.keys(options.shape).sort());
    }
  });
});

describe("resolveOptions", () => {
  it("lays flags over config over defaults", () => {
    const options = resolveOptions(command, { out: "a", batchSize: 2 }, { batchSize: 4, greedy: true });
    expect(options).toEqual({ out: "a", batchSize: 2, decode: "cached", greedy: true });
  });

  it("reads numbers in flags' text", () => {
    expect(resolveOptions(command, { out: "a", batchSize: "16" })).toMatchObject({ batchSize: 16 });
  });

  it.each([
    [{}, {}, "missing option --out: expected where to"],
    [{ out: "a", batchSize: "x" }, {}, 'option --batch-size: "x"; expected a number'],
    [{ out: "a", batchSize: "" }, {}, 'option --batch-size: ""; expected a number'],
    [{ out: "a", batchSize: "Infinity" }, {}, "option --batch-size: Infinity; expected a number"],
    [{ out: 5 }, {}, "option --out: 5; expected text"],
    [{ out: "a" }, { greedy: "yes" }, 'field greedy: "yes"; expected true or false'],
    [{ out: "a" }, { decode: "fast" }, 'field decode: "fast"; expected one of cached, recompute'],
    [{ out: "a" }, { batchSize: null }, "field batchSize: null; expected a number"],
    [{ out: "a", batchSize: 0 }, {}, "option --batch-size: 0"],
    [{ out: "a" }, { batchSize: "many" }, 'c.json, field batchSize: "many"'],
    [{ out: "a" }, { batches: 1 }, 'unknown field in c.json: "batches"'],
  ])("names what is wrong: %j %j", (flags, config, message) => {
    expect(() => resolveOptions(command, flags, config, "c.json")).toThrow(message);
  });
});
