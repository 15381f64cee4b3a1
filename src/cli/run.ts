import yargs, { type Argv } from "yargs";
import { AttaccaError, invalid, missing, unknown } from "../errors.js";
import { readJson } from "../node/files.js";
import { interruptSignal } from "../node/interrupt.js";
import { packageVersion } from "../node/version.js";
import { type Command, Interrupted, UsageError, usage } from "./command.js";
import { commands } from "./commands/index.js";
import { describeOptions, resolveOptions, yargsOptions } from "./options.js";
import { createTerminal, terminalWidth } from "./terminal.js";

/** Exit codes; other tools rely on them. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Runs one command line (without `node` and the program's name) and gives the exit code. Never throws on bad input. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.done;
  const ignoreClosedPipe = (error: NodeJS.ErrnoException): void => {
    // `attacca inspect x.mid | head` closes our stdout: that is no failure.
    if (error.code === "EPIPE") process.exit(exitCodes.done);
    throw error;
  };
  process.stdout.on("error", ignoreClosedPipe);
  const parser = buildParser(argv, async (command, parsed) => {
    code = await runCommand(command, parsed);
  });
  try {
    await parser.parseAsync();
  } catch (error) {
    return report(asUsage(error, argv), argv.includes("--json"));
  }
  return code;
}

function buildParser(
  argv: readonly string[],
  run: (command: Command, parsed: Record<string, unknown>) => Promise<void>,
): Argv {
  const parser = yargs([...argv])
    .scriptName("attacca")
    .usage("$0 <command> [options]\n\nLearns from MIDI files and goes on where a piece stops.")
    .version(packageVersion())
    // "duplicate-arguments-array" must stay on: without it yargs keeps only the last of several paths.
    // Numbers are read off their text in options.ts.
    .parserConfiguration({ "strip-dashed": true, "parse-numbers": false })
    .completion("completion", "print a completion script for bash or zsh")
    .epilogue('"attacca <command> --help" shows a command\'s options with examples.')
    .demandCommand(
      1,
      `no command: expected one of ${commands.map((c) => c.name).join(", ")}. See "attacca --help"`,
    )
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(Math.min(110, terminalWidth(100)))
    .fail((message, error) => {
      throw error ? asUsage(error, argv) : new UsageError(explain(message, argv));
    });
  for (const command of commands) {
    parser.command(
      commandWords(command),
      command.summary,
      (builder) => commandOptions(builder, command),
      (parsed) => run(command, parsed),
    );
  }
  return parser;
}

/** What yargs itself throws is about the command line. */
function asUsage(error: unknown, argv: readonly string[]): unknown {
  if (!(error instanceof Error && error.name === "YError")) return error;
  return new UsageError(explain(error.message, argv));
}

/** yargs counts missing words, and says in several lines what was wrong; people want to know which word or flag it was. */
function explain(message: string, argv: readonly string[]): string {
  const word = argv.find((one) => !one.startsWith("-"));
  const command = commands.find(({ name }) => name === word);
  if (!command) {
    if (word === undefined || word === "completion") return message;
    const names = commands.map(({ name }) => name);
    const hint = message.startsWith("Did you mean") ? message : 'See "attacca --help"';
    return unknown("command", word, names, hint).message;
  }
  const hint = `See "attacca ${command.name} --help"`;
  if (command.positionals && /^not enough non-option/i.test(message)) {
    return missing(`<${command.positionals.name}>`, command.positionals.description, hint).message;
  }
  const choice = /Argument: (\S+), Given: "(.*)", Choices: (.*)/.exec(message);
  if (choice) {
    const [, flag, found, choices] = choice;
    return unknown(`value of --${flag}`, found, choices.replaceAll('"', "").split(", "), hint).message;
  }
  const bare = /^Not enough arguments following: (\S+)/.exec(message);
  return bare ? missing(`value of --${bare[1]}`, undefined, hint).message : `${message}. ${hint}`;
}

function commandWords(command: Command): string {
  if (!command.positionals) return command.name;
  const { name, count } = command.positionals;
  const word = { one: `<${name}>`, many: `<${name}..>`, any: `[${name}..]` }[count];
  return `${command.name} ${word}`;
}

function commandOptions(builder: Argv, command: Command): Argv {
  const withOptions = builder
    .options(yargsOptions(command))
    .option("config", {
      type: "string",
      requiresArg: true,
      description: "JSON file with options; flags are stronger",
    })
    .option("json", { type: "boolean", description: "print one JSON object on stdout and nothing else" });
  if (command.positionals) {
    withOptions.positional(command.positionals.name, {
      type: "string",
      description: command.positionals.description,
    });
  }
  for (const [line, does] of command.examples) withOptions.example(line, does);
  return withOptions;
}

async function runCommand(command: Command, parsed: Record<string, unknown>): Promise<number> {
  const json = parsed.json === true;
  const interrupt = interruptSignal(() => process.exit(exitCodes.interrupted));
  const terminal = createTerminal(json);
  try {
    const config = await readConfig(parsed.config);
    const flags = lastOfEach(command, parsed);
    const options = usage(() => resolveOptions(command, flags, config, String(parsed.config)));
    const given = command.positionals ? parsed[command.positionals.name] : undefined;
    const positionals = given === undefined ? [] : [given].flat().map(String);
    const result = await command.run({
      options: options as never,
      positionals,
      terminal,
      signal: interrupt.signal,
    });
    if (!terminal.hasEmitted) terminal.emit(result);
    return exitCodes.done;
  } catch (error) {
    return report(error, json && !terminal.hasEmitted);
  } finally {
    interrupt.release();
  }
}

/** Of a flag that is given twice the last one counts, as on most command lines. */
function lastOfEach(command: Command, parsed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const repeated = new Set(describeOptions(command).flatMap((each) => (each.repeated ? [each.field] : [])));
  return Object.fromEntries(
    Object.entries(parsed).map(([field, value]) => [
      field,
      Array.isArray(value) && !repeated.has(field) ? value.at(-1) : value,
    ]),
  );
}

async function readConfig(path: unknown): Promise<Record<string, unknown>> {
  if (path === undefined) return {};
  const config = await readJson(String(path));
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw invalid(String(path), "JSON that is no object", "an object of options");
  }
  return config as Record<string, unknown>;
}

/** Says what went wrong, in one line, and gives the exit code. */
function report(error: unknown, json: boolean): number {
  const [kind, code] = classify(error);
  const message = error instanceof Error ? error.message : String(error);
  if (json) process.stdout.write(`${JSON.stringify({ error: { kind, message } })}\n`);
  process.stderr.write(`attacca: ${message}\n`);
  if (kind === "defect" && error instanceof Error) {
    process.stderr.write(`This is a defect of attacca; please report it with this trace:\n${error.stack}\n`);
  }
  return code;
}

function classify(error: unknown): [kind: string, code: number] {
  if (error instanceof UsageError) return ["usage", exitCodes.usage];
  if (error instanceof Interrupted) return ["interrupted", exitCodes.interrupted];
  if (error instanceof AttaccaError) return [error.kind, exitCodes.failed];
  return ["defect", exitCodes.failed];
}
