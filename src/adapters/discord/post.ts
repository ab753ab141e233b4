/**
 * Posts and edits messages. A card that Discord refuses as a form is sent once more as bare text: people must be told.
 */
import { z } from "zod";
import { assert } from "../../core/assert.ts";
import type { Button, Card } from "../../core/card.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import type { ChatRef, Delivery, DeliveryProblem, Messenger } from "../../ports/messenger.ts";
import { codes, editProblem, postProblem, type WireProblem } from "./problems.ts";
import { buttonRows, type DiscordText, renderDiscord, renderPlain } from "./render.ts";
import type { Wire, WireRequest } from "./wire.ts";

/** Nobody is ever notified by what a card says. */
export const nobody = { parse: [] } as const;
const suppressNotifications = 1 << 12;
const nonceMax = 25;
const privateChat = /^user:(\d{17,20})$/;
const knownChannelsMax = 1_000;

const made = z.object({ id: z.string().min(1) });

export type Posting = Pick<Messenger, "post" | "edit"> & {
  postUnder(chat: ChatRef, card: Card, under: { messageId: string; nonce: string }): Promise<Delivery>;
};

/** Tries the card as an embed, then as bare text when only its form was refused. */
export async function sendCard(
  wire: Wire,
  card: Card,
  request: (text: DiscordText) => WireRequest,
): Promise<Result<{ readonly messageId: string }, WireProblem>> {
  let answer = await wire.request(request(renderDiscord(card)));
  if (!answer.ok && answer.problem.kind === "refused" && answer.problem.code === codes.badForm) {
    answer = await wire.request(request(renderPlain(card)));
  }
  if (!answer.ok) return answer;
  const message = made.safeParse(answer.value);
  if (!message.success) return fail({ kind: "no_answer", because: "Discord's answer names no message" });
  return ok({ messageId: message.data.id });
}

export function postsMessages(wire: Wire): Posting {
  const channelIdOf = findsChannels(wire);

  async function send(chat: ChatRef, card: Card, more: Record<string, unknown>): Promise<Delivery> {
    const channel = await channelIdOf(chat);
    if (!channel.ok) return channel;
    const path: `/${string}` = `/channels/${channel.value}/messages`;
    const common = { allowed_mentions: nobody, enforce_nonce: true, ...more };
    const sent = await sendCard(wire, card, (text) => ({ method: "POST", path, body: { ...text, ...common } }));
    return sent.ok ? sent : fail(postProblem(sent.problem));
  }

  return {
    async post(chat, card, { buttons, nonce, isQuiet }) {
      assert(nonce.length <= nonceMax, `A nonce has at most ${nonceMax} characters, got ${nonce.length}.`);
      const flags = isQuiet ? { flags: suppressNotifications } : {};
      return await send(chat, card, { nonce, components: buttonRows(buttons), ...flags });
    },
    async postUnder(chat, card, { messageId, nonce }) {
      const reference = { message_id: messageId, fail_if_not_exists: false };
      return await send(chat, card, { nonce, message_reference: reference });
    },
    async edit(chat: ChatRef, messageId: string, card: Card, buttons: readonly Button[]): Promise<Delivery> {
      const channel = await channelIdOf(chat);
      if (!channel.ok) return channel;
      const path: `/${string}` = `/channels/${channel.value}/messages/${messageId}`;
      const common = { allowed_mentions: nobody, components: buttonRows(buttons) };
      const sent = await sendCard(wire, card, (text) => ({ method: "PATCH", path, body: { ...text, ...common } }));
      return sent.ok ? sent : fail(editProblem(sent.problem));
    },
  };
}

/** The channel of a chat; a private one is opened at its first use. Opening twice gives the same channel, so it may be repeated. */
function findsChannels(wire: Wire): (chat: ChatRef) => Promise<Result<string, DeliveryProblem>> {
  const opened = new Map<string, string>();
  return async (chat) => {
    const userId = privateChat.exec(chat.chatId)?.[1];
    if (userId === undefined) return ok(chat.threadId ?? chat.chatId);
    const known = opened.get(userId);
    if (known !== undefined) return ok(known);
    const answer = await wire.request({ method: "POST", path: "/users/@me/channels", body: { recipient_id: userId } });
    if (!answer.ok) return fail(editProblem(answer.problem));
    const channel = made.safeParse(answer.value);
    if (!channel.success)
      return fail({ kind: "later", because: "Discord's answer names no channel", retryAfterMs: 2_000 });
    if (opened.size >= knownChannelsMax) opened.clear();
    opened.set(userId, channel.data.id);
    return ok(channel.data.id);
  };
}
