/** What the platform accepts as a message: lengths, embeds, components. Refuses with 50035 and names every fault. */
import { type Complaint, type Json, refusals, refuseForm } from "./refusal.ts";

/** Flags a bot may set: SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS. */
const knownFlags = (1 << 2) | (1 << 6) | (1 << 12);

const length = (text: unknown) => (typeof text === "string" ? [...text].length : 0);

function tooLong(path: string, text: unknown, min: number, max: number): Complaint[] {
  if (typeof text !== "string") {
    return [{ path, code: "BASE_TYPE_REQUIRED", message: "This field is required" }];
  }
  const size = length(text);
  if (size >= min && size <= max) return [];
  return [{ path, code: "BASE_TYPE_BAD_LENGTH", message: `Must be between ${min} and ${max} in length.` }];
}

const optional = (path: string, text: unknown, max: number) =>
  text === undefined || text === null ? [] : tooLong(path, text, 0, max);

const asList = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

export function checkMessage(body: Json, options: { mayBeEmpty: boolean }): void {
  const complaints: Complaint[] = [];
  complaints.push(...optional("content", body["content"], 2_000));
  complaints.push(...checkNonce(body));
  complaints.push(...checkFlags(body["flags"]));
  complaints.push(...checkMentions(body["allowed_mentions"]));
  const embeds = asList(body["embeds"]);
  if (embeds.length > 10) {
    complaints.push({ path: "embeds", code: "BASE_TYPE_MAX_LENGTH", message: "Must be 10 or fewer in length." });
  }
  complaints.push(...embeds.flatMap((embed, at) => checkEmbed(`embeds.${at}`, embed)));
  if (embeds.reduce((sum, embed) => sum + embedSize(embed), 0) > 6_000) {
    complaints.push({
      path: "embeds",
      code: "MAX_EMBED_SIZE_EXCEEDED",
      message: "Embed size exceeds maximum size of 6000",
    });
  }
  complaints.push(...checkRows(asList(body["components"])));
  refuseForm(complaints);
  const isEmpty = length(body["content"]) === 0 && embeds.length === 0;
  if (isEmpty && !options.mayBeEmpty) refusals.emptyMessage();
}

function checkNonce(body: Json): Complaint[] {
  const nonce = body["nonce"];
  if (nonce === undefined) return [];
  if (typeof nonce === "number" && Number.isInteger(nonce)) return [];
  return tooLong("nonce", nonce, 0, 25);
}

function checkFlags(flags: unknown): Complaint[] {
  if (flags === undefined) return [];
  if (typeof flags === "number" && Number.isInteger(flags) && (flags & ~knownFlags) === 0) return [];
  return [{ path: "flags", code: "MESSAGE_INVALID_FLAGS", message: "Invalid flags." }];
}

function checkMentions(value: unknown): Complaint[] {
  if (value === undefined || value === null) return [];
  const parse = (value as Json)["parse"];
  const known = ["roles", "users", "everyone"];
  if (parse === undefined || (Array.isArray(parse) && parse.every((kind) => known.includes(kind as string)))) return [];
  return [
    { path: "allowed_mentions.parse", code: "BASE_TYPE_CHOICES", message: `Must be one of ${known.join(", ")}.` },
  ];
}

function checkEmbed(path: string, embed: Json): Complaint[] {
  const footer = embed["footer"] as Json | undefined;
  const color = embed["color"];
  const complaints = [
    ...optional(`${path}.title`, embed["title"], 256),
    ...optional(`${path}.description`, embed["description"], 4_096),
    ...(footer === undefined ? [] : tooLong(`${path}.footer.text`, footer["text"], 1, 2_048)),
  ];
  if (color !== undefined && !(typeof color === "number" && color >= 0 && color <= 0xffffff)) {
    complaints.push({
      path: `${path}.color`,
      code: "NUMBER_TYPE_MAX",
      message: "int value should be at most 16777215.",
    });
  }
  const fields = asList(embed["fields"]);
  if (fields.length > 25) {
    complaints.push({
      path: `${path}.fields`,
      code: "BASE_TYPE_MAX_LENGTH",
      message: "Must be 25 or fewer in length.",
    });
  }
  fields.forEach((field, at) => {
    complaints.push(...tooLong(`${path}.fields.${at}.name`, field["name"], 1, 256));
    complaints.push(...tooLong(`${path}.fields.${at}.value`, field["value"], 1, 1_024));
  });
  if (embedSize(embed) === 0 && embed["image"] === undefined) {
    complaints.push({ path, code: "BASE_TYPE_REQUIRED", message: "This field is required" });
  }
  return complaints;
}

export function embedSize(embed: Json): number {
  const fields = asList(embed["fields"]).reduce(
    (sum, field) => sum + length(field["name"]) + length(field["value"]),
    0,
  );
  const footer = length((embed["footer"] as Json | undefined)?.["text"]);
  return length(embed["title"]) + length(embed["description"]) + footer + fields;
}

function checkRows(rows: Json[]): Complaint[] {
  const complaints: Complaint[] = [];
  if (rows.length > 5) {
    complaints.push({
      path: "components",
      code: "BASE_TYPE_BAD_LENGTH",
      message: "Must be between 1 and 5 in length.",
    });
  }
  const seen = new Set<unknown>();
  rows.forEach((row, at) => {
    const path = `components.${at}`;
    const buttons = asList(row["components"]);
    if (row["type"] !== 1) {
      complaints.push({
        path: `${path}.type`,
        code: "UNION_TYPE_CHOICES",
        message: "Value of field must be one of (1,).",
      });
    }
    if (buttons.length < 1 || buttons.length > 5) {
      const message = "Must be between 1 and 5 in length.";
      complaints.push({ path: `${path}.components`, code: "BASE_TYPE_BAD_LENGTH", message });
    }
    complaints.push(...buttons.flatMap((button, place) => checkButton(`${path}.components.${place}`, button, seen)));
  });
  return complaints;
}

function checkButton(path: string, button: Json, seen: Set<unknown>): Complaint[] {
  const complaints: Complaint[] = [];
  const style = button["style"];
  if (button["type"] !== 2) {
    complaints.push({
      path: `${path}.type`,
      code: "UNION_TYPE_CHOICES",
      message: "Value of field must be one of (2,).",
    });
  }
  if (![1, 2, 3, 4].includes(style as number)) {
    complaints.push({
      path: `${path}.style`,
      code: "BASE_TYPE_CHOICES",
      message: "Value must be one of (1, 2, 3, 4).",
    });
  }
  complaints.push(...tooLong(`${path}.label`, button["label"], 1, 80));
  complaints.push(...tooLong(`${path}.custom_id`, button["custom_id"], 1, 100));
  if (seen.has(button["custom_id"])) {
    const message = "Component custom id cannot be duplicated";
    complaints.push({ path: `${path}.custom_id`, code: "COMPONENT_CUSTOM_ID_DUPLICATED", message });
  }
  seen.add(button["custom_id"]);
  return complaints;
}

/** Who a message really notifies, given what its sender allowed. */
export function pingedBy(body: Json): string[] {
  const content = typeof body["content"] === "string" ? body["content"] : "";
  const allowed = body["allowed_mentions"] as Json | undefined;
  const parse = allowed === undefined ? ["users", "roles", "everyone"] : ((allowed["parse"] ?? []) as string[]);
  const pinged: string[] = [];
  if (parse.includes("everyone") && /@(everyone|here)/.test(content)) pinged.push("everyone");
  if (parse.includes("users")) pinged.push(...[...content.matchAll(/<@!?(\d+)>/g)].map((match) => match[1] ?? ""));
  if (parse.includes("roles")) pinged.push(...[...content.matchAll(/<@&(\d+)>/g)].map((match) => match[1] ?? ""));
  return pinged;
}
