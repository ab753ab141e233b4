/** Flood control as the platform's FAQ tells it: one message a second to a chat, twenty a minute to a group, thirty a second in all. */
import { refuse } from "./refusal.ts";

export type FloodLimits = {
  readonly chatPerSecond: number;
  readonly groupPerMinute: number;
  readonly allPerSecond: number;
};

export const platformLimits: FloodLimits = { chatPerSecond: 1, groupPerMinute: 20, allPerSecond: 30 };

export type FloodControl = { count(chatId: number, isGroup: boolean): void };

export function floodControl(limits: FloodLimits | null, now: () => number): FloodControl {
  const sent = new Map<string, number[]>();
  const check = (key: string, max: number, windowMs: number): void => {
    const at = now();
    const recent = (sent.get(key) ?? []).filter((time) => time > at - windowMs);
    sent.set(key, recent);
    if (recent.length < max) return;
    const seconds = Math.max(1, Math.ceil(((recent[recent.length - max] ?? at) + windowMs - at) / 1_000));
    refuse(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
  };
  return {
    count(chatId, isGroup) {
      if (limits === null) return;
      check("all", limits.allPerSecond, 1_000);
      check(`second:${chatId}`, limits.chatPerSecond, 1_000);
      if (isGroup) check(`minute:${chatId}`, limits.groupPerMinute, 60_000);
      for (const key of ["all", `second:${chatId}`, `minute:${chatId}`]) sent.get(key)?.push(now());
    },
  };
}
