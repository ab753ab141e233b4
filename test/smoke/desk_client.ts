/** A desk page without a browser: signs in with the code, keeps one WebSocket open, shows what a person would see there. */
import { WebSocket } from "ws";
import {
  type CardMessage,
  type ClientFrame,
  type DeskState,
  type MessageView,
  type ServerFrame,
  serverFrameSchema,
} from "../../src/adapters/desk/contract.ts";
import { until } from "./until.ts";

export type DeskClient = {
  /** Cards that stand there now, oldest first. */
  cards(): readonly CardMessage[];
  state(): DeskState | null;
  /** Short lines shown over the page. */
  notices(): readonly string[];
  /** Types a command; resolves with the house's answer to it. */
  command(name: string, text?: string): Promise<CardMessage>;
  /** Taps a button; resolves once the house has it in writing. @throws when there is no such button. */
  tap(messageId: string, label: string): Promise<void>;
  /** Why the line ended; null while it is open. */
  whyClosed(): string | null;
  close(): void;
};

export async function openDeskClient(address: string, code: string): Promise<DeskClient> {
  return openDeskPage(address, await signIn(address, code));
}

/** A page of a person who is signed in already: a code is good for one time. */
export async function openDeskPage(address: string, cookie: string): Promise<DeskClient> {
  const socket = new WebSocket(`${address.replace(/^http/, "ws")}/api/live`, { headers: { cookie, origin: address } });
  const page = makePage();
  socket.on("message", (data) => page.hear(serverFrameSchema.parse(JSON.parse(String(data)))));
  socket.on("error", (error) => page.closed(error.message));
  socket.on("close", (code) => page.closed(`the desk closed the line with ${code}`));
  const hopeless = page.whyClosed;
  await until("the desk's line is open", () => socket.readyState === WebSocket.OPEN, { hopeless });
  const send = (frame: ClientFrame): void => socket.send(JSON.stringify(frame));
  send({ kind: "hello", pageId: page.newId(), timeZone: "UTC" });
  await until("the desk's first picture", page.hasHello, { hopeless });
  const act = async (frame: Extract<ClientFrame, { ageMs: number }>): Promise<void> => {
    send(frame);
    const answer = await until("the desk has it in writing", () => page.answerTo(frame.id), { hopeless });
    if (answer !== "received") throw new Error(`The desk did not take it: ${answer}`);
  };
  return {
    cards: page.cards,
    state: page.state,
    notices: page.notices,
    whyClosed: page.whyClosed,
    async command(name, text = "") {
      const before = new Set(page.messages().map((message) => message.messageId));
      await act({ kind: "command", id: page.newId(), ageMs: 0, name, text });
      const isEcho = (message: MessageView) => message.kind === "said" && !before.has(message.messageId);
      const echo = await until(`the desk shows /${name}`, () => page.messages().find(isEcho), { hopeless });
      return until(`the desk answers /${name}`, () => page.cards().find((card) => card.answers === echo.messageId), {
        hopeless,
      });
    },
    async tap(messageId, label) {
      const button = page
        .cards()
        .find((card) => card.messageId === messageId)
        ?.buttons.find((one) => one.label === label);
      if (button === undefined) throw new Error(`The desk's message ${messageId} has no button ${label}`);
      await act({ kind: "tap", id: page.newId(), ageMs: 0, messageId, token: button.token });
    },
    close: () => socket.close(),
  };
}

/** @returns the cookie of the session. @throws when the desk refuses the code. */
export async function signIn(address: string, code: string): Promise<string> {
  const answer = await fetch(`${address}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: address },
    body: JSON.stringify({ code }),
  });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0];
  if (answer.status !== 200 || cookie === undefined)
    throw new Error(`The desk refused the code: ${answer.status} ${await answer.text()}`);
  return cookie;
}

function counter(): () => number {
  let last = 0;
  return () => {
    last += 1;
    return last;
  };
}

function makePage() {
  const messages = new Map<string, MessageView>();
  const answers = new Map<string, string>();
  const notices: string[] = [];
  const now: { state: DeskState | null; hasHello: boolean; why: string | null } = {
    state: null,
    hasHello: false,
    why: null,
  };
  const nextId = counter();
  const keep = (message: MessageView): void => {
    const known = messages.get(message.messageId);
    if (known === undefined || known.revision < message.revision) messages.set(message.messageId, message);
  };
  const hear = (frame: ServerFrame): void => {
    switch (frame.kind) {
      case "hello":
        for (const message of frame.messages) keep(message);
        now.state = frame.state;
        now.hasHello = true;
        break;
      case "message":
        keep(frame.message);
        break;
      case "state":
        now.state = frame.state;
        break;
      case "received":
        answers.set(frame.id, "received");
        break;
      case "not_received":
        answers.set(frame.id, frame.because);
        break;
      case "notice":
        notices.push(frame.text);
        break;
      default:
        // Completions and problems are of no interest here.
        break;
    }
  };
  return {
    hear,
    closed: (why: string) => {
      now.why ??= why;
    },
    newId: () => `page-${process.pid}-${String(nextId()).padStart(6, "0")}`,
    hasHello: () => now.hasHello,
    whyClosed: () => now.why,
    answerTo: (id: string) => answers.get(id) ?? null,
    messages: () => [...messages.values()],
    cards: (): readonly CardMessage[] => [...messages.values()].filter((message) => message.kind === "card"),
    state: () => now.state,
    notices: () => notices,
  };
}
