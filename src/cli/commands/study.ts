import { z } from "zod";
import { unknown } from "../../errors.js";
import { arms, budgets, settingNames } from "../../study/choices.js";
import { defineCommand, Interrupted, type JsonObject, UsageError } from "../command.js";
import { threadsOption, useThreads } from "../engine.js";
import { counted, type Progress, type Terminal } from "../terminal.js";

const options = z.object({
  setting: z
    .enum(settingNames)
    .default("small")
    .describe("measures of the models, steps and seeds; pilot shows in a minute that all goes through"),
  out: z
    .string()
    .min(1, "a folder")
    .optional()
    .describe("folder of the records, tables and training runs (default: runs/study-SETTING)"),
  seeds: z
    .number()
    .int("a whole number")
    .min(1, "1 or more")
    .max(100, "100 at most")
    .optional()
    .describe("training runs of each arm, from seed 0 on (default: the setting's)"),
  arms: z
    .string()
    .optional()
    .describe(`arms, as A,B (default: all of ${arms.join(", ")})`),
  budgets: z
    .string()
    .optional()
    .describe(`what is made equal (default: all of ${budgets.join(", ")})`),
  report: z
    .boolean()
    .default(false)
    .describe("make only the tables and plots, of the records in the folder that is given"),
  threads: threadsOption,
});

export const studyCommand = defineCommand({
  name: "study",
  summary: "compare kinds of attention at equal cost: trains, scores, makes tables",
  positionals: { name: "folder", description: "dataset; with --report: a study's records", count: "one" },
  options,
  examples: [
    ["attacca study data/chorales --setting pilot", "a minute, to see that it goes through"],
    [
      "attacca study data/chorales --out runs/study --seeds 2 --arms A,A0,B",
      "a part; goes on where it stopped",
    ],
    ["attacca study --report docs/study/small", "tables and plots anew"],
  ],
  async run({ options, positionals, terminal, signal }) {
    const [folder] = positionals;
    if (options.report) return report(folder, terminal);
    const part = {
      arms: chosen("arm", options.arms, arms),
      budgets: chosen("budget", options.budgets, budgets),
    };
    await useThreads(options.threads, "simd");
    const out = options.out ?? `runs/study-${options.setting}`;
    const { runStudy } = await import("../../node/study.js");
    let bar: Progress | undefined;
    let training = "";
    try {
      for await (const event of runStudy({ ...options, ...part, data: folder, out, signal })) {
        if (event.type === "costs") terminal.note("measuring what a step of each arm costs");
        else if (event.type === "plan") {
          terminal.note(`${counted(event.runs, "run")}, ${event.done} of them done; records: ${out}`);
        } else if (event.type === "step") {
          if (training !== event.training) bar?.stop();
          if (training !== event.training || bar === undefined) bar = terminal.progress(event.steps, "steps");
          training = event.training;
          bar.update(event.step, `· ${training}`);
        } else if (event.type === "record") {
          bar?.stop();
          bar = undefined;
          const { name, test } = event.record;
          terminal.note(`${name}: ${test.nllPerToken.toFixed(4)} nats a token of the test split`);
        } else if (event.type === "end" && event.reason === "interrupted") {
          throw new Interrupted(
            `interrupted; ${counted(event.done, "run")} done. The same command goes on from here`,
          );
        }
      }
    } finally {
      bar?.stop();
    }
    return report(out, terminal);
  },
});

/** Some of the known names, in their order; undefined where nothing is said. */
function chosen<Name extends string>(
  what: string,
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",");
  const wrong = names.find((name) => !known.some((one) => one === name));
  if (wrong !== undefined) throw new UsageError(unknown(what, wrong, known).message);
  return known.filter((one) => names.includes(one));
}

async function report(folder: string, terminal: Terminal): Promise<JsonObject> {
  const { reportStudy } = await import("../../node/study.js");
  const { files, runs } = await reportStudy(folder);
  terminal.print(`${counted(runs, "run")}: ${files.join(", ")}`);
  return { folder, runs, files };
}
