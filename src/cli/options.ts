import type { Options as YargsOption } from "yargs";
import { z } from "zod";
import { invalid, unknown } from "../errors.js";
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

/** The same as yargs wants it. Defaults are only described: a value that yargs filled in would hide the config file's. */
export function yargsOptions(command: Command): Record<string, YargsOption> {
  return Object.fromEntries(
    describeOptions(command).map((option) => [
      flagOf(option.field),
      {
        type: option.type,
        array: option.repeated || undefined,
        choices: option.choices,
        description: option.description,
        defaultDescription: option.default === undefined ? undefined : String(option.default),
        requiresArg: option.type !== "boolean" || undefined,
      } satisfies YargsOption,
    ]),
  );
}

/**
 * Flags over config file over defaults, checked by the command's schema.
 *
 * @throws AttaccaError `invalid` or `unknown`, naming the flag (or the config file's field).
 */
export function resolveOptions(
  command: Command,
  flags: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>> = {},
  configName = "config file",
): Record<string, unknown> {
  const fields = describeOptions(command).map((option) => option.field);
  for (const field of Object.keys(config)) {
    if (!fields.includes(field)) throw unknown(`field in ${configName}`, field, fields);
  }
  const given = Object.fromEntries(fields.flatMap((f) => (flags[f] === undefined ? [] : [[f, flags[f]]])));
  const parsed = command.options.safeParse({ ...config, ...given });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue.path[0] ?? "options");
  const subject =
    field in given || !(field in config) ? `option --${flagOf(field)}` : `${configName}, field ${field}`;
  const value = { ...config, ...given }[field];
  throw invalid(
    subject,
    value === undefined ? "nothing" : JSON.stringify(value),
    issue.message,
    helpHint(command),
  );
}

function helpHint(command: Command): string {
  return `See "attacca ${command.name} --help"`;
}
