/**
 * One chat platform of the world: what stands on the screens, which processes listen, and what they have not confirmed yet.
 *
 *   telegram  one poller; what nobody confirmed is told again to the next one, late
 *   discord   every connected process hears everything; what happens while none is connected may never be told
 *   desk      a page of the newest process; without one the person sees an error
 */

import type { Button, Card } from "../../../src/core/card.ts";
import type { ChatRef, Form, Incoming, Platform, Receive } from "../../../src/ports/messenger.ts";
import type { Chance, FaultFamily, Scheduler, Weather } from "../contract.ts";
import type { Account } from "./cast.ts";

export type SeenMessage = {
  readonly messageId: string;
  readonly chat: ChatRef;
  readonly nonce: string | null;
  card: Card;
  buttons: readonly Button[];
  isGone: boolean;
  /** To whom a reply was shown; null = everybody in the chat. */
  readonly repliesTo: string | null;
  /** What that person is asked to write. */
  readonly form?: Form;
};

export type Session = { readonly processId: string; receive: Receive | null; isOpen: boolean };
export type SimEvent = {
  readonly incoming: Incoming;
  readonly happenedAt: number;
  isConfirmed: boolean;
  timesTold: number;
};

export type Around = {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly weather: Weather;
  isCalm: boolean;
  revision: number;
  readonly said: string[];
};

export type SimPlatform = {
  readonly platform: Platform;
  readonly around: Around;
  readonly chance: Chance;
  readonly messages: SeenMessage[];
  readonly sessions: Session[];
  readonly events: SimEvent[];
  /** By the id that an answer refers to. */
  readonly byAnswerId: Map<string, SimEvent>;
  awayUntil: number;
  nextId: number;
};

export function openPlatform(platform: Platform, around: Around): SimPlatform {
  return {
    platform,
    around,
    chance: around.chance.fork(`platform/${platform}`),
    messages: [],
    sessions: [],
    events: [],
    byAnswerId: new Map(),
    awayUntil: 0,
    nextId: 0,
  };
}

export function strikes({ around, chance }: SimPlatform, family: FaultFamily, share = 1): boolean {
  return !around.isCalm && chance.hits(around.weather.rate(family) * share);
}

export const isAway = (one: SimPlatform): boolean => one.around.scheduler.now() < one.awayUntil;

export const listeners = (one: SimPlatform): readonly Session[] => {
  const open = one.sessions.filter((session) => session.isOpen && session.receive !== null);
  return one.platform === "discord" ? open : open.slice(-1);
};

/** What a person did on this platform, with every field an adapter fills in. */
export function happened(
  one: SimPlatform,
  by: { readonly account: Account; readonly displayName: string; readonly isPerson: boolean },
  what: IncomingDetail,
): SimEvent {
  one.nextId += 1;
  const id = String(one.nextId);
  const { platform, around } = one;
  const common = {
    eventIds: [`${platform}-${id}`],
    chat: by.account.chat,
    isPrivate: by.account.isPrivate,
    guildId: null,
    sender: { userId: by.account.userId, displayName: by.displayName, isPerson: by.isPerson },
    answerRef: { platform, id, token: null },
    arrivedLate: false,
  };
  const event = {
    incoming: { ...common, ...what },
    happenedAt: around.scheduler.now(),
    isConfirmed: false,
    timesTold: 0,
  };
  one.byAnswerId.set(id, event);
  one.events.push(event);
  around.revision += 1;
  deliverSoon(one, event);
  return event;
}

type DetailOf<Kind extends Incoming["kind"]> = Omit<
  Extract<Incoming, { kind: Kind }>,
  "eventIds" | "chat" | "isPrivate" | "guildId" | "sender" | "answerRef" | "arrivedLate"
>;
export type IncomingDetail = DetailOf<"tap"> | DetailOf<"command"> | DetailOf<"text"> | DetailOf<"form">;

function deliverSoon(one: SimPlatform, event: SimEvent): void {
  const { scheduler } = one.around;
  const waitMs = strikes(one, "chat_away", 0.2)
    ? one.chance.pick([2_000, 10_000, 20_000, 60_000])
    : one.chance.int(30, 400);
  scheduler.after(waitMs, `${one.platform}: an event is told`, () => deliver(one, event, waitMs > 15_000));
  if (!strikes(one, "chat_doubled")) return;
  const again = one.chance.int(1, 4);
  for (let time = 0; time < again; time += 1)
    scheduler.after(waitMs + one.chance.pick([0, 5, 800, 30_000]), `${one.platform}: an event is told again`, () =>
      deliver(one, event, false),
    );
}

export function deliver(one: SimPlatform, event: SimEvent, isLate: boolean): void {
  const hearing = isAway(one) ? [] : listeners(one);
  // What nobody hears waits on Telegram, is lost half of the time on Discord, and fails before the person's eyes on the desk.
  if (hearing.length === 0) {
    if (one.platform === "desk" || (one.platform === "discord" && one.chance.hits(0.5))) event.isConfirmed = true;
    return;
  }
  for (const session of hearing) tell(one, session, event, isLate);
}

function tell(one: SimPlatform, session: Session, event: SimEvent, isLate: boolean): void {
  const { scheduler } = one.around;
  const { incoming } = event;
  event.timesTold += 1;
  const heard = session.receive?.({ ...incoming, arrivedLate: incoming.arrivedLate || isLate });
  void heard?.then(
    () => {
      event.isConfirmed = true;
    },
    () => {
      // It could not be stored, so it was not confirmed and is told again.
      scheduler.after(2_000, `${one.platform}: what was not confirmed is told again`, () => {
        if (!event.isConfirmed && session.isOpen) tell(one, session, event, true);
      });
    },
  );
}

/** Everything that nobody confirmed, in its order; the bot was not hearing when it happened. */
export function deliverWaiting(one: SimPlatform): void {
  for (const event of one.events) if (!event.isConfirmed) deliver(one, event, true);
  const first = one.events.findIndex((event) => !event.isConfirmed);
  one.events.splice(0, first === -1 ? one.events.length : first);
}

export function goAway(one: SimPlatform, forMs: number): void {
  const { scheduler } = one.around;
  one.awayUntil = scheduler.now() + forMs;
  scheduler.after(forMs, `${one.platform}: back again`, () => {
    if (!isAway(one)) deliverWaiting(one);
  });
}
