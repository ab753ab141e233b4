/** A chat for scenarios: keeps every message with its edits, lets a test tap and type, and fails on request. It implements the port, nothing of ours. */
import type { Button, Card } from "../../src/core/card.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type {
  ChatRef,
  Delivery,
  DeliveryProblem,
  Incoming,
  Messenger,
  Platform,
  Receive,
} from "../../src/ports/messenger.ts";

export type SeenMessage = {
  readonly messageId: string;
  readonly chat: ChatRef;
  card: Card;
  buttons: readonly Button[];
  readonly history: Card[];
  readonly isReply: boolean;
};

export type TapChange = Partial<
  Pick<
    Extract<Incoming, { kind: "tap" }>,
    "arrivedLate" | "tappedAt" | "isInline" | "chat" | "messageId" | "eventIds" | "sender"
  >
>;

export type ScriptedChat = Messenger & {
  readonly messages: SeenMessage[];
  readonly toasts: string[];
  /** Answers of the next post, edit or acknowledge; empty = all is well. */
  readonly failures: { post: DeliveryProblem[]; edit: DeliveryProblem[]; acknowledge: ("stale" | "failed")[] };
  /** Not hearing while true. */
  isDeaf: boolean;
  /** Taps the button with this label on the newest message that has it (or on `message`). Resolves when the inbox row is durable. */
  tap(label: string, change?: TapChange & { message?: SeenMessage; token?: string }): Promise<void>;
  say(name: string, text?: string, change?: Partial<Extract<Incoming, { kind: "command" }>>): Promise<void>;
  openPrompts(): readonly SeenMessage[];
};

export function scriptedChat(
  platform: Platform,
  options: { clock: Clock; chatId: string; userId: string },
): ScriptedChat {
  const { clock, chatId, userId } = options;
  const here: ChatRef = { platform, chatId, threadId: null };
  let receive: Receive | null = null;
  let next = 0;
  const hear = (incoming: Incoming): Promise<void> => {
    if (receive === null) throw new Error("the chat is not started");
    return receive(incoming);
  };
  const common = () => {
    next += 1;
    return {
      eventIds: [`${platform}-${chatId}-${next}`],
      chat: here,
      isPrivate: true,
      guildId: null,
      sender: { userId, displayName: userId, isPerson: true },
      answerRef: { platform, id: String(next), token: null },
      arrivedLate: false,
    };
  };
  const put = (chat: ChatRef, card: Card, buttons: readonly Button[], isReply: boolean): Delivery => {
    next += 1;
    chatMessages.push({ messageId: `m${next}`, chat, card, buttons, history: [], isReply });
    return { ok: true, value: { messageId: `m${next}` } };
  };
  const chatMessages: SeenMessage[] = [];
  const chat: ScriptedChat = {
    platform,
    messages: chatMessages,
    toasts: [],
    failures: { post: [], edit: [], acknowledge: [] },
    isDeaf: false,
    start(listener) {
      receive = listener;
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    health: () => ({
      isHearing: !chat.isDeaf,
      lastHeardAt: clock.wall(),
      problem: chat.isDeaf ? "deaf for a test" : null,
    }),
    post(to, card, { buttons }) {
      const problem = chat.failures.post.shift();
      // A lost answer means that the message is there all the same.
      if (problem !== undefined && problem.kind === "unknown_outcome") put(to, card, buttons, false);
      return Promise.resolve(problem === undefined ? put(to, card, buttons, false) : { ok: false, problem });
    },
    edit(_to, messageId, card, buttons) {
      const problem = chat.failures.edit.shift();
      if (problem !== undefined) return Promise.resolve({ ok: false, problem });
      const message = chatMessages.find((one) => one.messageId === messageId);
      if (message === undefined)
        return Promise.resolve({ ok: false, problem: { kind: "message_gone", because: "no such message" } });
      message.history.push(message.card);
      message.card = card;
      message.buttons = buttons;
      return Promise.resolve({ ok: true, value: { messageId } });
    },
    acknowledge(_ref, notice) {
      if (notice !== null) chat.toasts.push(notice.text);
      return Promise.resolve(chat.failures.acknowledge.shift() ?? "ok");
    },
    reply: (to, _ref, card) => Promise.resolve(put(to, card, [], true)),
    openPrompts: () => chatMessages.filter((message) => message.buttons.length > 0),
    tap(label, change = {}) {
      const { message: chosen, token: forged, ...rest } = change;
      const message = chosen ?? chatMessages.findLast((one) => one.buttons.some((button) => button.label === label));
      const token = forged ?? message?.buttons.find((button) => button.label === label)?.token;
      if (message === undefined || token === undefined) throw new Error(`no message with a button ${label}`);
      return hear({
        ...common(),
        kind: "tap",
        messageId: message.messageId,
        token,
        tappedAt: platform === "telegram" ? null : clock.wall(),
        isInline: false,
        ...rest,
      });
    },
    say: (name, text = "", change = {}) =>
      hear({ ...common(), kind: "command", name, options: null, text, sentAt: clock.wall(), ...change }),
  };
  return chat;
}
