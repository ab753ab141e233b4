/** Ana's eyes and hands on the three chats, as one: every copy of a prompt wherever it hangs, and a tap on any of them. */
import { contentOf } from "../servers/telegram/world.ts";
import type { DeskClient } from "./desk_client.ts";
import type { Stage } from "./stage.ts";
import { until } from "./until.ts";

export const chats = ["telegram", "discord", "desk"] as const;
export type ChatName = (typeof chats)[number];

/** One message of the bot with what it shows now. */
export type Copy = {
  readonly chat: ChatName;
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly buttons: readonly string[];
  readonly edits: number;
};

export type Hands = {
  /** All that the bot wrote in this chat, oldest first. */
  messages(chat: ChatName): readonly Copy[];
  tap(copy: Copy, label: string): Promise<void>;
};

type Embed = {
  readonly title?: string;
  readonly description?: string;
  readonly footer?: { readonly text?: string };
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
};
type Row = { readonly components?: readonly { readonly label?: string }[] };

export function handsOf(stage: Stage, desk: () => DeskClient): Hands {
  const { telegram, discord, people } = stage;
  const messages = { telegram: () => onTelegram(stage), discord: () => onDiscord(stage), desk: () => onDesk(desk()) };
  return {
    messages: (chat) => messages[chat](),
    async tap(copy, label) {
      if (copy.chat === "desk") return desk().tap(copy.id, label);
      if (copy.chat === "discord") return void discord.tap(people.onDiscord, copy.id, label);
      const message = telegram.message(people.privately, copy.id);
      if (message === null) throw new Error(`Telegram has no message ${copy.id}`);
      telegram.tap(people.onTelegram, message, label);
    },
  };
}

function onTelegram({ telegram, people }: Stage): readonly Copy[] {
  const shown = telegram
    .botMessages(people.privately)
    .filter((message) => !message.isDeleted && contentOf(message).photo === null);
  return shown.map((message) => {
    const { text, keyboard } = contentOf(message);
    const buttons = (keyboard ?? []).flat().map((button) => button.text);
    const title = text.split("\n")[0] ?? "";
    return { chat: "telegram", id: String(message.messageId), title, text, buttons, edits: message.history.length - 1 };
  });
}

/** Pictures that reached each platform, since the stage was opened. */
export function picturesOn({ telegram, discord, people }: Stage): Readonly<Record<"telegram" | "discord", number>> {
  const photos = telegram.botMessages(people.privately).filter((message) => contentOf(message).photo !== null);
  const uploads = discord.requests.flatMap(({ status, files }) => (status === 200 ? files : []));
  return { telegram: photos.length, discord: uploads.length };
}

function onDiscord({ discord, people }: Stage): readonly Copy[] {
  const isShown = (message: { authorId: string; isDeleted: boolean }) =>
    message.authorId === discord.world.bot.id && !message.isDeleted;
  return discord
    .all(people.channel)
    .filter(isShown)
    .map((message) => {
      const rows = message.components as Row[];
      const buttons = rows.flatMap((row) => (row.components ?? []).map((button) => button.label ?? ""));
      const text = [message.content, ...(message.embeds as Embed[]).flatMap(wordsOf)]
        .filter((piece) => piece !== "")
        .join("\n");
      const title = message.content.split("\n")[0]?.replaceAll("*", "") ?? "";
      return { chat: "discord", id: message.id, title, text, buttons, edits: message.history.length };
    });
}

function wordsOf({ title = "", description = "", fields = [], footer }: Embed): readonly string[] {
  return [title, description, ...fields.flatMap((field) => [field.name, field.value]), footer?.text ?? ""];
}

function onDesk(desk: DeskClient): readonly Copy[] {
  return desk.cards().map(({ messageId, card, buttons, revision }) => {
    const text = [
      card.title,
      ...card.lines,
      ...card.fields.flatMap((field) => [field.name, field.value]),
      card.footer ?? "",
    ].join("\n");
    return {
      chat: "desk",
      id: messageId,
      title: card.title,
      text,
      buttons: buttons.map((button) => button.label),
      edits: revision - 1,
    };
  });
}

/** Waits until every chat shows an open prompt whose title has these words. @returns one copy a chat, the newest. */
export function openCopies(hands: Hands, words: string, hopeless: () => string | null): Promise<readonly Copy[]> {
  const find = (): readonly Copy[] | null => {
    const found = chats.map((chat) =>
      hands.messages(chat).findLast((copy) => copy.title.includes(words) && copy.buttons.length > 0),
    );
    return found.every((copy) => copy !== undefined) ? found : null;
  };
  const seen = () =>
    chats
      .map(
        (chat) =>
          `${chat}: ${hands
            .messages(chat)
            .map((copy) => `${copy.title} [${copy.buttons.join(" ")}]`)
            .join(" | ")}`,
      )
      .join("; ");
  return until(`a prompt "${words}" on all three chats`, find, { hopeless, seen });
}

const retapMs = 8_000;

/** Taps Approve until the prompt is closed: a slow machine may let a price grow old, and then the house asks to tap again. */
export async function approve(hands: Hands, first: Copy, hopeless: () => string | null): Promise<void> {
  let tappedAt = Number.NEGATIVE_INFINITY;
  await until(
    `the tap on ${first.chat} closes "${first.title}"`,
    async () => {
      const copy = hands.messages(first.chat).find((one) => one.id === first.id);
      if (copy === undefined || copy.buttons.length === 0) return true;
      if (performance.now() - tappedAt < retapMs) return false;
      tappedAt = performance.now();
      await hands.tap(copy, "Approve");
      return false;
    },
    { hopeless },
  );
}

/** Waits until each of these very messages was edited in place: buttons gone, the outcome said. */
export async function seeClosed(
  hands: Hands,
  copies: readonly Copy[],
  says: RegExp,
  hopeless: () => string | null,
): Promise<void> {
  for (const copy of copies) {
    const now = () => hands.messages(copy.chat).find((one) => one.id === copy.id);
    await until(
      `${copy.chat}'s copy of "${copy.title}" is edited in place and says ${says}`,
      () => {
        const shown = now();
        return shown !== undefined && shown.edits > copy.edits && shown.buttons.length === 0 && says.test(shown.text);
      },
      { hopeless, seen: () => JSON.stringify(now()) },
    );
  }
}
