/**
 * Posts and edits messages. A card that Discord refuses as a form is sent once more as bare text: people must be told.
 *
 *   picture, file --in time--> post with them --refused, no answer--> post without (same nonce: never two messages)
 *      '--none---------------------------------------------------------^
 *   edit --says what the picture says--> keeps it
 *      '--says other prices, or nobody knows what it shows--> painted anew --none in time--> the old one goes
 */
import { z } from "zod";
import { assert } from "../../core/assert.ts";
import { type Card, pictureSays } from "../../core/card.ts";
import { fail, ok, type Result } from "../../core/result.ts";
import { noFile, type WriteFile } from "../../ports/card_files.ts";
import type { ChatRef, Delivery, DeliveryProblem, Messenger } from "../../ports/messenger.ts";
import type { PaintCard } from "../../ports/painter.ts";
import type { Attaching } from "./attaching.ts";
import { carrying, type Enclosed, hasAny, pictureName, pictureTimeoutMs, showingPicture } from "./picture.ts";
import { codes, editProblem, postProblem, type WireProblem } from "./problems.ts";
import { buttonRows, type DiscordText, renderDiscord, renderPlain } from "./render.ts";
import type { Wire, WireRequest } from "./wire.ts";

/** Nobody is ever notified by what a card says. */
export const nobody = { parse: [] } as const;
const suppressNotifications = 1 << 12;
const nonceMax = 25;
const privateChat = /^user:(\d{17,20})$/;
const knownChannelsMax = 1_000;
const rememberedMax = 1_000;

const made = z.object({
  id: z.string().min(1),
  attachments: z
    .array(z.object({ filename: z.string() }))
    .optional()
    .catch(undefined),
});

export type Posting = Pick<Messenger, "post" | "edit"> & {
  postUnder(chat: ChatRef, card: Card, under: { messageId: string; nonce: string }): Promise<Delivery>;
};

type Sent = {
  readonly messageId: string;
  readonly hasPicture: boolean;
  /** Why it went without its picture and file although there were some. */
  readonly leftOut?: WireProblem;
};
type MakeRequest = (text: DiscordText) => WireRequest;

/** Tries the card as an embed, then as bare text when only its form was refused. */
export async function sendCard(
  wire: Wire,
  card: Card,
  request: MakeRequest,
  dress: (text: DiscordText) => DiscordText = (text) => text,
): Promise<Result<Sent, WireProblem>> {
  let answer = await wire.request(request(dress(renderDiscord(card))));
  if (!answer.ok && answer.problem.kind === "refused" && answer.problem.code === codes.badForm) {
    answer = await wire.request(request(renderPlain(card)));
  }
  return readSent(answer);
}

/**
 * The card with its picture and its file, if there are any, else without. Discord's refusal of them, and of an answer that is
 * lost where the same request twice is seen once (`isRepeatable`), is followed at once by the bare card.
 */
export async function sendShown(
  wire: Wire,
  request: MakeRequest,
  { card, enclosed, isRepeatable }: { card: Card; enclosed: Enclosed; isRepeatable: boolean },
): Promise<Result<Sent, WireProblem>> {
  if (!hasAny(enclosed)) return sendCard(wire, card, request);
  const text = renderDiscord(card);
  const whole = carrying(request(enclosed.picture === null ? text : showingPicture(text)), enclosed);
  const sent = readSent(await wire.request({ ...whole, timeoutMs: pictureTimeoutMs }));
  if (sent.ok) return sent;
  const { kind } = sent.problem;
  const isBareBetter = kind === "refused" || (kind === "no_answer" && isRepeatable);
  if (!isBareBetter) return sent;
  const bare = await sendCard(wire, card, request);
  return bare.ok ? ok({ ...bare.value, leftOut: sent.problem }) : bare;
}

function readSent(answer: Result<unknown, WireProblem>): Result<Sent, WireProblem> {
  if (!answer.ok) return answer;
  const message = made.safeParse(answer.value);
  if (!message.success) return fail({ kind: "no_answer", because: "Discord's answer names no message" });
  const { id, attachments = [] } = message.data;
  return ok({ messageId: id, hasPicture: attachments.some(({ filename }) => filename === pictureName) });
}

/** Painted and written at the same time; each gives up by itself before it is late. */
export async function enclose(card: Card, { paint, write }: EnclosedBy): Promise<Enclosed> {
  const [picture, file] = await Promise.all([paint(card), write(card)]);
  return { picture, file };
}

export type EnclosedBy = { readonly paint: PaintCard; readonly write: WriteFile };

export type PostParts = {
  readonly paint?: PaintCard;
  readonly write?: WriteFile;
  readonly attaching: Attaching;
};

export function postsMessages(wire: Wire, { paint = noPicture, write = noFile, attaching }: PostParts): Posting {
  const channelIdOf = findsChannels(wire);
  // What the pictures of our messages say, and nonces whose picture has had its chance.
  const pictured = remembers<string>();
  const tried = remembers<true>();

  async function send(chat: ChatRef, card: Card, more: Record<string, unknown> & { nonce: string }): Promise<Delivery> {
    const channel = await channelIdOf(chat);
    if (!channel.ok) return channel;
    const path: `/${string}` = `/channels/${channel.value}/messages`;
    const common = { allowed_mentions: nobody, enforce_nonce: true, ...more };
    const request: MakeRequest = (text) => ({ method: "POST", path, body: { ...text, ...common } });
    const enclosed = tried.get(more.nonce) === true ? nothing : await enclose(card, { paint, write });
    const sent = await sendShown(wire, request, { card, enclosed, isRepeatable: true });
    if (hasAny(enclosed) && (sent.ok || sent.problem.kind === "no_answer")) tried.set(more.nonce, true);
    if (!sent.ok) return fail(postProblem(sent.problem));
    if (sent.value.hasPicture) pictured.set(sent.value.messageId, pictureSays(card) ?? "");
    noteFiles(attaching, channel.value, { enclosed, leftOut: sent.value.leftOut });
    return ok({ messageId: sent.value.messageId });
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
    edit: editsMessages({ wire, paint, attaching, pictured, channelIdOf }),
  };
}

type EditParts = {
  readonly wire: Wire;
  readonly paint: PaintCard;
  readonly attaching: Attaching;
  readonly pictured: Memory<string>;
  readonly channelIdOf: ReturnType<typeof findsChannels>;
};

function editsMessages(parts: EditParts): Posting["edit"] {
  return async (chat, messageId, card, buttons) => {
    const channel = await parts.channelIdOf(chat);
    if (!channel.ok) return channel;
    const path: `/${string}` = `/channels/${channel.value}/messages/${messageId}`;
    const fate = fateOfPicture(card, buttons.length > 0, parts.pictured.get(messageId));
    const common = {
      allowed_mentions: nobody,
      components: buttonRows(buttons),
      // A new picture takes the place of this empty list, and where it is refused the old one is gone with it.
      ...(fate === "stays" || fate === "stays in the embed" ? {} : { attachments: [] }),
    };
    const request: MakeRequest = (text) => ({ method: "PATCH", path, body: { ...text, ...common } });
    const sent = await (fate === "is painted anew"
      ? repaint(parts, { channelId: channel.value, messageId }, { card, request })
      : sendCard(parts.wire, card, request, fate === "stays in the embed" ? showingPicture : undefined));
    if (sent.ok && fate === "goes") parts.pictured.forget(messageId);
    return sent.ok ? ok({ messageId }) : fail(editProblem(sent.problem));
  };
}

type Fate = "stays" | "stays in the embed" | "goes" | "is painted anew";

/** `shown`: what the picture of this message says; undefined = there is none, or nobody knows. */
function fateOfPicture(card: Card, hasButtons: boolean, shown: string | undefined): Fate {
  // A report is no question: its picture and its file are what it brings.
  if (card.file !== undefined) return shown === undefined ? "stays" : "stays in the embed";
  // Without buttons all is decided: a picture of the question would only be taken for the answer.
  const says = hasButtons ? pictureSays(card) : null;
  if (says === null) return "goes";
  return says === shown ? "stays in the embed" : "is painted anew";
}

async function repaint(
  { wire, paint, pictured, attaching }: EditParts,
  { channelId, messageId }: { readonly channelId: string; readonly messageId: string },
  { card, request }: { readonly card: Card; readonly request: MakeRequest },
): Promise<Result<Sent, WireProblem>> {
  const enclosed = { picture: await paint(card), file: null };
  const sent = await sendShown(wire, request, { card, enclosed, isRepeatable: true });
  if (!sent.ok) return sent;
  if (sent.value.hasPicture) pictured.set(messageId, pictureSays(card) ?? "");
  else pictured.forget(messageId);
  noteFiles(attaching, channelId, { enclosed, leftOut: sent.value.leftOut });
  return sent;
}

function noteFiles(
  attaching: Attaching,
  channelId: string,
  { enclosed, leftOut }: { readonly enclosed: Enclosed; readonly leftOut: WireProblem | undefined },
): void {
  if (!hasAny(enclosed)) return;
  if (leftOut === undefined) attaching.taken(channelId);
  else if (leftOut.kind === "refused" && leftOut.code === codes.missingPermission)
    attaching.leftOut(channelId, leftOut.because);
}

const noPicture: PaintCard = () => Promise.resolve(null);
const nothing: Enclosed = { picture: null, file: null };

type Memory<Value> = {
  get(id: string): Value | undefined;
  set(id: string, value: Value): void;
  forget(id: string): void;
};

/** The newest thousand; what is forgotten costs a picture painted again, never a message. */
function remembers<Value>(): Memory<Value> {
  const kept = new Map<string, Value>();
  return {
    get: (id) => kept.get(id),
    set(id, value) {
      if (kept.size >= rememberedMax) kept.delete(kept.keys().next().value ?? "");
      kept.set(id, value);
    },
    forget: (id) => void kept.delete(id),
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
