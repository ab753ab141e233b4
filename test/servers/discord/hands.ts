/** Ana and Bo at the pretended Discord, played from a page: one channel of a guild, and their direct messages with the bot. */
import type { Act, Hands, SeenButton, SeenChat, SeenForm, SeenMessage } from "../human/contract.ts";
import type { Tried } from "./humans.ts";
import type { Json } from "./refusal.ts";
import type { DiscordServer } from "./server.ts";
import type { Message } from "./world.ts";

type Played = {
  readonly server: DiscordServer;
  readonly people: readonly string[];
  readonly guildId: string;
  readonly channelId: string;
  readonly tries: (Tried & { isSubmitted: boolean })[];
};

export function discordHands(
  server: DiscordServer,
  where: { readonly people: readonly string[]; readonly guildId: string; readonly channelId: string },
): Hands {
  const played: Played = { server, ...where, tries: [] };
  const nameOf = (id: string) => server.world.users.get(id)?.globalName ?? server.world.users.get(id)?.username ?? id;
  const person = (id: string) => (where.people.includes(id) ? id : (where.people[0] ?? ""));
  return {
    state(personId) {
      const userId = person(personId);
      return {
        platform: "Pretended Discord",
        people: where.people.map((id) => ({ id, name: nameOf(id) })),
        chats: [
          seenChat(played, userId, { id: where.channelId, name: "#trading" }),
          seenChat(played, userId, { id: server.openDm(userId), name: "the bot" }),
        ],
        commands: server.commandsOf(where.guildId).map((command) => ({
          name: String(command["name"]),
          description: String(command["description"]),
          options: optionsOf(command).map((option) => String(option["name"])),
        })),
        forms: played.tries.flatMap((tried) => formOf(tried, userId)),
        notices: noticesOf(played, userId),
      };
    },
    act: (personId, act) => perform(played, person(personId), act),
    complete: (personId, chatId, text) => complete(played, { userId: person(personId), chatId, text }),
  };
}

const optionsOf = (command: Json): readonly Json[] => (command["options"] ?? []) as Json[];

function perform({ server, channelId, tries, guildId }: Played, userId: string, act: Act): void {
  const keep = (tried: Tried) => {
    tries.push({ ...tried, isSubmitted: false });
  };
  switch (act.kind) {
    case "tap":
      keep(server.tap(userId, act.messageId, act.label));
      return;
    case "submit": {
      const asked = tries.find((one) => one.id === act.formId);
      if (asked === undefined) throw new Error("That form is gone");
      asked.isSubmitted = true;
      keep(server.submit(asked, { ...act.values }));
      return;
    }
    case "say": {
      const chatId = act.chatId === "" ? channelId : act.chatId;
      if (!act.text.startsWith("/")) {
        server.sendText(userId, chatId, act.text, act.replyTo === null ? {} : { replyTo: act.replyTo });
        return;
      }
      const { name, options } = wordsOf(server, guildId, act.text);
      keep(server.slash(userId, chatId, name, options));
      return;
    }
    default:
      throw new Error("Nobody can do that here");
  }
}

type Value = string | number | boolean;

/** "/close SOL/USDT" or "/close what:SOL/USDT": words in the order of the options, the last one takes the rest. */
function wordsOf(
  server: DiscordServer,
  guildId: string,
  text: string,
): { name: string; options: Record<string, Value> } {
  const [name = "", ...words] = text.slice(1).trim().split(/\s+/);
  const command = server.commandsOf(guildId).find((one) => one["name"] === name);
  if (command === undefined) throw new Error(`No command /${name} is registered here`);
  const options: Record<string, Value> = {};
  const known = optionsOf(command).map((option) => String(option["name"]));
  const free = words.filter((word) => {
    const at = word.search(/[:=]/);
    const isNamed = at > 0 && known.includes(word.slice(0, at));
    if (isNamed) options[word.slice(0, at)] = word.slice(at + 1);
    return !isNamed;
  });
  const open = known.filter((key) => options[key] === undefined);
  open.forEach((key, index) => {
    const word = index === open.length - 1 ? free.slice(index).join(" ") : free[index];
    if (word !== undefined && word !== "") options[key] = word;
  });
  const typed = optionsOf(command).flatMap((option): [string, Value][] => {
    const key = String(option["name"]);
    return options[key] === undefined ? [] : [[key, typedValue(option["type"], String(options[key]))]];
  });
  return { name, options: Object.fromEntries(typed) };
}

function typedValue(type: unknown, word: string): Value {
  if (type === 5) return word === "true" || word === "yes";
  return type === 4 || type === 10 ? Number(word) : word;
}

async function complete(
  { server, guildId }: Played,
  asked: { readonly userId: string; readonly chatId: string; readonly text: string },
): Promise<readonly string[]> {
  const [name = "", ...words] = asked.text.slice(1).split(" ");
  const command = server.commandsOf(guildId).find((one) => one["name"] === name);
  const option = command === undefined ? undefined : optionsOf(command)[words.length - 1];
  if (option === undefined) return [];
  const fixed = option["choices"] as readonly Json[] | undefined;
  if (fixed !== undefined) return fixed.map((choice) => String(choice["value"]));
  if (option["autocomplete"] !== true) return [];
  const prefix = words.at(-1) ?? "";
  const { interaction } = server.type(asked.userId, asked.chatId, name, { option: String(option["name"]), prefix });
  const until = Date.now() + 1_000;
  while (interaction.choices === null && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  return (interaction.choices ?? []).map((choice) => String(choice.value));
}

function formOf({ id, interaction, isSubmitted }: Tried & { isSubmitted: boolean }, userId: string): SeenForm[] {
  const { modal } = interaction;
  if (modal === null || isSubmitted || interaction.userId !== userId) return [];
  const inputs = (modal["components"] as Json[]).flatMap((row) => row["components"] as Json[]);
  const fields = inputs.map((input) => ({
    name: String(input["custom_id"]),
    label: String(input["label"]),
    hint: String(input["placeholder"] ?? ""),
  }));
  return [{ id, title: String(modal["title"]), fields }];
}

function noticesOf({ tries }: Played, userId: string): readonly string[] {
  return tries
    .filter((tried) => tried.interaction.userId === userId && tried.failedForPerson())
    .map(() => "This interaction failed");
}

function seenChat({ server }: Played, userId: string, chat: { readonly id: string; readonly name: string }): SeenChat {
  return { ...chat, messages: server.see(chat.id, userId).map((message) => seenMessage(server, message)) };
}

function seenMessage(server: DiscordServer, message: Message): SeenMessage {
  const author = server.world.users.get(message.authorId);
  const notes = [
    ...(message.visibleTo === null ? [] : ["only you see this"]),
    ...(message.history.length > 0 ? ["edited"] : []),
  ];
  return {
    id: message.id,
    from: author?.globalName ?? author?.username ?? "",
    isFromBot: message.authorId === server.applicationId,
    text: message.isThinking ? "thinking…" : wordsShown(message),
    rows: message.components.map((row) => (row["components"] as Json[]).map(seenButton)),
    pictures: message.attachments
      .filter(({ contentType }) => contentType.startsWith("image/"))
      .map(({ contentType, bytes }) => `data:${contentType};base64,${bytes.toString("base64")}`),
    note: notes.length === 0 ? null : notes.join(", "),
    isForcingReply: false,
  };
}

/** Without the marks of bold and the backslashes that keep a name from being one. */
function wordsShown({ content, embeds, attachments }: Message): string {
  const parts = embeds.flatMap((embed) => [
    String(embed["description"] ?? ""),
    ...((embed["fields"] ?? []) as Json[]).map((field) => `${String(field["name"])}: ${String(field["value"])}`),
    String((embed["footer"] as Json | undefined)?.["text"] ?? ""),
  ]);
  const files = attachments.filter(({ contentType }) => !contentType.startsWith("image/"));
  return [content, ...parts, ...files.map(({ filename }) => `📎 ${filename}`)]
    .filter((part) => part !== "")
    .join("\n")
    .replace(/\*\*/g, "")
    .replace(/\\(?=[\\*_~`|<>#[\]@:+\-.])/g, "");
}

function seenButton(button: Json): SeenButton {
  const style = button["style"] === 3 ? "yes" : button["style"] === 4 ? "no" : "plain";
  return { label: String(button["label"]), style };
}
