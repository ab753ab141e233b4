/** The first answer to a tap or command, and what may follow through its token. */
import { checkMessage } from "./message_form.ts";
import { changeMessage, storeMessage } from "./message_routes.ts";
import { type Json, refusals, refuseForm } from "./refusal.ts";
import { bodyOf, type Call, noContent, ok, param, type Route } from "./request.ts";
import { messageJson } from "./shapes.ts";
import type { Upload } from "./upload.ts";
import type { Choice, Interaction, Message, World } from "./world.ts";

export const answerWithinMs = 3_000;
export const tokenLivesMs = 15 * 60_000;
const ephemeral = 1 << 6;

function firstAnswer(call: Call) {
  const { world } = call;
  const interaction = world.interactions.get(param(call, "interactionId"));
  const isKnown = interaction !== undefined && interaction.token === param(call, "token");
  if (!isKnown || world.now() - interaction.createdAt > tokenLivesMs) return refusals.unknownInteraction();
  if (interaction.answeredWith !== null) return refusals.alreadyAcknowledged();
  if (world.now() - interaction.createdAt > answerWithinMs) return refusals.unknownInteraction();
  const body = bodyOf(call);
  const type = Number(body["type"]);
  const data = (body["data"] ?? {}) as Json;
  applyAnswer(world, interaction, { type, data });
  interaction.answeredWith = type;
  return noContent;
}

function applyAnswer(world: World, interaction: Interaction, answer: { type: number; data: Json }): void {
  const { type, data } = answer;
  // Whoever types is offered values and nothing else; nobody else is.
  if ((type === 8) !== (interaction.type === 4)) refuseCallback("This callback type does not fit the interaction.");
  switch (type) {
    case 8:
      interaction.choices = checkedChoices(data);
      return;
    case 4:
      checkMessage(data, { mayBeEmpty: false });
      interaction.originalId = follow(world, interaction, data).id;
      return;
    case 5: {
      const message = follow(world, interaction, { flags: data["flags"] });
      message.isThinking = true;
      interaction.originalId = message.id;
      return;
    }
    case 6:
      requireSource(interaction);
      interaction.originalId = interaction.messageId;
      return;
    case 7:
      requireType(interaction, 3);
      changeMessage(world, sourceOf(world, interaction), { body: data, uploads: [] });
      interaction.originalId = interaction.messageId;
      return;
    case 9:
      refuseFormOnForm(interaction);
      checkModal(data);
      interaction.modal = data;
      return;
    default:
      refuseForm([{ path: "type", code: "BASE_TYPE_CHOICES", message: "Value must be one of (4, 5, 6, 7, 8, 9)." }]);
  }
}

function requireType(interaction: Interaction, type: number): void {
  if (interaction.type !== type) refuseCallback("This callback type is only for component interactions.");
}

function refuseCallback(message: string): never {
  return refuseForm([{ path: "type", code: "INTERACTION_CALLBACK_TYPE_INVALID", message }]) as never;
}

/** At most 25, each with a name and a value of 1 to 100. */
function checkedChoices(data: Json): readonly Choice[] {
  const choices = data["choices"];
  if (!Array.isArray(choices))
    return refuseForm([
      { path: "data.choices", code: "BASE_TYPE_REQUIRED", message: "This field is required" },
    ]) as never;
  const complaints = choices.length > 25 ? [tooLong("data.choices", "Must be 25 or fewer in length.")] : [];
  (choices as Json[]).forEach(({ name, value }, at) => {
    if (!isShort(name)) complaints.push(tooLong(`data.choices.${at}.name`, "Must be between 1 and 100 in length."));
    if (typeof value !== "number" && !isShort(value))
      complaints.push(tooLong(`data.choices.${at}.value`, "Must be between 1 and 100 in length."));
  });
  refuseForm(complaints);
  return choices as readonly Choice[];
}

const isShort = (text: unknown): boolean => typeof text === "string" && text.length >= 1 && text.length <= 100;
const tooLong = (path: string, message: string) => ({ path, code: "BASE_TYPE_BAD_LENGTH", message });

/** A form that a button opened may leave the button's message as it is, like the tap itself. */
function requireSource(interaction: Interaction): void {
  if (interaction.type === 5 && interaction.messageId !== null) return;
  requireType(interaction, 3);
}

function refuseFormOnForm({ type }: Interaction): void {
  if (type !== 5) return;
  refuseCallback("A modal can't be the answer to a submitted modal.");
}

function sourceOf(world: World, interaction: Interaction): Message {
  const message = world.messages.get(interaction.messageId ?? "");
  return message === undefined || message.isDeleted ? refusals.unknownMessage() : message;
}

function checkModal(data: Json): void {
  const rows = Array.isArray(data["components"]) ? (data["components"] as Json[]) : [];
  const title = data["title"];
  const id = data["custom_id"];
  const complaints = [];
  if (typeof title !== "string" || title.length < 1 || title.length > 45) {
    complaints.push({
      path: "data.title",
      code: "BASE_TYPE_BAD_LENGTH",
      message: "Must be between 1 and 45 in length.",
    });
  }
  if (typeof id !== "string" || id.length < 1 || id.length > 100) {
    complaints.push({
      path: "data.custom_id",
      code: "BASE_TYPE_BAD_LENGTH",
      message: "Must be between 1 and 100 in length.",
    });
  }
  if (rows.length < 1 || rows.length > 5) {
    complaints.push({
      path: "data.components",
      code: "BASE_TYPE_BAD_LENGTH",
      message: "Must be between 1 and 5 in length.",
    });
  }
  const seen = new Set<unknown>();
  rows.forEach((row, at) => {
    complaints.push(...complaintsOfInput(row, `data.components.${at}`, seen));
  });
  refuseForm(complaints);
}

/** One text input a row: labels of 1 to 45, placeholders of at most 100, ids of their own. */
function complaintsOfInput(row: Json, path: string, seen: Set<unknown>): Parameters<typeof refuseForm>[0] {
  const [input, ...others] = Array.isArray(row["components"]) ? (row["components"] as Json[]) : [];
  const wrong = (where: string, code: string, message: string) => [{ path: `${path}${where}`, code, message }];
  if (row["type"] !== 1 || input === undefined || others.length > 0 || input["type"] !== 4)
    return wrong("", "BASE_TYPE_CHOICES", "A modal takes one text input a row.");
  const { label, custom_id: id, placeholder, style, max_length: max } = input;
  const isBetween = (text: unknown, least: number, most: number) =>
    typeof text === "string" && text.length >= least && text.length <= most;
  if (!isBetween(label, 1, 45)) return wrong(".label", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.");
  if (!isBetween(id, 1, 100))
    return wrong(".custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.");
  if (seen.has(id))
    return wrong(".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated.");
  seen.add(id);
  if (placeholder !== undefined && !isBetween(placeholder, 0, 100))
    return wrong(".placeholder", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.");
  if (style !== 1 && style !== 2) return wrong(".style", "BASE_TYPE_CHOICES", "Value must be one of (1, 2).");
  if (max !== undefined && !(Number(max) >= 1 && Number(max) <= 4_000))
    return wrong(".max_length", "NUMBER_TYPE_MAX", "Must be between 1 and 4000.");
  return [];
}

function follow(world: World, interaction: Interaction, body: Json, uploads: readonly Upload[] = []): Message {
  const isEphemeral = (Number(body["flags"] ?? 0) & ephemeral) !== 0;
  const about = {
    channelId: interaction.channelId,
    interactionId: interaction.id,
    visibleTo: isEphemeral ? interaction.userId : null,
    nonce: null,
  };
  return storeMessage(world, body, about, uploads);
}

/** The interaction behind a webhook route: its token lives 15 minutes and works only after a first answer. */
function behindToken(call: Call): Interaction {
  const { world } = call;
  if (param(call, "applicationId") !== world.applicationId) return refusals.unknownWebhook();
  const token = param(call, "token");
  for (const interaction of world.interactions.values()) {
    if (interaction.token !== token) continue;
    if (world.now() - interaction.createdAt > tokenLivesMs) return refusals.deadToken();
    if (interaction.answeredWith === null) return refusals.unknownWebhook();
    return interaction;
  }
  return refusals.unknownWebhook();
}

function followUp(call: Call) {
  const interaction = behindToken(call);
  const body = bodyOf(call);
  checkMessage(body, { mayBeEmpty: false });
  const message = follow(call.world, interaction, body, call.uploads);
  return ok(messageJson(call.world, message));
}

function ownMessage(call: Call): Message {
  const interaction = behindToken(call);
  const named = param(call, "messageId");
  const message = call.world.messages.get(named === "@original" ? (interaction.originalId ?? "") : named);
  const isOwn = message?.interactionId === interaction.id || message?.id === interaction.originalId;
  return message === undefined || message.isDeleted || !isOwn ? refusals.unknownMessage() : message;
}

function removeOwn(call: Call) {
  ownMessage(call).isDeleted = true;
  return noContent;
}

const webhook = "/webhooks/:applicationId/:token";
const limit = { calls: 5, windowMs: 2_000 };

export const interactionRoutes: readonly Route[] = [
  {
    method: "POST",
    pattern: "/interactions/:interactionId/:token/callback",
    needsBotToken: false,
    limit: null,
    handle: firstAnswer,
  },
  { method: "POST", pattern: webhook, needsBotToken: false, limit, handle: followUp },
  {
    method: "PATCH",
    pattern: `${webhook}/messages/:messageId`,
    needsBotToken: false,
    limit,
    handle: (call) => ok(messageJson(call.world, changeMessage(call.world, ownMessage(call), call))),
  },
  {
    method: "GET",
    pattern: `${webhook}/messages/:messageId`,
    needsBotToken: false,
    limit,
    handle: (call) => ok(messageJson(call.world, ownMessage(call))),
  },
  { method: "DELETE", pattern: `${webhook}/messages/:messageId`, needsBotToken: false, limit, handle: removeOwn },
];
