/** Command menus: which scope a call names, and which of the menus a person in a chat is shown. The narrowest one wins. */
import { integerParam, jsonParam, type Params, textParam } from "./params.ts";
import { badRequest } from "./refusal.ts";
import type { Chat, MenuCommand, User, World } from "./world.ts";

const wide = ["default", "all_private_chats", "all_group_chats", "all_chat_administrators"] as const;
const ofChat = ["chat", "chat_administrators", "chat_member"] as const;

export function scopeParam(world: World, params: Params): string {
  const scope = jsonParam(params, "scope", "can't parse BotCommandScope JSON object") ?? { type: "default" };
  if (typeof scope !== "object" || scope === null) return badRequest("BotCommandScope must be an Object");
  const given = scope as Params;
  const type = textParam(given, "type");
  const language = textParam(params, "language_code");
  if (language !== "" && !/^[a-z]{2}$/.test(language)) badRequest("invalid language code specified");
  if ((wide as readonly string[]).includes(type)) return scopeKey(type, null, null, language);
  if (!(ofChat as readonly string[]).includes(type)) return badRequest("unsupported BotCommandScope type specified");
  const chatId = integerParam(given, "chat_id");
  const chat = chatId === null ? undefined : world.chats.get(chatId);
  if (chat === undefined) return badRequest("chat not found");
  if (type !== "chat" && chat.type === "private") badRequest("can't change commands in private chats");
  if (type !== "chat_member") return scopeKey(type, chat.id, null, language);
  const userId = integerParam(given, "user_id");
  if (userId === null || !world.users.has(userId)) return badRequest("user not found");
  return scopeKey(type, chat.id, userId, language);
}

function scopeKey(type: string, chatId: number | null, userId: number | null, language: string): string {
  return [type, chatId ?? "", userId ?? "", language].join(":");
}

/** What the menu button shows to this person there. */
export function menuFor(world: World, user: User, chat: Chat): readonly MenuCommand[] {
  const kind = chat.type === "private" ? "all_private_chats" : "all_group_chats";
  const keys = [
    scopeKey("chat_member", chat.id, user.id, ""),
    scopeKey("chat", chat.id, null, ""),
    scopeKey(kind, null, null, ""),
    scopeKey("default", null, null, ""),
  ];
  return keys.map((key) => world.menus.get(key) ?? []).find((menu) => menu.length > 0) ?? [];
}
