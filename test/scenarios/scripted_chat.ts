/** A chat for scenarios: keeps every message with its edits, lets a test tap and type, and fails on request. It implements the port, nothing of ours. */
import type { Button, Card } from "../../src/core/card.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type {
  ChatRef,
  DeliveryProblem,
  Form,
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
  /** What was asked to be written, with the token that an answer carries. */
  readonly form?: Form;
};

export type TapChange = Partial<
  Pick<
    Extract<Incoming, { kind: "tap" }>,
    "arrivedLate" | "tappedAt" | "isInline" | "chat" | "messageId" | "eventIds" | "sender" | "isPrivate"
  >
>;

export type ScriptedChat = Messenger & {
  readonly messages: SeenMessage[];
  readonly toasts: string[];
  /** Answers of the next post, edit, reply, question or acknowledge; empty = all is well. */
  readonly failures: {
    post: DeliveryProblem[];
    edit: DeliveryProblem[];
    reply: DeliveryProblem[];
    ask: DeliveryProblem[];
    acknowledge: ("stale" | "failed")[];
  };
  /** Not hearing while true. */
  isDeaf: boolean;
  /** Taps the button with this label on the newest message that has it (or on `message`). Resolves when the inbox row is durable. */
  tap(label: string, change?: TapChange & { message?: SeenMessage; token?: string }): Promise<void>;
  say(name: string, text?: string, change?: Partial<Extract<Incoming, { kind: "command" }>>): Promise<void>;
  /** Fills in the newest form: at the desk and on Discord its fields, on Telegram one line that replies to it. */
  answer(
    values: Readonly<Record<string, string>>,
    change?: { readonly form?: SeenMessage } & Partial<FromPerson>,
  ): Promise<void>;
  /** Writes words that are no command. */
  write(text: string, change?: Partial<Extract<Incoming, { kind: "text" }>>): Promise<void>;
  /** Messages of people that the house took away. */
  readonly removed: string[];
  openPrompts(): readonly SeenMessage[];
};

type FromPerson = Pick<Incoming, "sender" | "arrivedLate" | "chat" | "eventIds">;

type Seen = Pick<ScriptedChat, "messages" | "toasts" | "failures" | "removed">;

export function scriptedChat(
  platform: Platform,
  options: { clock: Clock; chatId: string; userId: string },
): ScriptedChat {
  const { clock, chatId, userId } = options;
  const here: ChatRef = { platform, chatId, threadId: null };
  let receive: Receive | null = null;
  let last = 0;
  const number = (): number => {
    last += 1;
    return last;
  };
  const hear = (incoming: Incoming): Promise<void> => {
    if (receive === null) throw new Error("the chat is not started");
    return receive(incoming);
  };
  const common = () => envelope(here, userId, number());
  const failures = { post: [], edit: [], reply: [], ask: [], acknowledge: [] };
  const seen: Seen = { messages: [], toasts: [], removed: [], failures };
  const chat: ScriptedChat = {
    platform,
    ...seen,
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
    ...mouthOf(seen, number),
    openPrompts: () =>
      seen.messages.filter((message) => message.buttons.some((button) => button.style === "yes") && !message.isReply),
    ...penOf(seen, { platform, clock, number, common, hear }),
    tap(label, change = {}) {
      const { message: chosen, token: forged, ...rest } = change;
      const message = chosen ?? seen.messages.findLast((one) => one.buttons.some((button) => button.label === label));
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

type Pen = {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly number: () => number;
  readonly common: () => ReturnType<typeof envelope>;
  readonly hear: (incoming: Incoming) => Promise<void>;
};

/** How a person writes here: into a form, or a line of words. */
function penOf(seen: Seen, { platform, clock, number, common, hear }: Pen): Pick<ScriptedChat, "answer" | "write"> {
  return {
    answer(values, change = {}) {
      const { form: chosen, ...rest } = change;
      const asked = chosen ?? seen.messages.findLast((one) => one.form !== undefined);
      if (asked?.form === undefined) throw new Error("no form is open");
      const sentAt = clock.wall();
      if (platform === "telegram") {
        const text = Object.values(values).join(" ");
        const written = { kind: "text", text, replyTo: asked.messageId, sentAt, messageId: `w${number()}` } as const;
        return hear({ ...common(), ...written, ...rest });
      }
      return hear({ ...common(), kind: "form", token: asked.form.token, values, sentAt, ...rest });
    },
    write: (text, change = {}) =>
      hear({
        ...common(),
        kind: "text",
        text,
        replyTo: null,
        sentAt: clock.wall(),
        messageId: `w${number()}`,
        ...change,
      }),
  };
}

function envelope(chat: ChatRef, userId: string, id: number) {
  const { platform, chatId } = chat;
  return {
    eventIds: [`${platform}-${chatId}-${id}`],
    chat,
    isPrivate: true,
    guildId: null,
    sender: { userId, displayName: userId, isPerson: true },
    answerRef: { platform, id: String(id), token: null },
    arrivedLate: false,
  };
}

/** What the house says here, unless a failure was ordered. `number` gives each message its own id. */
function mouthOf(seen: Seen, number: () => number): Omit<Messenger, "platform" | "start" | "stop" | "health"> {
  const put = (chat: ChatRef, card: Card, buttons: readonly Button[], isReply: boolean, form?: Form) => {
    const messageId = `m${number()}`;
    const formed = form === undefined ? {} : { form };
    seen.messages.push({ messageId, chat, card, buttons, history: [], isReply, ...formed });
    return { ok: true, value: { messageId } } as const;
  };
  return {
    post(to, card, { buttons }) {
      const problem = seen.failures.post.shift();
      // A lost answer means that the message is there all the same.
      if (problem !== undefined && problem.kind === "unknown_outcome") put(to, card, buttons, false);
      return Promise.resolve(problem === undefined ? put(to, card, buttons, false) : { ok: false, problem });
    },
    edit(_to, messageId, card, buttons) {
      const problem = seen.failures.edit.shift();
      if (problem !== undefined) return Promise.resolve({ ok: false, problem });
      const message = seen.messages.find((one) => one.messageId === messageId);
      if (message === undefined)
        return Promise.resolve({ ok: false, problem: { kind: "message_gone", because: "no such message" } });
      message.history.push(message.card);
      message.card = card;
      message.buttons = buttons;
      return Promise.resolve({ ok: true, value: { messageId } });
    },
    acknowledge(_ref, notice) {
      if (notice !== null) seen.toasts.push(notice.text);
      return Promise.resolve(seen.failures.acknowledge.shift() ?? "ok");
    },
    reply(to, _ref, card, buttons = []) {
      const problem = seen.failures.reply.shift();
      if (problem?.kind === "unknown_outcome") put(to, card, buttons, true);
      return Promise.resolve(problem === undefined ? put(to, card, buttons, true) : { ok: false, problem });
    },
    ask(to, _ref, card, form) {
      const problem = seen.failures.ask.shift();
      return Promise.resolve(problem === undefined ? put(to, card, [], true, form) : { ok: false, problem });
    },
    remove(_to, messageId) {
      seen.removed.push(messageId);
      return Promise.resolve(true);
    },
  };
}
