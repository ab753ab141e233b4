/**
 * The desk: a chat in a local web page, and a platform like the others. Same cards, same tokens, same inbox.
 *
 *   page --tap, command, text--> receive() --commit--> "received"       (hearing.ts)
 *   post / edit / reply --> message ring --> every page that may see it  (board.ts, message_ring.ts, pages.ts)
 *   snapshot() twice a second --> pages                                 (state_stream.ts)
 *   one-time code --> session cookie                                    (sessions.ts)
 *
 * Use: `const desk = openDesk(...); await http.app.register(desk.routes); desk.restore(sentCards); await desk.start(receive)`.
 * Open requests are not restored: the house posts them anew after every start, with buttons of its own.
 */
import type { FastifyInstance } from "fastify";
import type { AnyCommand } from "../../define/command.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import type { Messenger, Receive } from "../../ports/messenger.ts";
import type { Vault } from "../../ports/vault.ts";
import { openAskedList } from "./acts.ts";
import { openBoard } from "./board.ts";
import { commandsFor } from "./commands_view.ts";
import { closeCodes } from "./contract.ts";
import type { DeskDoor, DeskPerson, DeskSight } from "./door.ts";
import { openHearing } from "./hearing.ts";
import { openMessageRing, type RestoredMessage } from "./message_ring.ts";
import { openPages, type Page, type PageLimits, type Pages, pageLimits } from "./pages.ts";
import { registerRoutes } from "./routes.ts";
import { openSessions } from "./sessions.ts";
import { openStateStream } from "./state_stream.ts";

const messagesKept = 300;
const actsKept = 2_000;
const stateEveryMs = 500;
const allowedEveryMs = 1_000;
const aliveEveryMs = 15_000;

export type DeskOptions = {
  readonly door: DeskDoor;
  readonly sight: DeskSight;
  readonly commands: readonly AnyCommand[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly log: Log;
  readonly limits?: PageLimits;
};

export type Desk = Messenger & {
  /** Fastify plugin with /api/session, /api/candles and /api/live. */
  readonly routes: (app: FastifyInstance) => Promise<void>;
  /** Refills the conversation at start; edits of these ids work again. */
  restore(messages: readonly RestoredMessage[]): void;
  /** Ends all pages of a person at once; a sweep finds a revoked person within a second without it. */
  closePerson(personId: string): void;
  /** People with a page open at this moment. A post that nobody is there to see has been delivered to nobody. */
  readonly watchers: () => readonly string[];
};

export function openDesk(options: DeskOptions): Desk {
  const { clock } = options;
  const ring = openMessageRing(messagesKept);
  const pages = openPages(clock, options.limits ?? pageLimits);
  const asked = openAskedList(actsKept);
  const sessions = openSessions(options);
  const commandsOf = (person: DeskPerson) => commandsFor(options.commands, person);
  const stream = openStateStream({ ...options, pages });
  const parts = { ...options, ring, pages, asked, commandsOf };
  const board = openBoard({ ...parts, readState: stream.read });
  let receive: Receive | null = null;
  let timers: readonly (() => void)[] = [];
  const hear = openHearing({ ...parts, ...board, receiver: () => receive });

  return {
    ...board,
    platform: "desk",
    routes: (app) => registerRoutes(app, { ...options, sessions, pages, hear }),
    restore: (messages) => ring.restore(messages),
    closePerson: (personId) => closePages(pages, (page) => page.session.personId === personId),
    watchers: () => {
      const watching = pages.all().filter(({ pageId }) => pageId !== null);
      return [...new Set(watching.map(({ session }) => session.personId))];
    },
    async start(listener) {
      receive = listener;
      timers = [
        clock.every(stateEveryMs, () => stream.tick()),
        clock.every(allowedEveryMs, () => dropRevoked(options, pages)),
        clock.every(aliveEveryMs, () => dropEnded(options, pages)),
      ];
    },
    async stop() {
      receive = null;
      for (const stopTimer of timers) stopTimer();
      timers = [];
      for (const page of pages.all()) pages.close(page, closeCodes.houseStops, "The house stops");
    },
    health: () => ({
      isHearing: receive !== null,
      lastHeardAt: receive === null ? null : clock.wall(),
      problem: receive === null ? "Desk: not started" : null,
    }),
  };
}

function closePages(pages: Pages, isMeant: (page: Page) => boolean): void {
  for (const page of pages.all()) {
    if (isMeant(page)) pages.close(page, closeCodes.accessRevoked, "Access was revoked");
  }
}

function dropRevoked({ door, log }: DeskOptions, pages: Pages): void {
  try {
    closePages(pages, (page) => door.personNow(page.session.personId) === null);
  } catch (error) {
    log.error("The desk could not look up its people", { because: String(error) });
  }
}

/** Pages that no longer answer, and sessions that were closed elsewhere. */
async function dropEnded({ door, log }: DeskOptions, pages: Pages): Promise<void> {
  pages.checkAlive();
  try {
    for (const page of pages.all()) {
      if ((await door.findSession(page.session.tokenHash)) !== null) continue;
      pages.close(page, closeCodes.sessionEnded, "Signed out");
    }
  } catch (error) {
    // Nobody is sent away because the database can't be read: every act is still judged by itself.
    log.warn("The desk could not look up its sessions", { because: String(error) });
  }
}
