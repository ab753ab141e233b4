/** Whether an alert would reach a person who does not look at the desk: through a chat, or through a monitor that calls him. */
import { chatKey, linkedChats } from "../core/books_people.ts";
import { healthText } from "../core/chat_health.ts";
import type { Chat } from "../core/events.ts";
import type { Messenger } from "../ports/messenger.ts";
import type { Needs } from "./needs.ts";

/** A monitor that answered within this (real ms) would notice our silence. */
const monitorCountsMs = 120_000;

type Mouths = Pick<Needs, "ledger" | "messengers" | "memory">;

/** Why no chat outside of this machine hears an alert; null = one does, or nobody ever linked one. */
export function alertsUnheard(needs: Mouths): string | null {
  const platforms = linkedPlatforms(needs);
  if (platforms.size === 0) return null;
  if ([...needs.messengers.values()].some((one) => platforms.has(one.platform) && takes(needs, one))) return null;
  return `no alert leaves this machine: ${[...platforms].sort().join(" and ")} linked, none ${whyNone(needs)}`;
}

/** Platforms besides the desk on which somebody is linked. */
export const linkedPlatforms = (needs: Pick<Mouths, "ledger">): ReadonlySet<string> =>
  new Set(chatsOutside(needs).map(({ platform }) => platform));

function chatsOutside({ ledger }: Pick<Mouths, "ledger">): readonly Chat[] {
  return linkedChats(ledger.books().people).filter(({ platform }) => platform !== "desk");
}

/** It is connected, and not every chat that is linked there refused what was sent last: a bot that was put out hears on. */
function takes(needs: Mouths, messenger: Messenger): boolean {
  const linked = chatsOutside(needs).filter(({ platform }) => platform === messenger.platform);
  const { refusingChats } = needs.memory.telling;
  const isRefused = linked.length > 0 && linked.every((chat) => refusingChats.has(chatKey(chat)));
  return messenger.health().isHearing && !isRefused;
}

const whyNone = ({ memory }: Mouths): string =>
  memory.telling.refusingChats.size === 0 ? "connected" : "takes messages";

export function isMonitored({ memory, clock }: Pick<Needs, "memory" | "clock">): boolean {
  const { heardMono } = memory.monitor;
  return heardMono !== null && clock.mono() - heardMono <= monitorCountsMs;
}

/** Why a real loss could go unnoticed: no chat hears and no monitor answers. For LIVE, which opens nothing then; null = somebody would be called. */
export function nobodyIsCalled(needs: Needs): string | null {
  if (isMonitored(needs)) return null;
  const isHeard = [...needs.messengers.values()].some((one) => one.platform !== "desk" && takes(needs, one));
  return isHeard ? null : (alertsUnheard(needs) ?? "no chat is linked besides the desk, and no monitor is set");
}

/** One line for /status and the desk. */
export function alertsText(needs: Needs): string {
  const linked = linkedPlatforms(needs);
  const chats = [...needs.messengers.values()].filter((one) => linked.has(one.platform) && one.health().isHearing);
  const heard = chats.map((one) => `${one.platform}${troubleOf(needs, one.platform)}`).join(", ");
  const monitor =
    needs.monitor === undefined
      ? "no outside monitor"
      : isMonitored(needs)
        ? "the outside monitor answers"
        : `the outside monitor is not reached (${needs.memory.monitor.problem ?? "not asked yet"})`;
  return `${alertsUnheard(needs) ?? (heard === "" ? "only the desk shows alerts" : `told on ${heard}`)}; ${monitor}`;
}

/** How its chats took what was sent lately; empty = all of it. */
function troubleOf({ memory }: Needs, platform: string): string {
  const worst = [...memory.telling.chatHealth]
    .filter(([key, health]) => key.startsWith(`${platform}:`) && health.score < 100)
    .sort(([, left], [, right]) => left.score - right.score)[0];
  return worst === undefined ? "" : ` (${healthText(worst[1])})`;
}
