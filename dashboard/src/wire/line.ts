/**
 * The live line to the house: one WebSocket, kept up by itself, and the page's present view.
 *
 *   connecting --hello--> live --closed, silent--> lost --retry--> connecting
 *                          \-- signed out, revoked --> ended
 */
import type { ClientFrame, ServerFrame } from "../../../src/adapters/desk/contract.ts";
import { type Act, openActs } from "./acts.ts";
import { readSession } from "./session.ts";
import { applyFrame, emptyView, type Line, type View, withoutToast, withToast } from "./view.ts";

/** The house shows a sign of life every 10 s. */
const silenceMs = 25_000;
const retryFirstMs = 600;
const retryMostMs = 8_000;
const toastMs = 6_000;
const completionMs = 2_000;
const againMs = 1_200;

export type Completion = { readonly value: string; readonly label: string | null };
export type DeskLine = {
  subscribe(listener: () => void): () => void;
  read(): View;
  tap(messageId: string, token: string): void;
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

export function openDeskLine(): DeskLine {
  const pageId = freshId();
  const acts = openActs();
  const listeners = new Set<() => void>();
  const completions = new Map<string, (values: readonly Completion[]) => void>();
  let view: View = emptyView;
  let socket: WebSocket | null = null;
  let attempts = 0;
  let isClosed = false;
  let lostSince = 0;
  let retryTimer = 0;
  let silenceTimer = 0;

  const show = (next: View): void => {
    const fresh = next.toasts.filter((toast) => !view.toasts.includes(toast));
    view = next;
    for (const { id } of fresh) setTimeout(() => show(withoutToast(view, id)), toastMs);
    for (const listener of listeners) listener();
  };
  const setLine = (line: Line): void => show({ ...view, line });
  const freeButton = (act: Act | null): void => {
    if (act?.kind !== "tap") return;
    const tapping = new Set(view.tapping);
    tapping.delete(act.token);
    show({ ...view, tapping });
  };

  function send(frame: ClientFrame): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  }

  function act(what: Act, isSafe: boolean): void {
    const frame = acts.add(what, performance.now(), isSafe);
    if (view.line.kind === "live") return send(frame);
    const until = isSafe
      ? "it goes out as soon as the house answers."
      : "it goes out if the house answers in the next seconds.";
    show(withToast(view, `No line just now. ${nameOf(what)} waits: ${until}`, true));
  }

  function resend(): void {
    const { send: due, dropped } = acts.afterReconnect(performance.now());
    for (const frame of due) send(frame);
    for (const old of dropped) {
      freeButton(old);
      show(
        withToast(view, `${nameOf(old)}: no word came back before the line broke. Look before you repeat it.`, true),
      );
    }
  }

  function tryAgain(id: string, because: string): void {
    const frame = acts.again(id, performance.now());
    if (frame !== null) {
      setTimeout(() => send(frame), againMs);
      return;
    }
    const given = acts.settle(id);
    freeButton(given);
    show(withToast(view, `${given === null ? "That" : nameOf(given)} did not arrive: ${because}`, true));
  }

  function hear(frame: ServerFrame): void {
    clearTimeout(silenceTimer);
    silenceTimer = window.setTimeout(() => socket?.close(), silenceMs);
    show(applyFrame(view, frame, Date.now()));
    if (frame.kind === "hello") {
      attempts = 0;
      lostSince = 0;
      resend();
    }
    if (frame.kind === "received") freeButton(acts.settle(frame.id));
    if (frame.kind === "not_received") tryAgain(frame.id, frame.because);
    if (frame.kind === "completions") completions.get(frame.id)?.(frame.values);
  }

  function connect(): void {
    if (isClosed) return;
    clearTimeout(retryTimer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const opened = new WebSocket(`${scheme}://${location.host}/api/live`);
    socket = opened;
    opened.addEventListener("open", () => {
      send({ kind: "hello", pageId, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
    });
    opened.addEventListener("message", (event) => hear(JSON.parse(String(event.data)) as ServerFrame));
    opened.addEventListener("close", (event) => {
      if (socket === opened) void lose(event.code);
    });
  }

  async function lose(code: number): Promise<void> {
    socket = null;
    clearTimeout(silenceTimer);
    if (isClosed) return;
    if (code === 4001) return setLine({ kind: "ended", because: "You signed out." });
    if (code === 4003) return setLine({ kind: "ended", because: "Your access to this house was revoked." });
    if (lostSince === 0) lostSince = Date.now();
    // A closed door and a closed house look the same on the line; the session tells them apart.
    const isSignedOut = await readSession().then(
      ({ person }) => person === null,
      () => false,
    );
    if (isSignedOut) return setLine({ kind: "ended", because: "Your session is over. Sign in with a new code." });
    const wait = Math.min(retryMostMs, retryFirstMs * 2 ** attempts) * (0.8 + Math.random() * 0.4);
    attempts += 1;
    setLine({ kind: "lost", since: lostSince, retryAt: Date.now() + wait, because: lossOf(code) });
    retryTimer = window.setTimeout(connect, wait);
  }

  const retryNow = (): void => {
    if (view.line.kind === "lost") connect();
  };
  const onSight = (): void => {
    if (document.visibilityState === "visible") retryNow();
  };
  document.addEventListener("visibilitychange", onSight);
  window.addEventListener("online", retryNow);
  connect();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    read: () => view,
    tap(messageId, token) {
      // A second click on a button that is still under way is the same tap.
      if (acts.tapUnderWay(token) !== null) return;
      show({ ...view, tapping: new Set([...view.tapping, token]) });
      act({ kind: "tap", id: freshId(), messageId, token }, false);
    },
    command(name, text) {
      const isSafe = view.commands.find((known) => known.name === name)?.urgency === "safe";
      act({ kind: "command", id: freshId(), name, text }, isSafe);
    },
    say: (text, replyTo) => act({ kind: "text", id: freshId(), text, replyTo }, false),
    complete(command, option, prefix) {
      const id = freshId();
      return new Promise((resolve) => {
        const done = (values: readonly Completion[]): void => {
          completions.delete(id);
          resolve(values);
        };
        completions.set(id, done);
        setTimeout(() => done([]), completionMs);
        send({ kind: "complete", id, command, option, prefix });
      });
    },
    dismiss: (toastId) => show(withoutToast(view, toastId)),
    retryNow,
    close() {
      isClosed = true;
      clearTimeout(retryTimer);
      clearTimeout(silenceTimer);
      document.removeEventListener("visibilitychange", onSight);
      window.removeEventListener("online", retryNow);
      socket?.close();
    },
  };
}

function nameOf(act: Act): string {
  return act.kind === "command" ? `/${act.name}` : act.kind === "tap" ? "Your tap" : "Your message";
}

function lossOf(code: number): string {
  if (code === 1012) return "The house is restarting.";
  if (code === 4008) return "Too many pages of this desk are open; close one.";
  if (code === 4009 || code === 4010) return "The house closed this page's line; it starts over.";
  return "The house does not answer.";
}
