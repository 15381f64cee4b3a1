import type { z } from "zod";
import { AttaccaError } from "../errors.js";
import type { Terminal } from "./terminal.js";

/** Plain data that `--json` prints. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What a command's words without a flag are. */
export interface Positionals {
  /** Its name in help, e.g. `paths`. */
  readonly name: string;
  readonly description: string;
  /** `"many"`: one or more; `"one"`: exactly one; `"any"`: none or more. */
  readonly count: "one" | "many" | "any";
}

/** What a command runs with: options after flags, config file and defaults have been laid over each other. */
export interface CommandContext<Options> {
  readonly options: Options;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
  /** Aborted at the first Ctrl-C or SIGTERM; a command that can save its work does, and throws `Interrupted`. */
  readonly signal: AbortSignal;
}

/** A command is data: what it is called, what it takes, and what it does. Flags, config file and docs follow from `options`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly positionals?: Positionals;
  readonly options: z.ZodObject;
  /** How help arranges the options: titles with the fields under each. Options that are in none come first. */
  readonly groups?: readonly (readonly [title: string, fields: readonly string[]])[];
  /** Command lines with what each one does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** Does the work; what it returns is printed under `--json`, and only then. */
  readonly run: (context: CommandContext<never>) => Promise<JsonObject>;
}

/** Ties the type of `run`'s options to the schema. */
export function defineCommand<Schema extends z.ZodObject>(
  command: Omit<Command, "options" | "run"> & {
    readonly options: Schema;
    readonly run: (context: CommandContext<z.output<Schema>>) => Promise<JsonObject>;
  },
): Command {
  return command;
}

/** A command line that can't be read: exit code 2. */
export class UsageError extends Error {}

/** Reads an option's text. What is wrong with it is wrong usage, not failed work. */
export function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AttaccaError) throw new UsageError(error.message);
    throw error;
  }
}

/** Thrown by a command that has stopped and saved what it could after `signal` was aborted: exit code 130. */
export class Interrupted extends Error {
  constructor(message = "interrupted") {
    super(message);
    this.name = "Interrupted";
  }
}
