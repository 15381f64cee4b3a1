import { z } from "zod";
import { backendNames } from "../../backend/choices.js";
import type { BackendReport } from "../../node/backends.js";
import { defineCommand, Interrupted } from "../command.js";
import { threadsOption } from "../engine.js";
import type { Terminal } from "../terminal.js";

const options = z.object({
  seconds: z
    .number()
    .min(0, "0 or more")
    .max(60, "60 at most")
    .default(1)
    .describe("seconds of each of two measurements an engine; 0 only lists them"),
  threads: threadsOption,
});

export const backendsCommand = defineCommand({
  name: "backends",
  summary: "list the engines that can compute here, and measure each for a moment",
  options,
  examples: [
    ["attacca backends", "which engines run here, how fast, and which one auto takes"],
    ["attacca backends --seconds 0", "only which, without measuring"],
  ],
  async run({ options, terminal, signal }) {
    const { reportBackend } = await import("../../node/backends.js");
    const { chooseBackend } = await import("../../node/backend.js");
    const reports: BackendReport[] = [];
    for (const name of backendNames) {
      if (signal.aborted) throw new Interrupted();
      try {
        const report = await reportBackend(name, { ...options, signal });
        printReport(report, terminal);
        reports.push(report);
      } catch (error) {
        if (signal.aborted) throw new Interrupted();
        throw error;
      }
    }
    const auto = await chooseBackend("auto", options);
    terminal.print(`\nauto takes ${auto.name}: ${auto.why}`);
    if (options.seconds > 0) {
      terminal.note(
        "A model of 0.4 million parameters, so a GPU shows little of what it can: see attacca bench.",
      );
    }
    return { backends: reports, auto: auto.name, why: auto.why };
  },
});

function printReport(
  { name, runs, what, details, training, generating }: BackendReport,
  terminal: Terminal,
): void {
  const { bold, dim } = terminal.style;
  terminal.print(
    `${runs ? bold(name.padEnd(11)) : dim(name.padEnd(11))}${runs ? "" : "doesn't run here: "}${what}`,
  );
  const facts = Object.entries(details).map(([key, value]) => factText(key, value));
  const said = facts.filter((fact) => fact !== undefined);
  if (said.length > 0) terminal.print(`           ${said.join(", ")}`);
  if (training === undefined || generating === undefined) return;
  terminal.print(`           training ${speed(training)}, generating ${speed(generating)}`);
}

/** One detail for people; undefined for what the line above says already. */
function factText(key: string, value: BackendReport["details"][string]): string | undefined {
  const size = (bytes: number): string =>
    bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.round(bytes / 2 ** 10)} KiB`;
  switch (key) {
    case "threads":
      return `${value} ${value === 1 ? "thread" : "threads"}`;
    case "build":
      return `build ${value}`;
    case "memoryLimit":
      return `up to ${size(value as number)} of memory`;
    case "largestTensor":
      return `tensors up to ${size(value as number)}`;
    case "sharedMemory":
      return `${size(value as number)} shared by a workgroup`;
    case "features":
      return (value as readonly string[]).length === 0
        ? undefined
        : `has ${(value as readonly string[]).join(", ")}`;
    default:
      return undefined;
  }
}

function speed(tokensPerSecond: number): string {
  return `${Math.round(tokensPerSecond).toLocaleString("en-GB")} tokens/s`;
}
