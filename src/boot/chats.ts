/** The chats that have a token. Their libraries are loaded only then: a house with the desk alone starts without them. */
import type { Config } from "../config.ts";
import type { AnyCommand } from "../define/command.ts";
import type { WriteFile } from "../ports/card_files.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Complete, Messenger } from "../ports/messenger.ts";
import type { PaintCard } from "../ports/painter.ts";

export async function openChats(
  config: Config,
  commands: readonly AnyCommand[],
  tools: {
    readonly clock: Clock;
    readonly log: Log;
    readonly paint: PaintCard;
    readonly write: WriteFile;
    readonly complete: Complete;
  },
): Promise<readonly Messenger[]> {
  const { telegramBotToken, telegramApiRoot, discordBotToken, discordApiRoot, discordGuildId } = config.environment;
  const opened: Messenger[] = [];
  const { complete, ...rest } = tools;
  if (telegramBotToken !== null) {
    const { openTelegram } = await import("../adapters/telegram/telegram.ts");
    opened.push(openTelegram({ token: telegramBotToken.reveal(), apiRoot: telegramApiRoot, ...rest }));
  }
  if (discordBotToken !== null) {
    const { openDiscord } = await import("../adapters/discord/discord.ts");
    const where = { token: discordBotToken.reveal(), apiRoot: discordApiRoot, guildId: discordGuildId };
    opened.push(openDiscord({ ...where, commands, complete, ...rest }));
  }
  return opened;
}
