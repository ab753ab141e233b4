/**
 * The pages that are open now, and sending to them without ever waiting: a page that reads too slowly loses state frames
 * first and its connection next; it then comes back and gets one fresh picture instead of a queue of old ones.
 */
import type { WebSocket } from "ws";
import type { Clock } from "../../ports/clock.ts";
import { closeCodes, type ServerFrame } from "./contract.ts";
import type { Session } from "./sessions.ts";

export type Page = {
  readonly session: Session;
  readonly socket: WebSocket;
  /** Chosen by the page at its hello; survives a reconnect. Null before the hello. */
  pageId: string | null;
  /** Frames that may come now; refilled with time. */
  allowance: number;
  allowanceAt: number;
  badFrames: number;
  inFlight: number;
  isAlive: boolean;
};

export type Pages = {
  /** Null when too many are open already; the socket is then closed. */
  add(session: Session, socket: WebSocket): Page | null;
  remove(page: Page): void;
  all(): readonly Page[];
  /** The page on which something was done, also after it reconnected. */
  find(personId: string, pageId: string): readonly Page[];
  send(page: Page, frame: ServerFrame): void;
  close(page: Page, code: number, because: string): void;
  /** Takes one frame from the page's allowance; false when it has none left. */
  mayHear(page: Page): boolean;
  /** Pings all; a page that did not answer the last ping is dropped. */
  checkAlive(): void;
};

export type PageLimits = {
  readonly pagesMax: number;
  /** Above this many unsent bytes a state frame is skipped: the next one says it all. */
  readonly skipStateBytes: number;
  /** Above this many unsent bytes the page is dropped. */
  readonly dropBytes: number;
  readonly framesPerSecond: number;
  readonly framesBurst: number;
};
export const pageLimits: PageLimits = {
  pagesMax: 40,
  skipStateBytes: 128 * 1024,
  dropBytes: 4 * 1024 * 1024,
  framesPerSecond: 20,
  framesBurst: 60,
};

export function openPages(clock: Clock, limits: PageLimits = pageLimits): Pages {
  const open = new Set<Page>();

  function close(page: Page, code: number, because: string): void {
    open.delete(page);
    // A socket whose far end reads nothing never finishes a polite close, so its buffer is let go at once.
    if (page.socket.bufferedAmount > limits.dropBytes) page.socket.terminate();
    else page.socket.close(code, because);
  }

  return {
    add(session, socket) {
      const page = freshPage(session, socket, { allowance: limits.framesBurst, allowanceAt: clock.mono() });
      if (open.size >= limits.pagesMax) {
        socket.close(closeCodes.tooManyPages, "Too many pages are open");
        return null;
      }
      open.add(page);
      return page;
    },
    remove: (page) => void open.delete(page),
    all: () => [...open],
    find: (personId, pageId) =>
      [...open].filter((page) => page.pageId === pageId && page.session.personId === personId),
    send(page, frame) {
      const waiting = page.socket.bufferedAmount;
      if (page.socket.readyState !== page.socket.OPEN) return;
      if (waiting > limits.dropBytes) return close(page, closeCodes.tooSlow, "This page reads too slowly");
      if (frame.kind === "state" && waiting > limits.skipStateBytes) return;
      page.socket.send(JSON.stringify(frame));
    },
    close,
    mayHear(page) {
      const now = clock.mono();
      const refill = ((now - page.allowanceAt) / 1000) * limits.framesPerSecond;
      page.allowance = Math.min(limits.framesBurst, page.allowance + refill);
      page.allowanceAt = now;
      if (page.allowance < 1) return false;
      page.allowance -= 1;
      return true;
    },
    checkAlive() {
      for (const page of open) {
        if (!page.isAlive) {
          open.delete(page);
          page.socket.terminate();
          continue;
        }
        page.isAlive = false;
        page.socket.ping();
      }
    },
  };
}

function freshPage(session: Session, socket: WebSocket, allowed: Pick<Page, "allowance" | "allowanceAt">): Page {
  return { session, socket, ...allowed, pageId: null, badFrames: 0, inFlight: 0, isAlive: true };
}
