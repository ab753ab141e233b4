/** The command box's knowledge, derived from the command definitions: names, options, choices, examples. Pure. */
import { z } from "zod";
import { includesRole } from "../../core/authority.ts";
import type { AnyCommand } from "../../define/command.ts";
import type { CommandView, OptionView } from "./contract.ts";
import type { DeskPerson } from "./door.ts";

type Property = {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Property[];
};

/** The commands that this person may use, by name. */
export function commandsFor(commands: readonly AnyCommand[], person: DeskPerson): readonly CommandView[] {
  return commands
    .filter(({ access }) => access.role === "anyone" || includesRole(person.role, access.role))
    .map(commandView)
    .toSorted((left, right) => left.name.localeCompare(right.name));
}

export function commandView(command: AnyCommand): CommandView {
  // z.toJSONSchema also drops what can't be said in JSON (transforms); the words people type are the input side.
  const schema = z.toJSONSchema(command.options as z.ZodObject, { io: "input", unrepresentable: "any" });
  const required = new Set(schema.required ?? []);
  const entries = Object.entries(schema.properties ?? {}) as [string, Property][];
  const options = entries.map(([name, property], index): OptionView => {
    const { kind, choices } = kindOf(property);
    return {
      name,
      description: property.description ?? name,
      kind,
      choices,
      isRequired: required.has(name),
      takesRest: kind === "text" && index === entries.length - 1,
    };
  });
  return {
    name: command.name,
    ...(command.aliases === undefined ? {} : { aliases: command.aliases }),
    summary: command.summary,
    examples: command.examples,
    urgency: command.access.urgency,
    options,
  };
}

function kindOf(property: Property): Pick<OptionView, "kind" | "choices"> {
  const choices = property.enum?.filter((value) => typeof value === "string") ?? [];
  if (choices.length > 0) return { kind: "choice", choices };
  if (property.type === "boolean") return { kind: "yes_no", choices: ["yes", "no"] };
  if (property.type === "number" || property.type === "integer") return { kind: "number", choices: [] };
  const variant = property.anyOf?.find(({ type }) => type !== "null");
  return variant === undefined ? { kind: "text", choices: [] } : kindOf(variant);
}
