/** In which chats people may decide and command: private ones always, groups only where the settings name them. */
import type { HouseSettings } from "../core/settings.ts";
import type { Incoming } from "../ports/messenger.ts";

/** One sentence for the person, or null when this chat counts. An empty list means every chat in which a linked person writes. */
export function whyNotHere(settings: HouseSettings, incoming: Incoming): string | null {
  const { platform, chatId } = incoming.chat;
  if (platform === "desk") return null;
  if (incoming.guildId !== null && settings.discordGuildId !== null && incoming.guildId !== settings.discordGuildId)
    return "This server is not the one of this house.";
  const allowed = settings.allowedChats[platform];
  return incoming.isPrivate || allowed.length === 0 || allowed.includes(chatId)
    ? null
    : "This chat is not on the list of this house; write in private or in a listed one.";
}
