/** The chats that have a token. Their libraries are loaded only then: a house with the desk alone starts without them. */
import type { Config } from "../config.ts";
import type { AnyCommand } from "../define/command.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Messenger } from "../ports/messenger.ts";
import type { PaintCard } from "../ports/painter.ts";

export type OpenedChat = { readonly messenger: Messenger; registerCommands(): Promise<void> };

export async function openChats(
  config: Config,
  commands: readonly AnyCommand[],
  tools: { readonly clock: Clock; readonly log: Log; readonly paint: PaintCard },
): Promise<readonly OpenedChat[]> {
  const { telegramBotToken, telegramApiRoot, discordBotToken, discordApiRoot, discordGuildId } = config.environment;
  const opened: OpenedChat[] = [];
  if (telegramBotToken !== null) {
    const { openTelegram } = await import("../adapters/telegram/telegram.ts");
    const messenger = openTelegram({ token: telegramBotToken.reveal(), apiRoot: telegramApiRoot, ...tools });
    opened.push({
      messenger,
      async registerCommands() {
        const done = await messenger.registerCommands(commands);
        if (!done.ok) tools.log.warn("Telegram's command menu is not set yet", { because: done.problem });
      },
    });
  }
  if (discordBotToken !== null) {
    const { openDiscord } = await import("../adapters/discord/discord.ts");
    opened.push({
      messenger: openDiscord({
        token: discordBotToken.reveal(),
        apiRoot: discordApiRoot,
        guildId: discordGuildId,
        commands,
        ...tools,
      }),
      registerCommands: () => Promise.resolve(),
    });
  }
  return opened;
}
