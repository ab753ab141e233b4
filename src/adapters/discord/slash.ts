/**
 * A command definition as Discord's registration JSON, and whether what Discord holds already says the same. Pure: no client.
 * Bounds are a help for the person who types; the command's own schema decides.
 */
import { z } from "zod";
import type { AnyCommand } from "../../define/command.ts";

/** Discord's numbers for the kinds of options that commands may have. */
const optionTypes = { string: 3, integer: 4, boolean: 5, number: 10 } as const;

export type SlashOption = {
  readonly type: 3 | 4 | 5 | 10;
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly choices?: readonly { readonly name: string; readonly value: string }[];
  /** Discord asks us for values while somebody types. */
  readonly autocomplete?: true;
  readonly min_length?: number;
  readonly max_length?: number;
  readonly min_value?: number;
  readonly max_value?: number;
};

export type SlashCommand = {
  readonly type: 1;
  readonly name: string;
  readonly description: string;
  readonly options: readonly SlashOption[];
  /** Where a global one is offered; absent = in its guild. */
  readonly contexts?: readonly number[];
};

type Property = {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Property[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
};

const descriptionMax = 100;
const choicesMax = 25;
const lengthMax = 6_000;

/** Every command under its name and under each of its aliases. */
export function slashCommands(commands: readonly AnyCommand[]): readonly SlashCommand[] {
  return commands.flatMap((command) => {
    const slash = slashJson(command);
    const description = lineOf(`Same as /${command.name}: ${command.summary}`, command.name);
    return [slash, ...(command.aliases ?? []).map((name) => ({ ...slash, name, description }))];
  });
}

export function slashJson(command: AnyCommand): SlashCommand {
  const schema = z.toJSONSchema(command.options, { io: "input", unrepresentable: "any" });
  const required = new Set(schema.required ?? []);
  const options = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    optionJson({
      name,
      property: property as Property,
      isRequired: required.has(name),
      isCompleted: command.candidates !== undefined && Object.hasOwn(command.candidates, name),
    }),
  );
  // Discord refuses an optional option that stands before a required one.
  options.sort((left, right) => Number(right.required) - Number(left.required));
  return { type: 1, name: command.name, description: lineOf(command.summary, command.name), options };
}

/** Discord takes no capitals in the names of options: `quietMinutes` is `quiet_minutes` there. */
function wireName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The way back: for each command, from the names that Discord uses to the keys of its options. */
export function optionKeys(commands: readonly AnyCommand[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  return new Map(
    commands.flatMap((command) => {
      const keys = new Map(Object.keys(command.options.shape).map((key) => [wireName(key), key]));
      return [command.name, ...(command.aliases ?? [])].map((name) => [name, keys] as const);
    }),
  );
}

function lineOf(text: string | undefined, fallback: string): string {
  return (text ?? "").trim().slice(0, descriptionMax) || fallback;
}

function optionJson(about: {
  name: string;
  property: Property;
  isRequired: boolean;
  isCompleted: boolean;
}): SlashOption {
  const { name, isRequired, isCompleted } = about;
  const property = withoutNull(about.property);
  const description = lineOf(about.property.description, name);
  const base = { name: wireName(name), description, required: isRequired };
  switch (property.type) {
    case "boolean":
      return { type: optionTypes.boolean, ...base };
    case "integer":
      return { type: optionTypes.integer, ...base, ...bounds(property, 1) };
    case "number":
      return { type: optionTypes.number, ...base, ...bounds(property, 0) };
    default:
      return { type: optionTypes.string, ...base, ...choicesOrLengths(property, isCompleted) };
  }
}

/** A nullable option is simply left out in Discord. */
function withoutNull(property: Property): Property {
  const chosen = property.anyOf?.find((part) => part.type !== "null") ?? property;
  const type = typeof chosen.type === "object" ? chosen.type.find((each) => each !== "null") : chosen.type;
  return type === undefined ? chosen : { ...chosen, type };
}

/** `step` 1 turns "above 0" into "from 1" for whole numbers; for others Discord has no open bound, so the bound itself is allowed. */
function bounds(property: Property, step: 0 | 1): Partial<SlashOption> {
  const low =
    property.minimum ?? (property.exclusiveMinimum === undefined ? undefined : property.exclusiveMinimum + step);
  const high =
    property.maximum ?? (property.exclusiveMaximum === undefined ? undefined : property.exclusiveMaximum - step);
  const isReal = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  return { ...(isReal(low) ? { min_value: low } : {}), ...(isReal(high) ? { max_value: high } : {}) };
}

/** Fixed choices and values that are asked for while typing exclude each other. */
function choicesOrLengths(property: Property, isCompleted: boolean): Partial<SlashOption> {
  const values = (property.enum ?? (property.const === undefined ? [] : [property.const])).map(String);
  if (values.length > 0 && values.length <= choicesMax && values.every((value) => value.length <= descriptionMax)) {
    return { choices: values.map((value) => ({ name: value, value })) };
  }
  const { minLength, maxLength } = property;
  return {
    ...(isCompleted ? { autocomplete: true } : {}),
    ...(minLength === undefined || minLength < 1 ? {} : { min_length: Math.min(minLength, lengthMax) }),
    ...(maxLength === undefined ? {} : { max_length: Math.min(Math.max(maxLength, 1), lengthMax) }),
  };
}

const heldOption = z.object({
  type: z.number(),
  name: z.string(),
  description: z.string(),
  required: z.boolean().optional(),
  choices: z.array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]) })).optional(),
  autocomplete: z.boolean().optional(),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  min_value: z.number().optional(),
  max_value: z.number().optional(),
});

export const heldCommand = z.object({
  id: z.string(),
  type: z.number().optional(),
  name: z.string(),
  description: z.string(),
  options: z.array(heldOption).optional(),
  contexts: z.array(z.number()).nullish(),
});
export type HeldCommand = z.infer<typeof heldCommand>;

/** Discord fills in defaults and adds fields of its own; only what we say is compared. */
export function isSameCommand(held: HeldCommand, wanted: SlashCommand): boolean {
  const isOfferedAlike = wanted.contexts === undefined || placesOf(held) === placesOf(wanted);
  return isOfferedAlike && comparable(held) === comparable(wanted);
}

const placesOf = ({ contexts }: HeldCommand | SlashCommand): string => [...(contexts ?? [])].sort().join();

function comparable(command: HeldCommand | SlashCommand): string {
  const options = (command.options ?? []).map((option) => [
    option.type,
    option.name,
    option.description,
    option.required ?? false,
    (option.choices ?? []).map((choice) => [choice.name, choice.value]),
    option.autocomplete ?? false,
    option.min_length ?? null,
    option.max_length ?? null,
    option.min_value ?? null,
    option.max_value ?? null,
  ]);
  return JSON.stringify([command.name, command.description, options]);
}
