/** What people can do with a chat: tap a button that they see, type a command or a text. Each is written down as the person knows it. */
import type { Role } from "../../../src/core/authority.ts";
import type { Button } from "../../../src/core/card.ts";
import { instant } from "../../../src/core/time.ts";
import type { Platform } from "../../../src/ports/messenger.ts";
import type { Chance, HumanAct, Scheduler } from "../contract.ts";
import type { Account, SimPerson } from "./cast.ts";
import { deliver, happened, type SeenMessage, type SimEvent, type SimPlatform } from "./platform.ts";

export type Crowd = {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly cast: readonly SimPerson[];
  readonly platforms: ReadonlyMap<Platform, SimPlatform>;
  readonly acts: HumanAct[];
  readonly canaries: readonly string[];
  readonly approvalOf: (token: string) => string | null;
  readonly rateOf: (family: "people_kill_switch" | "people_slow" | "chat_away") => number;
  /** person and message and first token: what was looked at already. */
  readonly looked: Set<string>;
  /** Since when the people themselves have halted the house; null = they have not. */
  haltedAt: number | null;
  resumedAt: number;
  isCalm: boolean;
};

export const platformOf = (crowd: Crowd, account: Account): SimPlatform => {
  const found = crowd.platforms.get(account.platform);
  if (found === undefined) throw new Error(`The simulator has no platform ${account.platform}`);
  return found;
};

export type Tap = {
  readonly person: SimPerson;
  readonly account: Account;
  readonly message: Pick<SeenMessage, "messageId" | "chat">;
  readonly button: Button;
  /** Not the person's own chat, a forged token, a replay: it must not count. */
  readonly isHonest?: boolean;
  readonly isInline?: boolean;
};

export function tap(
  crowd: Crowd,
  { person, account, message, button, isHonest = true, isInline = false }: Tap,
): SimEvent {
  const one = platformOf(crowd, account);
  const isYes = button.style !== "no";
  note(crowd, person, {
    act: "tap",
    what: `${button.label} on ${account.platform} (${button.token})`,
    isAllowed: isHonest && !isInline && person.isPerson && person.role !== null,
    approvalId: crowd.approvalOf(button.token),
    verb: isYes ? "approve" : "decline",
  });
  const here = { ...account, chat: message.chat };
  return happened(
    one,
    { account: here, displayName: person.name, isPerson: person.isPerson },
    {
      kind: "tap",
      messageId: message.messageId,
      token: button.token,
      tappedAt: account.platform === "telegram" ? null : instant(crowd.scheduler.now()),
      isInline,
    },
  );
}

export function command(crowd: Crowd, by: { person: SimPerson; account: Account }, name: string, text = ""): void {
  const { person, account } = by;
  note(crowd, person, {
    act: "command",
    what: text === "" ? `/${name}` : `/${name} ${text}`,
    isAllowed: person.isPerson && person.role !== null,
    approvalId: null,
    verb: null,
  });
  happened(
    platformOf(crowd, account),
    { account, displayName: person.name, isPerson: person.isPerson },
    {
      kind: "command",
      name,
      options: null,
      text: text.slice(0, 4_000),
      sentAt: instant(crowd.scheduler.now()),
    },
  );
}

export function say(crowd: Crowd, by: { person: SimPerson; account: Account }, text: string): void {
  const { person, account } = by;
  note(crowd, person, { act: "text", what: text.slice(0, 200), isAllowed: false, approvalId: null, verb: null });
  happened(
    platformOf(crowd, account),
    { account, displayName: person.name, isPerson: person.isPerson },
    {
      kind: "text",
      text,
      replyTo: null,
      sentAt: instant(crowd.scheduler.now()),
    },
  );
}

/** The platform, or somebody in between, tells an old event again. */
export function replay(crowd: Crowd, one: SimPlatform): void {
  const known = [...one.byAnswerId.values()];
  if (known.length > 0) deliver(one, crowd.chance.pick(known), true);
}

function note(crowd: Crowd, person: SimPerson, act: Omit<HumanAct, "at" | "personId">): void {
  crowd.acts.push({ at: crowd.scheduler.now(), personId: person.personId, ...act });
}

export const isOfHouse = (person: SimPerson): boolean => person.role !== null && person.isPerson;

const ladder: readonly Role[] = ["viewer", "operator", "approver", "owner"];
export const hasRole = (person: SimPerson, needed: Role): boolean =>
  person.role !== null && ladder.indexOf(person.role) >= ladder.indexOf(needed);

const isPrompt = ({ buttons }: SeenMessage): boolean => buttons.some((button) => button.style === "yes");

/** Prompts with buttons on the screens of this person, newest last. */
export function openPromptsOf(crowd: Crowd, person: SimPerson): readonly { account: Account; message: SeenMessage }[] {
  return person.accounts.flatMap((account) =>
    platformOf(crowd, account)
      .messages.slice(-60)
      .filter((message) => !message.isGone && isPrompt(message) && message.chat.chatId === account.chat.chatId)
      .map((message) => ({ account, message })),
  );
}

export const lookedKey = (person: SimPerson, { messageId, buttons }: SeenMessage): string =>
  `${person.personId}|${messageId}|${buttons[0]?.token ?? ""}`;
