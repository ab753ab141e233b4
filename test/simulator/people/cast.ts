/** Who sits in front of the chats: their accounts, what they may, and what kind of people they are in this seed. */
import type { HouseSettings } from "../../../src/core/settings.ts";
import type { ChatRef, Platform } from "../../../src/ports/messenger.ts";
import type { Chance } from "../contract.ts";

export type Account = {
  readonly platform: Platform;
  readonly userId: string;
  readonly chat: ChatRef;
  readonly isPrivate: boolean;
};

export type SimPerson = {
  readonly personId: string;
  readonly name: string;
  /** null = not of this house. */
  readonly role: HouseSettings["people"][number]["role"] | null;
  readonly isPerson: boolean;
  readonly accounts: readonly Account[];
  /** Share of yes among the answers. */
  readonly keenness: number;
  /** Longest time between seeing a prompt and answering it. */
  readonly thinksMs: number;
  /** Taps twice, or more, now and then. */
  readonly doubleTaps: number;
  /** Says one thing on one platform and the other on another. */
  readonly isContradictory: boolean;
  /** How often this person falls asleep, per act, and for how long at most. */
  readonly sleepiness: number;
  asleepUntil: number;
};

const account = (platform: Platform, userId: string, chatId = userId, isPrivate = true): Account => ({
  platform,
  userId,
  chat: { platform, chatId, threadId: null },
  isPrivate,
});

/** The group of the house on Telegram, in which strangers sit as well. */
export const groupChat: ChatRef = { platform: "telegram", chatId: "-100777", threadId: null };

export function drawCast(chance: Chance): readonly SimPerson[] {
  const nature = () => ({
    keenness: chance.pick([0.97, 0.9, 0.9, 0.6]),
    thinksMs: chance.pick([1_500, 4_000, 12_000, 60_000]),
    doubleTaps: chance.pick([0, 0, 0.1, 0.4]),
    isContradictory: chance.hits(0.15),
    sleepiness: chance.pick([0, 0, 0.002, 0.01]),
    asleepUntil: 0,
  });
  const owner = [account("telegram", "111"), account("discord", "211", "user:211"), account("desk", "owner", "desk")];
  return [
    { personId: "owner", name: "Ola", role: "owner", isPerson: true, accounts: owner, ...nature() },
    {
      personId: "ada",
      name: "Ada",
      role: "approver",
      isPerson: true,
      accounts: [account("telegram", "112")],
      ...nature(),
    },
    {
      personId: "bo",
      name: "Bo",
      role: "approver",
      isPerson: true,
      accounts: [account("discord", "212", "user:212")],
      ...nature(),
    },
    {
      personId: "oz",
      name: "Oz",
      role: "operator",
      isPerson: true,
      accounts: [account("telegram", "113")],
      ...nature(),
    },
    {
      personId: "stranger",
      name: "Ola",
      role: null,
      isPerson: true,
      accounts: [account("telegram", "666", groupChat.chatId, false), account("discord", "667", "user:667")],
      ...nature(),
    },
    {
      personId: "robot",
      name: "owner",
      role: null,
      isPerson: false,
      accounts: [account("telegram", "888", groupChat.chatId, false)],
      ...nature(),
    },
  ];
}

const idOn = (person: SimPerson, platform: Platform): string | null =>
  person.accounts.find((one) => one.platform === platform)?.userId ?? null;

export function peopleOf(cast: readonly SimPerson[]): HouseSettings["people"] {
  return cast.flatMap((person) =>
    person.role === null
      ? []
      : [
          {
            personId: person.personId,
            name: person.name,
            role: person.role,
            timeZone: "Europe/Berlin",
            telegramUserId: idOn(person, "telegram"),
            discordUserId: idOn(person, "discord"),
          },
        ],
  );
}
