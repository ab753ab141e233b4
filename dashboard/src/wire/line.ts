/**
 * The live line to the house as the page uses it: what the person does goes out until it is confirmed, what the house
 * says becomes the view.
 *
 *   connecting --hello--> live --closed, silent--> lost --retry--> connecting
 *                          \-- signed out, revoked --> ended
 */
import type { ActFrame, ServerFrame } from "../../../src/adapters/desk/contract.ts";
import { type Act, type Acts, openActs } from "./acts.ts";
import { readSession } from "./session.ts";
import { type KeptSocket, openSocket } from "./socket.ts";
import { applyFrame, type View, withoutToast, withTap, withToast } from "./view.ts";
import { openViewStore, type ViewStore } from "./view_store.ts";

const completionMs = 2_000;
const againMs = 1_200;

export type Completion = { readonly value: string; readonly label: string | null };
export type DeskLine = {
  subscribe(listener: () => void): () => void;
  read(): View;
  tap(messageId: string, token: string): void;
  /** Sends what was written into the fields of a card. */
  form(messageId: string, token: string, values: Readonly<Record<string, string>>): void;
  command(name: string, text: string): void;
  say(text: string, replyTo: string | null): void;
  complete(command: string, option: string, prefix: string): Promise<readonly Completion[]>;
  dismiss(toastId: number): void;
  retryNow(): void;
  close(): void;
};

/** Works on plain-http addresses too, where crypto.randomUUID does not exist. */
export function freshId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Parts = {
  readonly store: ViewStore;
  readonly acts: Acts;
  /** Whoever waits for completions, by the id of the question. */
  readonly asked: Map<string, (values: readonly Completion[]) => void>;
  readonly socket: () => KeptSocket;
};

export function openDeskLine(): DeskLine {
  const pageId = freshId();
  const store = openViewStore();
  const parts: Parts = { store, acts: openActs(), asked: new Map(), socket: () => socket };
  let lostSince = 0;
  const socket: KeptSocket = openSocket({
    onOpen() {
      socket.send({ kind: "hello", pageId, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
    },
    onFrame(frame) {
      if (frame.kind === "hello") lostSince = 0;
      hear(parts, frame);
    },
    async onLost(code, retryAt) {
      if (lostSince === 0) lostSince = Date.now();
      const ended = await whyEnded(code);
      const line =
        ended === null
          ? { kind: "lost" as const, since: lostSince, retryAt, because: lossOf(code) }
          : { kind: "ended" as const, because: ended };
      store.change((view) => ({ ...view, line }));
      return ended === null ? "retry" : "give up";
    },
  });

  return {
    ...store,
    tap(messageId, token) {
      // A second click on a button that is still under way is the same tap.
      if (parts.acts.tapUnderWay(token) !== null) return;
      store.change((view) => withTap(view, token, true));
      doAct(parts, { kind: "tap", id: freshId(), messageId, token }, false);
    },
    form: (messageId, token, values) =>
      doAct(parts, { kind: "form", id: freshId(), messageId, token, values: { ...values } }, false),
    command(name, text) {
      const isSafe = store.read().commands.find((known) => known.name === name)?.urgency === "safe";
      doAct(parts, { kind: "command", id: freshId(), name, text }, isSafe);
    },
    say: (text, replyTo) => doAct(parts, { kind: "text", id: freshId(), text, replyTo }, false),
    complete(command, option, prefix) {
      const id = freshId();
      return new Promise((resolve) => {
        const done = (values: readonly Completion[]): void => {
          parts.asked.delete(id);
          resolve(values);
        };
        parts.asked.set(id, done);
        setTimeout(() => done([]), completionMs);
        socket.send({ kind: "complete", id, command, option, prefix });
      });
    },
    dismiss: (toastId) => store.change((view) => withoutToast(view, toastId)),
    retryNow: socket.retryNow,
    close: socket.close,
  };
}

function doAct({ acts, store, socket }: Parts, act: Act, isSafe: boolean): void {
  const frame = acts.add(act, performance.now(), isSafe);
  if (store.read().line.kind === "live") {
    socket().send(frame);
    return;
  }
  const until = isSafe ? "as soon as the house answers." : "if the house answers in the next seconds.";
  store.change((view) => withToast(view, `No line just now. ${nameOf(act)} goes out ${until}`, true));
}

function hear(parts: Parts, frame: ServerFrame): void {
  parts.store.change((view) => applyFrame(view, frame, Date.now()));
  switch (frame.kind) {
    case "hello":
      parts.socket().noteHealthy();
      resend(parts);
      break;
    case "received":
      settle(parts, frame.id, null);
      break;
    case "not_received":
      tryAgain(parts, frame.id, frame.because);
      break;
    case "completions":
      parts.asked.get(frame.id)?.(frame.values);
      break;
    default:
      break;
  }
}

/** Frees the button of an act that is over; `problem` is told to the person. */
function settle({ acts, store }: Parts, id: string, problem: string | null): void {
  const act = acts.settle(id);
  if (act?.kind === "tap") store.change((view) => withTap(view, act.token, false));
  if (problem === null) return;
  store.change((view) => withToast(view, `${act === null ? "That" : nameOf(act)} did not arrive: ${problem}`, true));
}

function tryAgain(parts: Parts, id: string, because: string): void {
  const frame: ActFrame | null = parts.acts.again(id, performance.now());
  if (frame === null) settle(parts, id, because);
  else setTimeout(() => parts.socket().send(frame), againMs);
}

function resend({ acts, store, socket }: Parts): void {
  const { send, dropped } = acts.afterReconnect(performance.now());
  for (const frame of send) socket().send(frame);
  for (const act of dropped) {
    if (act.kind === "tap") store.change((view) => withTap(view, act.token, false));
    const text = `${nameOf(act)}: no word came back before the line broke. Look before you repeat it.`;
    store.change((view) => withToast(view, text, true));
  }
}

function nameOf(act: Act): string {
  return act.kind === "command" ? `/${act.name}` : act.kind === "tap" ? "Your tap" : "What you wrote";
}

/** Null while trying again makes sense. A closed door and a closed house look alike on the line; the session tells them apart. */
async function whyEnded(code: number): Promise<string | null> {
  if (code === 4001) return "You signed out.";
  if (code === 4003) return "Your access to this house was revoked.";
  const isSignedOut = await readSession().then(
    ({ person }) => person === null,
    () => false,
  );
  return isSignedOut ? "Your session is over. Sign in with a new code." : null;
}

function lossOf(code: number): string {
  if (code === 1012) return "The house is restarting.";
  if (code === 4008) return "Too many pages of this desk are open; close one.";
  if (code === 4009 || code === 4010) return "The house closed this page's line; it starts over.";
  return "The house does not answer.";
}
