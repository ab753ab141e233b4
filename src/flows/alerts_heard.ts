/** Whether an alert would reach a person who does not look at the desk: through a chat, or through a monitor that calls him. */
import { healthText } from "../core/chat_health.ts";
import type { Needs } from "./needs.ts";

/** A monitor that answered within this (real ms) would notice our silence. */
const monitorCountsMs = 120_000;

/** Platforms besides the desk on which somebody is linked. */
export function linkedPlatforms({ ledger }: Pick<Needs, "ledger">): ReadonlySet<string> {
  const { links, persons } = ledger.books().people;
  return new Set(
    Object.values(links)
      .filter((link) => link.platform !== "desk" && persons[link.personId]?.isActive === true)
      .map((link) => link.platform),
  );
}

/** Why no chat outside of this machine hears an alert; null = one does, or nobody ever linked one. */
export function alertsUnheard({ ledger, messengers }: Pick<Needs, "ledger" | "messengers">): string | null {
  const linked = linkedPlatforms({ ledger });
  if (linked.size === 0) return null;
  const isHeard = [...messengers.values()].some((one) => linked.has(one.platform) && one.health().isHearing);
  return isHeard ? null : `no alert leaves this machine: ${[...linked].sort().join(" and ")} linked, none connected`;
}

export function isMonitored({ memory, clock }: Pick<Needs, "memory" | "clock">): boolean {
  const { heardMono } = memory.monitor;
  return heardMono !== null && clock.mono() - heardMono <= monitorCountsMs;
}

/** Why a real loss could go unnoticed: no chat hears and no monitor answers. For LIVE, which opens nothing then; null = somebody would be called. */
export function nobodyIsCalled(needs: Needs): string | null {
  if (isMonitored(needs)) return null;
  const isHeard = [...needs.messengers.values()].some((one) => one.platform !== "desk" && one.health().isHearing);
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
