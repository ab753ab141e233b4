/** Ana and Bo at the pretended Telegram, played from a page: their private chats with the bot, and a group. */
import type { Act, Hands, SeenChat, SeenMessage } from "../human/contract.ts";
import { menuFor } from "./menus.ts";
import type { TelegramServer } from "./server.ts";
import { type Chat, contentOf, type KeyboardButton, type Message, type User } from "./world.ts";

type Played = {
  readonly server: TelegramServer;
  readonly people: readonly User[];
  readonly group: Chat;
  /** Taps of each person, newest last. */
  readonly taps: { readonly userId: number; readonly queryId: string }[];
};

export function telegramHands(server: TelegramServer, people: readonly User[], group: Chat): Hands {
  const played: Played = { server, people, group, taps: [] };
  return {
    state(personId) {
      const user = personOf(people, personId);
      const dm = server.privateChat(user);
      return {
        platform: "Pretended Telegram",
        people: people.map(({ id, first_name: name }) => ({ id: String(id), name })),
        chats: [seenChat(server, dm, "the bot"), seenChat(server, group, group.title ?? "group")],
        commands: menuFor(server.world, user, dm).map(({ command, description }) => ({
          name: command,
          description,
          options: [description],
        })),
        forms: [],
        notices: noticesOf(played, user),
      };
    },
    act: (personId, act) => perform(played, personOf(people, personId), act),
    // Telegram itself completes nothing but the names of its menu.
    complete: () => Promise.resolve([]),
  };
}

function personOf(people: readonly User[], personId: string): User {
  const user = people.find((one) => String(one.id) === personId) ?? people[0];
  if (user === undefined) throw new Error("Nobody is here");
  return user;
}

function perform({ server, people, group, taps }: Played, user: User, act: Act): void {
  if (act.kind === "submit") throw new Error("Telegram has no forms");
  const chats = [...people.map((one) => server.privateChat(one)), group];
  const chat = chats.find((one) => String(one.id) === act.chatId) ?? server.privateChat(user);
  if (chat.type === "private" && chat.id !== user.id) throw new Error("That is somebody else's chat");
  if (act.kind === "say") {
    const replyTo = act.replyTo === null ? null : server.message(chat, act.replyTo);
    server.sendText(user, chat, act.text, replyTo === null ? {} : { replyTo });
    return;
  }
  const message = server.message(chat, act.messageId);
  if (message === null || message.isDeleted) throw new Error("That message is gone");
  taps.push({ userId: user.id, queryId: server.tap(user, message, act.label).queryId });
}

function noticesOf({ server, taps }: Played, user: User): readonly string[] {
  return taps.flatMap(({ userId, queryId }) => {
    const text = userId === user.id ? (server.answerOf(queryId)?.text ?? "") : "";
    return text === "" ? [] : [text];
  });
}

function seenChat(server: TelegramServer, chat: Chat, name: string): SeenChat {
  const shown = server.messages(chat).filter((message) => !message.isDeleted);
  return { id: String(chat.id), name, messages: shown.map((message) => seenMessage(server, message)) };
}

function seenMessage(server: TelegramServer, message: Message): SeenMessage {
  const content = contentOf(message);
  const { photo, document } = content;
  const files = document === undefined ? "" : `\n📎 ${document.filename}`;
  return {
    id: String(message.messageId),
    from: message.from.first_name,
    isFromBot: message.from.id === server.bot.id,
    text: `${content.text}${files}`,
    rows: (content.keyboard ?? []).map((row) => row.map(seenButton)),
    pictures: photo === null ? [] : [`data:image/png;base64,${photo.toString("base64")}`],
    note: message.history.length > 1 ? "edited" : null,
    isForcingReply: message.isForcingReply === true && !isAnswered(server, message),
  };
}

const isAnswered = (server: TelegramServer, { chatId, messageId }: Message): boolean =>
  [...server.world.messages.values()].some((one) => one.chatId === chatId && one.replyTo === messageId);

function seenButton({ text, ...more }: KeyboardButton) {
  const style = more["style"] === "success" ? "yes" : more["style"] === "danger" ? "no" : "plain";
  return { label: text, style } as const;
}
