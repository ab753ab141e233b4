/** A slash command as the platform's apps send it: only registered options, of the registered type, within their bounds. */
import type { Json } from "./refusal.ts";
import type { Command } from "./world.ts";

const typeNames: Readonly<Record<number, string>> = { 3: "string", 4: "number", 5: "boolean", 10: "number" };

export function readOption(command: Command, name: string, value: string | number | boolean): Json {
  const options = (command["options"] ?? []) as Json[];
  const option = options.find((each) => each["name"] === name);
  if (option === undefined) throw new Error(`/${command.name} has no option ${name}.`);
  const type = Number(option["type"]);
  if (typeof value !== typeNames[type]) throw new Error(`/${command.name} ${name} wants a ${typeNames[type]}.`);
  if (type === 4 && !Number.isInteger(value)) throw new Error(`/${command.name} ${name} wants a whole number.`);
  const choices = option["choices"] as Json[] | undefined;
  if (choices !== undefined && !choices.some((choice) => choice["value"] === value)) {
    throw new Error(`/${command.name} ${name} offers no ${value}.`);
  }
  const size = typeof value === "string" ? value.length : Number(value);
  const [min, max] = type === 3 ? ["min_length", "max_length"] : ["min_value", "max_value"];
  const low = option[min as string];
  const high = option[max as string];
  if (typeof low === "number" && size < low) throw new Error(`/${command.name} ${name} is below ${low}.`);
  if (typeof high === "number" && size > high) throw new Error(`/${command.name} ${name} is above ${high}.`);
  return { name, type, value };
}

export function commandJson(command: Command, guildId: string | null, given: Json[]): Json {
  for (const option of (command["options"] ?? []) as Json[]) {
    if (option["required"] !== true || given.some((each) => each["name"] === option["name"])) continue;
    throw new Error(`/${command.name} needs ${String(option["name"])}.`);
  }
  return {
    id: command.id,
    name: command.name,
    type: 1,
    options: given,
    ...(guildId === null ? {} : { guild_id: guildId }),
  };
}

/** The platform asks only about options that were registered so, and sends what was typed before them unchecked. */
export function typingJson(
  command: Command,
  guildId: string | null,
  typing: {
    readonly option: string;
    readonly prefix: string;
    readonly given?: Record<string, string | number | boolean>;
  },
): Json {
  const options = (command["options"] ?? []) as Json[];
  const option = options.find((each) => each["name"] === typing.option);
  if (option === undefined) throw new Error(`/${command.name} has no option ${typing.option}.`);
  if (option["autocomplete"] !== true) throw new Error(`/${command.name} ${typing.option} completes nothing.`);
  const before = Object.entries(typing.given ?? {}).map(([name, value]) => readOption(command, name, value));
  const focused = { name: typing.option, type: option["type"], value: typing.prefix, focused: true };
  return {
    id: command.id,
    name: command.name,
    type: 1,
    options: [...before, focused],
    ...(guildId === null ? {} : { guild_id: guildId }),
  };
}
