/** The adapter of one process to one platform: posts, edits, answers, each with the failures that the real platforms have. */
import type { Button, Card } from "../../../src/core/card.ts";
import { fail, ok } from "../../../src/core/result.ts";
import { type Instant, instant } from "../../../src/core/time.ts";
import type { AnswerRef, ChatRef, Delivery, DeliveryProblem, Form, Messenger } from "../../../src/ports/messenger.ts";
import {
  deliverWaiting,
  isAway,
  listeners,
  type SeenMessage,
  type Session,
  type SimPlatform,
  strikes,
} from "./platform.ts";

type Clock = { now(): number; wall(): number };

export function messengerOf(one: SimPlatform, processId: string, clock: Clock): Messenger {
  const session: Session = { processId, receive: null, isOpen: false };
  let lastHeardAt: Instant | null = null;
  return {
    platform: one.platform,
    start(receive) {
      session.receive = receive;
      session.isOpen = true;
      one.sessions.push(session);
      one.around.scheduler.after(one.chance.int(50, 1_500), `${one.platform}: a process listens`, () => {
        if (session.isOpen && !isAway(one)) deliverWaiting(one);
      });
      return Promise.resolve();
    },
    stop() {
      session.isOpen = false;
      return Promise.resolve();
    },
    health() {
      const isHearing = session.isOpen && !isAway(one) && listeners(one).includes(session);
      if (isHearing) lastHeardAt = instant(clock.wall());
      return { isHearing, lastHeardAt, problem: isHearing ? null : `${one.platform}: the connection is lost` };
    },
    ...mouthOf(one, session),
  };
}

type Mouth = Pick<Messenger, "post" | "edit" | "acknowledge" | "reply" | "ask">;

function mouthOf(one: SimPlatform, session: Session): Mouth {
  return {
    post: (chat, card, { buttons, nonce }) =>
      onTheWay(one, () => {
        const problem = postProblem(one);
        if (problem !== null && problem !== "posted") return fail(problem);
        const message = put(one, { chat, card, buttons, nonce, repliesTo: null });
        return problem === "posted" ? fail(lost) : ok({ messageId: message.messageId });
      }),
    edit: (_chat, messageId, card, buttons) => onTheWay(one, () => edit(one, messageId, card, buttons)),
    acknowledge: (ref) =>
      onTheWay(one, () => {
        if (isAway(one) || strikes(one, "chat_away", 0.5)) return "failed";
        const event = one.byAnswerId.get(ref.id);
        const deadlineMs = one.platform === "discord" ? 3_000 : 15_000;
        const ageMs = event === undefined ? Number.POSITIVE_INFINITY : one.around.scheduler.now() - event.happenedAt;
        return one.platform !== "desk" && ageMs > deadlineMs ? "stale" : "ok";
      }),
    reply: (chat, ref, card, buttons = []) => onTheWay(one, () => replyTo(one, session, { chat, ref, card, buttons })),
    ask: (chat, ref, card, form) =>
      onTheWay(one, () => {
        // Discord shows a form only as the first answer within its time, and nothing of it stands in the chat.
        const event = one.byAnswerId.get(ref.id);
        const isTooLate = event === undefined || one.around.scheduler.now() - event.happenedAt > 3_000;
        if (one.platform === "discord" && isTooLate) return fail(lost);
        return replyTo(one, session, { chat, ref, card, buttons: [], form });
      }),
  };
}

type Reply = {
  readonly chat: ChatRef;
  readonly ref: AnswerRef;
  readonly card: Card;
  readonly buttons: readonly Button[];
  readonly form?: Form;
};

function replyTo(one: SimPlatform, session: Session, { chat, ref, card, buttons, form }: Reply): Delivery {
  const problem = session.isOpen ? postProblem(one) : lost;
  if (problem !== null && problem !== "posted") return fail(problem);
  const asker = one.byAnswerId.get(ref.id)?.incoming.sender.userId ?? null;
  const message = put(one, { chat, card, buttons, nonce: null, repliesTo: asker, ...(form && { form }) });
  return problem === "posted" ? fail(lost) : ok({ messageId: message.messageId });
}

function onTheWay<Value>(one: SimPlatform, work: () => Value): Promise<Value> {
  const { scheduler } = one.around;
  return new Promise((resolve) => {
    scheduler.after(one.chance.int(10, 150), `${one.platform}: a message leaves`, () => {
      const value = work();
      one.around.revision += 1;
      scheduler.after(one.chance.int(10, 150), `${one.platform}: it answers`, () => resolve(value));
    });
  });
}

const lost: DeliveryProblem = { kind: "unknown_outcome", because: "the answer of the platform was lost" };

/** null = all is well; "posted" = it stands there, but nobody tells the poster. */
function postProblem(one: SimPlatform): DeliveryProblem | "posted" | null {
  if (isAway(one))
    return one.chance.hits(0.7) ? { kind: "later", because: "connect ECONNREFUSED", retryAfterMs: 5_000 } : lost;
  if (!strikes(one, "chat_away", 0.6)) return null;
  const kind = one.chance.pick(["busy", "busy", "posted", "lost", "refused"] as const);
  if (kind === "posted") return "posted";
  if (kind === "lost") return lost;
  if (kind === "refused") return { kind: "chat_refused", because: "403: bot was blocked by the user" };
  return { kind: "later", because: "429 Too Many Requests", retryAfterMs: one.chance.pick([1_000, 5_000, 30_000]) };
}

function edit(one: SimPlatform, messageId: string, card: Card, buttons: readonly Button[]): Delivery {
  const message = one.messages.find((each) => each.messageId === messageId);
  if (message === undefined || message.isGone)
    return fail({ kind: "message_gone", because: "message to edit not found" });
  if (isAway(one)) return fail(one.chance.hits(0.5) ? lost : { kind: "later", because: "502", retryAfterMs: 2_000 });
  if (strikes(one, "chat_away", 0.6)) {
    const kind = one.chance.pick(["edit_refused", "gone", "later", "lost", "edited"] as const);
    if (kind === "edit_refused") return fail({ kind: "edit_refused", because: "message can't be edited any more" });
    if (kind === "later") return fail({ kind: "later", because: "429", retryAfterMs: 3_000 });
    if (kind === "lost") return fail(lost);
    if (kind === "gone") {
      // Somebody deleted it: with the message its buttons are gone, and nothing else.
      message.isGone = true;
      return fail({ kind: "message_gone", because: "message to edit not found" });
    }
    change(one, message, card, buttons);
    return fail(lost);
  }
  change(one, message, card, buttons);
  return ok({ messageId });
}

function change(one: SimPlatform, message: SeenMessage, card: Card, buttons: readonly Button[]): void {
  message.card = card;
  message.buttons = buttons;
  one.around.said.push(textOf(card, buttons));
}

type Put = {
  chat: ChatRef;
  card: Card;
  buttons: readonly Button[];
  nonce: string | null;
  repliesTo: string | null;
  form?: Form;
};

function put(one: SimPlatform, told: Put): SeenMessage {
  // Discord enforces the nonce: the same one within minutes is the same message.
  const same = one.platform === "discord" && told.nonce !== null;
  const known = same ? one.messages.findLast((each) => each.nonce === told.nonce) : undefined;
  if (known !== undefined) return known;
  one.nextId += 1;
  const message: SeenMessage = { messageId: `m${one.nextId}`, isGone: false, ...told };
  one.messages.push(message);
  one.around.said.push(textOf(told.card, told.buttons));
  return message;
}

/** Everything that a chat shows of a card, as one text. */
export function textOf(card: Card, buttons: readonly Button[]): string {
  const fields = card.fields.map((field) => `${field.name}: ${field.value}`);
  const labels = buttons.map((button) => `[${button.label}]`).join(" ");
  return [card.title, ...card.lines, ...fields, card.footer ?? "", labels].join("\n");
}
