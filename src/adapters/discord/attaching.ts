/**
 * Where the bot may write but not attach: pictures and files are left out there, which nobody would miss by himself. Said once in
 * the log for each channel, and in health() until a message with a file is taken there again.
 */
import type { Log } from "../../ports/log.ts";

export type Attaching = {
  /** The same message was taken without its files. */
  leftOut(channelId: string, because: string): void;
  taken(channelId: string): void;
  /** One sentence; null = nothing is left out. */
  problem(): string | null;
};

export function watchesAttaching(log: Log): Attaching {
  const without = new Set<string>();
  return {
    leftOut(channelId, because) {
      if (without.has(channelId)) return;
      without.add(channelId);
      log.warn(
        "Discord: pictures and files are left out in a channel; give the bot the permission Attach Files there",
        {
          channel: channelId,
          because,
        },
      );
    },
    taken: (channelId) => void without.delete(channelId),
    problem: () =>
      without.size === 0
        ? null
        : `pictures and files are left out in channel ${[...without].join(", ")}; the bot needs Attach Files there`,
  };
}
