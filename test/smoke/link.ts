/** Makes Ana one person on three platforms, the way a person does it: a code from the desk for each chat. */
import type { ChatName, Hands } from "./chats.ts";
import type { DeskClient } from "./desk_client.ts";
import type { Stage } from "./stage.ts";
import { until } from "./until.ts";

type Linking = {
  readonly stage: Stage;
  readonly hands: Hands;
  readonly desk: DeskClient;
  readonly hopeless: () => string | null;
};

export async function linkEverywhere(linking: Linking): Promise<void> {
  await linkTelegram(linking);
  await linkDiscord(linking);
}

export async function linkTelegram({ stage, hands, desk, hopeless }: Linking): Promise<void> {
  const { telegram, people } = stage;
  telegram.sendText(people.onTelegram, people.privately, `/link ${await linkCode(desk)}`);
  await until("Telegram is linked", () => isLinked(hands, "telegram"), { hopeless });
}

export async function linkDiscord({ stage, hands, desk, hopeless }: Linking): Promise<void> {
  const { discord, people } = stage;
  const knows = () => discord.commandsOf(people.guild).some((one) => one["name"] === "link");
  await until("Discord knows the commands", knows, { hopeless });
  discord.slash(people.onDiscord, people.channel, "link", { code: await linkCode(desk) });
  await until("Discord is linked", () => isLinked(hands, "discord"), { hopeless });
}

const isLinked = (hands: Hands, chat: ChatName): boolean =>
  hands.messages(chat).some((copy) => copy.title.includes("Linked: owner"));

/** The card that carries a code says what to type: "/link CODE". */
async function linkCode(desk: DeskClient): Promise<string> {
  const { card } = await desk.command("link");
  const code = /\/link (\S+)/.exec(card.lines.join("\n"))?.[1];
  if (code === undefined) throw new Error(`The desk gave no link code: ${JSON.stringify(card)}`);
  return code;
}
