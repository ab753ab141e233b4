/** What somebody typed after a command as its options: by position, by name, or ready from a form; and which one is missing. */
import { z } from "zod";
import { mark } from "../core/mark.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { AnyCommand } from "../define/command.ts";
import type { Incoming } from "../ports/messenger.ts";

type Words = Pick<Extract<Incoming, { kind: "command" }>, "options" | "text">;
type Property = { readonly type?: string; readonly enum?: readonly unknown[]; readonly description?: string };

/** Words in the order of the options, or name:value pairs; the last text option takes the rest of the line. */
export function parseOptions(command: AnyCommand, incoming: Words): Result<Record<string, unknown>, string> {
  const raw = rawOptions(command, incoming);
  const parsed = (command.options as z.ZodObject).safeParse(raw);
  if (parsed.success) return ok(parsed.data);
  mark("M05.words_that_are_no_options");
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = path.join(".") || "input";
    return raw[name] === undefined ? `${name} is missing` : `${name}: ${message.toLowerCase()}`;
  });
  return fail(`/${command.name}: ${problems.join("; ")}`);
}

/** What was given, before anything is checked. */
export function rawOptions(command: AnyCommand, { options, text }: Words): Record<string, unknown> {
  return options === null ? wordsToOptions(command, text) : { ...options };
}

/** The first option that must be said and was not, when nothing else is wrong; null = none. */
export function missingOption(command: AnyCommand, given: Readonly<Record<string, unknown>>): string | null {
  const parsed = (command.options as z.ZodObject).safeParse(given);
  if (parsed.success) return null;
  const required = new Set(schemaOf(command).required ?? []);
  const missing = [...required].filter((name) => given[name] === undefined || given[name] === "");
  const isAllElseRight = parsed.error.issues.every(({ path }) => missing.includes(String(path[0])));
  return isAllElseRight ? (missing[0] ?? null) : null;
}

/** The few values that an option may have at all; empty = any. */
export function choicesOf(command: AnyCommand, option: string): readonly string[] {
  const values = propertiesOf(command).find(([name]) => name === option)?.[1].enum ?? [];
  return values.filter((value) => typeof value === "string");
}

export function descriptionOf(command: AnyCommand, option: string): string {
  return propertiesOf(command).find(([name]) => name === option)?.[1].description ?? option;
}

function schemaOf(command: AnyCommand) {
  return z.toJSONSchema(command.options as z.ZodObject, { io: "input", unrepresentable: "any" });
}

const propertiesOf = (command: AnyCommand): readonly [string, Property][] =>
  Object.entries(schemaOf(command).properties ?? {}) as [string, Property][];

function wordsToOptions(command: AnyCommand, text: string): Record<string, unknown> {
  const properties = propertiesOf(command);
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  // Without a prototype: what a person types is never more than a value under a name of ours.
  const options = Object.create(null) as Record<string, unknown>;
  const names = properties.map(([name]) => name);
  const free: string[] = [];
  for (const word of words) {
    const named = /^([a-z][a-z0-9_]*)[:=](.*)$/i.exec(word);
    if (named?.[1] !== undefined && names.includes(named[1].toLowerCase()) && free.length === 0)
      options[named[1].toLowerCase()] = typed(properties, named[1].toLowerCase(), named[2] ?? "");
    else free.push(word);
  }
  const open = names.filter((name) => options[name] === undefined);
  open.forEach((name, index) => {
    const isLast = index === open.length - 1;
    const value = isLast ? free.slice(index).join(" ") : free[index];
    if (value !== undefined && value !== "") options[name] = typed(properties, name, value);
  });
  return options;
}

function typed(properties: readonly [string, Property][], name: string, value: string): unknown {
  const type = properties.find(([one]) => one === name)?.[1].type;
  if (type === "integer" || type === "number") return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (type === "boolean") return spokenBoolean.get(value) ?? value;
  return value;
}

const spokenBoolean: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["no", false],
  ["off", false],
]);
