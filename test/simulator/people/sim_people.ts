/**
 * The chats of the world and the people in front of them. One set of screens for all processes of the house; each process
 * has its own adapters to it. Telegram, Discord and the desk; an owner on all three, two approvers, an operator, a stranger
 * and a robot.
 *
 *   person --tap, command, text--> platform --tells (late, twice, never)--> the process that listens
 *   process --post, edit, reply--> platform (busy, away, lost, gone) --> screens --> people look, think, and answer
 */
import type { Platform } from "../../../src/ports/messenger.ts";
import type { HumanAct, OpenSimPeople, SimPeople } from "../contract.ts";
import type { Crowd } from "./acts.ts";
import { behave } from "./behaviour.ts";
import { drawCast, groupChat, peopleOf, type SimPerson } from "./cast.ts";
import { messengerOf } from "./messenger.ts";
import { type Around, deliverWaiting, goAway, isAway, openPlatform, type SimPlatform, strikes } from "./platform.ts";

type PeopleWish = Parameters<OpenSimPeople>[0] & {
  /** What is decided about a person, instead of being drawn. */
  readonly nature?: (personId: string) => Partial<SimPerson>;
};

const platformNames = ["telegram", "discord", "desk"] as const satisfies readonly Platform[];

/** As the contract's OpenSimPeople; `inside` is for the tests of the people. */
export function openSimPeople(wish: PeopleWish): SimPeople & { readonly inside: Crowd } {
  const { scheduler, chance, weather, canaries, approvalOf, nature } = wish;
  const around: Around = { scheduler, chance, weather, isCalm: false, revision: 0, said: [] };
  const platforms = new Map<Platform, SimPlatform>(platformNames.map((name) => [name, openPlatform(name, around)]));
  const acts: HumanAct[] = [];
  const crowd: Crowd = {
    scheduler,
    chance: chance.fork("crowd"),
    cast: drawCast(chance.fork("cast")).map((person) => ({ ...person, ...nature?.(person.personId) })),
    platforms,
    acts,
    canaries,
    approvalOf: approvalOf ?? (() => null),
    rateOf: (family) => (crowd.isCalm ? 0 : weather.rate(family)),
    looked: new Set(),
    haltedAt: null,
    resumedAt: scheduler.now(),
    isCalm: false,
  };
  return {
    inside: crowd,
    people: peopleOf(crowd.cast),
    allowedChats: { telegram: [groupChat.chatId], discord: [] },
    messengers: (processId, clock) => [...platforms.values()].map((one) => messengerOf(one, processId, clock)),
    forget: (processId) => {
      for (const one of platforms.values()) forget(one, processId);
    },
    acts,
    said: around.said,
    act() {
      for (const one of platforms.values()) if (!isAway(one) && strikes(one, "chat_away", 0.01)) leave(one);
      behave(crowd);
    },
    heal: () => heal(crowd, around),
    revision: () => around.revision + acts.length,
  };
}

const leave = (one: SimPlatform): void => goAway(one, one.chance.pick([3_000, 15_000, 60_000, 600_000, 7_200_000]));

/** A dead process confirms nothing any more; the next one that listens is told what it left. */
function forget(one: SimPlatform, processId: string): void {
  for (const session of one.sessions) if (session.processId === processId) session.isOpen = false;
}

function heal(crowd: Crowd, around: Around): void {
  crowd.isCalm = true;
  around.isCalm = true;
  crowd.resumedAt = 0;
  // Whoever looked at a prompt before and said nothing, or said no, looks again now.
  for (const key of [...crowd.looked]) if (!key.startsWith("desk")) crowd.looked.delete(key);
  for (const person of crowd.cast) person.asleepUntil = 0;
  for (const one of crowd.platforms.values()) {
    one.awayUntil = around.scheduler.now();
    deliverWaiting(one);
  }
  around.revision += 1;
}
