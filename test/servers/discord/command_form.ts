/** What the platform accepts as a slash command. Refuses with 50035 and names every fault. */
import { type Complaint, type Json, refuseForm } from "./refusal.ts";

const namePattern = /^[-_\p{Ll}\p{Lm}\p{Lo}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const known = new Set([
  "name",
  "name_localizations",
  "description",
  "description_localizations",
  "options",
  "default_member_permissions",
  "contexts",
  "integration_types",
  "nsfw",
  "type",
]);

const required = (path: string): Complaint => ({ path, code: "BASE_TYPE_REQUIRED", message: "This field is required" });

function checkName(path: string, name: unknown): Complaint[] {
  if (typeof name !== "string") return [required(path)];
  if (namePattern.test(name)) return [];
  const code = "APPLICATION_COMMAND_INVALID_NAME";
  return [{ path, code, message: "Command name is invalid" }];
}

function checkDescription(path: string, text: unknown): Complaint[] {
  if (typeof text !== "string") return [required(path)];
  if (text.length >= 1 && text.length <= 100) return [];
  return [{ path, code: "BASE_TYPE_BAD_LENGTH", message: "Must be between 1 and 100 in length." }];
}

export function checkCommand(command: Json, path = ""): Complaint[] {
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const complaints = [
    ...checkName(at("name"), command["name"]),
    ...checkDescription(at("description"), command["description"]),
  ];
  for (const key of Object.keys(command)) {
    // The platform ignores unknown keys; a test server that does so too hides misspellings.
    if (!known.has(key)) complaints.push({ path: at(key), code: "UNKNOWN_KEY", message: "Unknown key" });
  }
  complaints.push(...checkContexts(at("contexts"), command["contexts"]));
  const options = (command["options"] ?? []) as Json[];
  if (options.length > 25) {
    complaints.push({ path: at("options"), code: "BASE_TYPE_MAX_LENGTH", message: "Must be 25 or fewer in length." });
  }
  const names = options.map((option) => option["name"]);
  if (new Set(names).size !== names.length) {
    const code = "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS";
    complaints.push({ path: at("options"), code, message: "Option name already exists" });
  }
  let sawOptional = false;
  options.forEach((option, place) => {
    complaints.push(...checkOption(at(`options.${place}`), option));
    if (option["required"] === true && sawOptional) {
      const code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID";
      complaints.push({
        path: at(`options.${place}`),
        code,
        message: "Required options must be placed before non-required options",
      });
    }
    sawOptional ||= option["required"] !== true;
  });
  if (sizeOf(command) > 8_000) {
    const code = "APPLICATION_COMMAND_TOO_LARGE";
    complaints.push({ path: at("name"), code, message: "Command exceeds maximum size (8000)" });
  }
  return complaints;
}

/** 0 = in guilds, 1 = in direct messages with the bot, 2 = in other private channels; each at most once. */
function checkContexts(path: string, contexts: unknown): Complaint[] {
  if (contexts === undefined || contexts === null) return [];
  const isGood = Array.isArray(contexts) && contexts.every((each) => [0, 1, 2].includes(each as number));
  if (isGood && contexts.length > 0 && new Set(contexts).size === contexts.length) return [];
  return [{ path, code: "BASE_TYPE_CHOICES", message: "Value must be one of {0, 1, 2}." }];
}

function checkOption(path: string, option: Json): Complaint[] {
  const complaints = [
    ...checkName(`${path}.name`, option["name"]),
    ...checkDescription(`${path}.description`, option["description"]),
  ];
  const type = option["type"];
  if (![3, 4, 5, 6, 7, 8, 9, 10, 11].includes(type as number)) {
    complaints.push({ path: `${path}.type`, code: "BASE_TYPE_CHOICES", message: "Value must be one of (3..11)." });
  }
  const choices = option["choices"] as Json[] | undefined;
  if (choices !== undefined) complaints.push(...checkChoices(`${path}.choices`, choices, type));
  complaints.push(...checkBounds(path, option), ...checkAutocomplete(path, option));
  return complaints;
}

/** Values that are asked for while typing, and fixed choices, exclude each other. */
function checkAutocomplete(path: string, option: Json): Complaint[] {
  if (option["autocomplete"] === undefined || option["autocomplete"] === false) return [];
  const isTyped = [3, 4, 10].includes(option["type"] as number);
  if (option["autocomplete"] === true && isTyped && option["choices"] === undefined) return [];
  const code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID";
  return [{ path: `${path}.autocomplete`, code, message: "Autocomplete is for typed options without choices." }];
}

function checkBounds(path: string, option: Json): Complaint[] {
  const complaints: Complaint[] = [];
  const type = option["type"];
  for (const key of ["min_length", "max_length"]) {
    const value = option[key];
    const isWithin = typeof value === "number" && value >= (key === "max_length" ? 1 : 0) && value <= 6_000;
    if (value !== undefined && !(type === 3 && isWithin)) {
      complaints.push({
        path: `${path}.${key}`,
        code: "NUMBER_TYPE_MAX",
        message: "int value should be at most 6000.",
      });
    }
  }
  for (const key of ["min_value", "max_value"]) {
    const value = option[key];
    const isWithin = typeof value === "number" && Math.abs(value) <= 2 ** 53;
    if (value !== undefined && !((type === 4 || type === 10) && isWithin)) {
      complaints.push({ path: `${path}.${key}`, code: "NUMBER_TYPE_MAX", message: "Value out of range." });
    }
  }
  return complaints;
}

function checkChoices(path: string, choices: Json[], type: unknown): Complaint[] {
  const complaints: Complaint[] = [];
  if (choices.length > 25 || choices.length < 1) {
    complaints.push({ path, code: "BASE_TYPE_BAD_LENGTH", message: "Must be between 1 and 25 in length." });
  }
  choices.forEach((choice, at) => {
    const name = choice["name"];
    if (typeof name !== "string" || name.length < 1 || name.length > 100) {
      complaints.push({
        path: `${path}.${at}.name`,
        code: "BASE_TYPE_BAD_LENGTH",
        message: "Must be between 1 and 100 in length.",
      });
    }
    const isText = typeof choice["value"] === "string" && choice["value"].length <= 100;
    if (type === 3 ? !isText : typeof choice["value"] !== "number") {
      complaints.push({
        path: `${path}.${at}.value`,
        code: "BASE_TYPE_BAD_TYPE",
        message: "Value has the wrong type.",
      });
    }
  });
  return complaints;
}

/** Names, descriptions and values together, as the platform counts its 8,000. */
function sizeOf(command: Json): number {
  const own = String(command["name"] ?? "").length + String(command["description"] ?? "").length;
  const options = ((command["options"] ?? []) as Json[]).map((option) => {
    const choices = ((option["choices"] ?? []) as Json[]).map(
      (choice) => String(choice["name"]).length + String(choice["value"]).length,
    );
    return choices.reduce((sum, size) => sum + size, sizeOf({ ...option, options: [] }));
  });
  return options.reduce((sum, size) => sum + size, own);
}

export function requireCommands(commands: readonly Json[]): void {
  const complaints = commands.flatMap((command, at) => checkCommand(command, String(at)));
  if (commands.length > 100) {
    const code = "APPLICATION_COMMANDS_MAX";
    complaints.push({ path: "0", code, message: "Maximum number of application commands reached (100)" });
  }
  const names = commands.map((command) => command["name"]);
  if (new Set(names).size !== names.length) {
    const code = "APPLICATION_COMMANDS_DUPLICATE_NAME";
    complaints.push({ path: "0", code, message: "Application command names must be unique" });
  }
  refuseForm(complaints);
}

export function requireCommand(command: Json): void {
  refuseForm(checkCommand(command));
}
