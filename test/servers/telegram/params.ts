/** Reads single parameters as the platform does: forms send everything as text, JSON sends types; both count. */
import { badRequest } from "./refusal.ts";
import type { Chat, Keyboard, KeyboardButton, World } from "./world.ts";

export type Params = Readonly<Record<string, unknown>>;

export function textParam(params: Params, name: string): string {
  const value = params[name];
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function integerParam(params: Params, name: string): number | null {
  const value = params[name];
  if (value === undefined || value === null || value === "") return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}

export function flagParam(params: Params, name: string): boolean {
  const value = params[name];
  return value === true || value === 1 || (typeof value === "string" && /^(true|yes|1)$/i.test(value));
}

export function jsonParam(params: Params, name: string, complaint: string): unknown {
  const value = params[name];
  if (typeof value !== "string") return value;
  if (value === "") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return badRequest(complaint);
  }
}

export function chatParam(world: World, params: Params): Chat {
  const raw = textParam(params, "chat_id");
  if (raw === "") badRequest("chat_id is empty");
  const chat = /^-?\d+$/.test(raw) ? world.chats.get(Number(raw)) : undefined;
  return chat ?? badRequest("chat not found");
}

const buttonsMax = 100;
const dataBytesMax = 64;

export function keyboardParam(params: Params): Keyboard | null {
  const markup = jsonParam(params, "reply_markup", "can't parse reply keyboard markup JSON object");
  if (markup === undefined || markup === null) return null;
  if (typeof markup !== "object" || Array.isArray(markup)) return badRequest("object expected as reply markup");
  const rows = (markup as { inline_keyboard?: unknown }).inline_keyboard;
  if (rows === undefined) return checkedForceReply(markup);
  if (!Array.isArray(rows)) return badRequest('field "inline_keyboard" must be of type Array');
  const checked = rows.map((row: unknown) => {
    if (!Array.isArray(row)) return badRequest('field "inline_keyboard" must be an Array of Arrays');
    return row.map(checkedButton);
  });
  const kept = checked.filter((row) => row.length > 0);
  if (kept.flat().length > buttonsMax) badRequest("reply markup is too long");
  return kept.length === 0 ? null : kept;
}

/** A forced reply carries no buttons; all that can be wrong with it is its placeholder. */
function checkedForceReply(markup: object): null {
  const { force_reply: isForced, input_field_placeholder: placeholder } = markup as Params;
  if (isForced === undefined) return null;
  if (isForced !== true) return badRequest('field "force_reply" must be True');
  const length = typeof placeholder === "string" ? [...placeholder].length : 1;
  return length >= 1 && length <= placeholderMax ? null : badRequest("REPLY_MARKUP_PLACEHOLDER_INVALID");
}

const placeholderMax = 64;

/** Whether this message opens the keyboard for an answer to it. */
export function isForcingReply(params: Params): boolean {
  const markup = jsonParam(params, "reply_markup", "can't parse reply keyboard markup JSON object");
  return typeof markup === "object" && markup !== null && "force_reply" in markup;
}

function checkedButton(button: unknown): KeyboardButton {
  if (typeof button !== "object" || button === null)
    return badRequest("can't parse inline keyboard button: must be an Object");
  const { text, callback_data: data } = button as { text?: unknown; callback_data?: unknown };
  if (typeof text !== "string") return badRequest("can't parse inline keyboard button: can't find field \"text\"");
  if (text.trim() === "") return badRequest("inline keyboard button text must be non-empty");
  if (data === undefined && !("url" in button)) return badRequest("text buttons are unallowed in the inline keyboard");
  if (data !== undefined) {
    const bytes = typeof data === "string" ? Buffer.byteLength(data) : 0;
    if (bytes < 1 || bytes > dataBytesMax) badRequest("BUTTON_DATA_INVALID");
  }
  return button as KeyboardButton;
}
