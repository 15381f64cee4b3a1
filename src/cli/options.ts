import type { Options as YargsOption } from "yargs";
import { z } from "zod";
import { invalid, missing, unknown } from "../errors.js";
import type { Command } from "./command.js";

/** What docs, help and completion say of one option; read off the command's schema. */
export interface OptionDescription {
  /** As in the schema and the config file: `batchSize`. */
  readonly field: string;
  /** As on the command line: `--batch-size`. */
  readonly flag: string;
  readonly type: "boolean" | "number" | "string";
  readonly repeated: boolean;
  readonly choices?: readonly string[];
  readonly default?: unknown;
  readonly required: boolean;
  readonly description: string;
}

interface JsonSchemaProperty {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly items?: JsonSchemaProperty;
  readonly anyOf?: readonly JsonSchemaProperty[];
}

/** `batchSize` → `batch-size`. */
export function flagOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The options of a command, in the schema's order. */
export function describeOptions(command: Command): OptionDescription[] {
  const schema = z.toJSONSchema(command.options, { io: "input", unrepresentable: "any" }) as {
    properties?: Record<string, JsonSchemaProperty>;
    required?: readonly string[];
  };
  return Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const repeated = property.type === "array";
    const value = repeated ? (property.items ?? {}) : property;
    return {
      field,
      flag: `--${flagOf(field)}`,
      type: typeOf(value),
      repeated,
      choices: value.enum,
      default: property.default,
      required: schema.required?.includes(field) ?? false,
      description: property.description ?? "",
    };
  });
}

function typeOf(property: JsonSchemaProperty): OptionDescription["type"] {
  const types = [property.type, ...(property.anyOf ?? []).map((part) => part.type)].flat();
  if (types.includes("boolean")) return "boolean";
  return types.includes("number") || types.includes("integer") ? "number" : "string";
}

/**
 * The same as yargs wants it. Defaults are only described: a value that yargs filled in would hide the config file's. Numbers
 * stay text: yargs turns a word into NaN, so that it can't be shown, and adds a repeated `--seed 1` to the one before.
 */
export function yargsOptions(command: Command): Record<string, YargsOption> {
  const groupOf = (field: string): string | undefined =>
    command.groups?.find(([, fields]) => fields.includes(field))?.[0];
  return Object.fromEntries(
    describeOptions(command).map((option) => [
      flagOf(option.field),
      {
        type: option.type === "number" ? undefined : option.type,
        array: option.repeated || undefined,
        choices: option.choices,
        description: option.description,
        defaultDescription: option.default === undefined ? undefined : String(option.default),
        group: groupOf(option.field),
        requiresArg: option.type !== "boolean" || undefined,
      } satisfies YargsOption,
    ]),
  );
}

/**
 * Flags over config file over defaults, checked by the command's schema. Flags' numbers may be text.
 *
 * @throws AttaccaError `missing`, `invalid` or `unknown`, naming the flag (or the config file's field).
 */
export function resolveOptions(
  command: Command,
  flags: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>> = {},
  configName = "config file",
): Record<string, unknown> {
  const described = describeOptions(command);
  const fields = described.map((option) => option.field);
  for (const field of Object.keys(config)) {
    if (!fields.includes(field)) throw unknown(`field in ${configName}`, field, fields);
  }
  const given = Object.fromEntries(
    described.flatMap(({ field, type }) => {
      const value = flags[field];
      return value === undefined ? [] : [[field, type === "number" ? numberIn(value) : value]];
    }),
  );
  const all = { ...config, ...given };
  const parsed = command.options.safeParse(all, { error: expectedBy });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue.path[0] ?? "options");
  const option = `option --${flagOf(field)}`;
  if (all[field] === undefined) {
    throw missing(option, described.find((one) => one.field === field)?.description, helpHint(command));
  }
  const subject = field in given ? option : `${configName}, field ${field}`;
  throw invalid(subject, textOf(all[field]), issue.message, helpHint(command));
}

/** The number that a flag's text stands for; other text stays, and the schema refuses it. */
function numberIn(value: unknown): unknown {
  if (typeof value !== "string" || value.trim() === "") return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : number;
}

function textOf(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** What was expected, where a schema has no words of its own for it. */
function expectedBy(issue: z.core.$ZodRawIssue): string | undefined {
  const types: Readonly<Record<string, string>> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
  };
  if (issue.code === "invalid_type") return types[issue.expected];
  return issue.code === "invalid_value" ? `one of ${issue.values.join(", ")}` : undefined;
}

function helpHint(command: Command): string {
  return `See "attacca ${command.name} --help"`;
}
