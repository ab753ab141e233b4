/** Talking with the house on a stage: say something, wait for the answer, read a card as one text. */
import type { Card } from "../../src/core/card.ts";
import { isPositive } from "../../src/core/money.ts";
import type { ScriptedChat } from "./scripted_chat.ts";
import type { Stage } from "./stage.ts";

export const chatsOf = (stage: Stage): readonly ScriptedChat[] => [stage.telegram, stage.discord, stage.desk];

/** @returns the answer to this very command. Ask one thing at a time per chat. */
export async function told(
  stage: Stage,
  chat: ScriptedChat,
  name: string,
  ...rest: [text?: string, change?: Parameters<ScriptedChat["say"]>[2]]
): Promise<Card> {
  const before = chat.messages.filter((message) => message.isReply).length;
  await chat.say(name, ...rest);
  await stage.until(() => chat.messages.filter((message) => message.isReply).length > before, `an answer to /${name}`);
  const card = chat.messages.filter((message) => message.isReply).at(-1)?.card;
  if (card === undefined) throw new Error("the answer is gone");
  return card;
}

/** Everything that a person reads of a card. */
export function textOf(card: Card | undefined): string {
  if (card === undefined) return "";
  return [
    card.title,
    ...card.lines,
    ...card.fields.map((field) => `${field.name}: ${field.value}`),
    card.footer ?? "",
  ].join("\n");
}

/** Cards that came by themselves and have this in their title. */
export const cardsWith = (chat: ScriptedChat, title: string): readonly Card[] =>
  chat.messages
    .filter((message) => !message.isReply && message.card.title.includes(title))
    .map((message) => message.card);

/** Asks, approves and waits until the position has its stop at the exchange. @returns the position id. */
export async function buy(
  stage: Stage,
  symbol: string,
  exit?: { stop?: string; target?: string | null },
): Promise<string> {
  await stage.ask(symbol, exit);
  // The card of an earlier purchase may still have its buttons.
  const prompt = () => stage.discord.openPrompts().findLast((message) => message.card.title.includes(symbol));
  await stage.until(() => prompt() !== undefined, "the prompt");
  const message = prompt();
  await stage.discord.tap("Approve", message === undefined ? {} : { message });
  await stage.until(() => stage.position(symbol)?.protection === "placed", `protection of ${symbol}`);
  return stage.position(symbol)?.positionId ?? "";
}

/** The open question to sell everything: the card of a purchase may still have its buttons, and a tap on it decides nothing. */
export const saleQuestion = (chat: ScriptedChat) =>
  chat.openPrompts().find((message) => message.card.title === "Close every position now?");

/** Open request on no chat any more. */
export const noPrompts = (stage: Stage): boolean => chatsOf(stage).every((chat) => chat.openPrompts().length === 0);

export const heldAt = (stage: Stage, asset: string): string => {
  const row = stage.exchange.balances()[asset];
  return row === undefined || (Number(row.free) === 0 && Number(row.held) === 0) ? "none" : "some";
};

export const isHeld = (stage: Stage, symbol: string): boolean => {
  const position = stage.position(symbol);
  return position !== undefined && isPositive(position.quantity);
};

/** How often a kind of fact is on record. */
export async function factCount(stage: Stage, kind: string): Promise<number> {
  const rows = await stage.database.pool.query<{ count: string }>("select count(*) from events where kind = $1", [
    kind,
  ]);
  return Number(rows.rows[0]?.count ?? 0);
}
