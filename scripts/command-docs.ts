/** Writes docs/commands.md from the commands' schemas: `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "#built/cli/command.js";
import { commands } from "#built/cli/commands/index.js";
import { describeOptions, type OptionDescription } from "#built/cli/options.js";

export const docsPath = fileURLToPath(new URL("../../docs/commands.md", import.meta.url));

/** The page, from what the commands say of themselves. */
export function commandDocs(): string {
  return [
    "# Commands",
    "",
    "Written by `npm run docs` from the schemas in `src/cli/commands`; help and config files come from the same.",
    "Every command also takes `--config FILE` (a JSON object of options by their field names; flags are stronger) and `--json`",
    "(one JSON object on stdout and nothing else). Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
    "",
    ...commands.flatMap(section),
  ].join("\n");
}

function section(command: Command): string[] {
  const words = command.positionals
    ? ` ${{ one: "<$>", many: "<$…>", any: "[$…]" }[command.positionals.count].replace("$", command.positionals.name)}`
    : "";
  return [
    `## attacca ${command.name}${words}`,
    "",
    `${command.summary}`,
    "",
    ...(command.positionals
      ? [`\`${command.positionals.name}\`: ${command.positionals.description}`, ""]
      : []),
    ...optionTable(describeOptions(command)),
    ...command.examples.flatMap(([line, does]) => [`- \`${line.replace("$0", "attacca")}\`: ${does}`]),
    "",
  ];
}

function optionTable(options: readonly OptionDescription[]): string[] {
  if (options.length === 0) return [];
  return [
    "| flag | config field | value | default | what it does |",
    "| --- | --- | --- | --- | --- |",
    ...options.map((option) => {
      const value = option.choices?.join(", ") ?? option.type;
      const fallback =
        option.default === undefined ? (option.required ? "needed" : "") : `\`${option.default}\``;
      const cells = [`\`${option.flag}\``, `\`${option.field}\``, value, fallback, option.description];
      return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    }),
    "",
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = commandDocs();
  if (process.argv.includes("--check")) {
    if (readFileSync(docsPath, "utf8") !== page) {
      process.stderr.write("docs/commands.md is not what the schemas say; run npm run docs\n");
      process.exitCode = 1;
    }
  } else writeFileSync(docsPath, page);
}
