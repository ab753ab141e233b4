/**
 * One WebSocket to the house, kept up by itself: frames in, frames out, and word of every loss and return. Knows nothing
 * of what the frames mean.
 */
import type { ClientFrame, ServerFrame } from "../../../src/adapters/desk/contract.ts";

/** The house shows a sign of life every 10 s. */
const silenceMs = 25_000;
const retryFirstMs = 600;
const retryMostMs = 8_000;

export type SocketEvents = {
  readonly onOpen: () => void;
  readonly onFrame: (frame: ServerFrame) => void;
  /** Decides whether to go on trying; `retryAt` in milliseconds of this device. */
  readonly onLost: (code: number, retryAt: number) => Promise<"retry" | "give up">;
};

export type KeptSocket = {
  /** Does nothing while the line is down. */
  send(frame: ClientFrame): void;
  retryNow(): void;
  /** The house has answered: the next loss starts with a short wait again. */
  noteHealthy(): void;
  close(): void;
};

export function openSocket(events: SocketEvents): KeptSocket {
  let socket: WebSocket | null = null;
  let attempts = 0;
  let isClosed = false;
  let retryTimer = 0;
  let silenceTimer = 0;

  function connect(): void {
    clearTimeout(retryTimer);
    if (isClosed || socket !== null) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const opened = new WebSocket(`${scheme}://${location.host}/api/live`);
    socket = opened;
    opened.addEventListener("open", events.onOpen);
    opened.addEventListener("message", (event) => {
      clearTimeout(silenceTimer);
      silenceTimer = window.setTimeout(() => opened.close(), silenceMs);
      events.onFrame(JSON.parse(String(event.data)) as ServerFrame);
    });
    opened.addEventListener("close", (event) => void lose(event.code));
  }

  async function lose(code: number): Promise<void> {
    socket = null;
    clearTimeout(silenceTimer);
    if (isClosed) return;
    const wait = Math.min(retryMostMs, retryFirstMs * 2 ** attempts) * (0.8 + Math.random() * 0.4);
    attempts += 1;
    if ((await events.onLost(code, Date.now() + wait)) === "retry") retryTimer = window.setTimeout(connect, wait);
  }

  const onSight = (): void => {
    if (document.visibilityState === "visible") connect();
  };
  document.addEventListener("visibilitychange", onSight);
  window.addEventListener("online", connect);
  connect();

  return {
    send(frame) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    retryNow: connect,
    noteHealthy() {
      attempts = 0;
    },
    close() {
      isClosed = true;
      clearTimeout(retryTimer);
      clearTimeout(silenceTimer);
      document.removeEventListener("visibilitychange", onSight);
      window.removeEventListener("online", connect);
      socket?.close();
    },
  };
}
