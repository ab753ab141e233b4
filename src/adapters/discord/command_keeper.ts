/** Keeps the slash commands registered: after every start and every invitation, and again after a failure. */
import { z } from "zod";
import type { AnyCommand } from "../../define/command.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Dispatch } from "./incoming.ts";
import { syncCommands } from "./register.ts";
import { slashCommands } from "./slash.ts";
import type { Wire } from "./wire.ts";

const retryMs = 600_000;

const ready = z.object({ application: z.object({ id: z.string() }) });
const guild = z.object({ id: z.string(), unavailable: z.boolean().optional() });

export type CommandKeeper = {
  note(dispatch: Dispatch): void;
  /** Cheap when nothing is due; called at every sign of life. */
  syncIfDue(): void;
  problem(): string | null;
  settled(): Promise<void>;
};

export function keepsCommands(settings: {
  wire: Wire;
  guildId: string | null;
  commands: readonly AnyCommand[];
  clock: Clock;
  log: Log;
}): CommandKeeper {
  const { wire, guildId, clock, log } = settings;
  const wanted = slashCommands(settings.commands);
  let applicationId: string | null = null;
  let dueAtMs: number | null = 0;
  let problem: string | null = null;
  let work: Promise<void> = Promise.resolve();

  async function sync(application: string): Promise<void> {
    const synced = await syncCommands(wire, { applicationId: application, guildId, wanted });
    if (synced.ok) {
      problem = null;
      if (synced.value.writes > 0) log.info("Discord: commands registered", { writes: synced.value.writes });
      return;
    }
    const { problem: wrong } = synced;
    problem = `the commands could not be registered: ${wrong.because}`;
    dueAtMs ??= clock.mono() + (wrong.kind === "rate_limited" ? wrong.retryAfterMs : retryMs);
    log.warn("Discord: commands not registered", { because: wrong.because });
  }

  return {
    note({ type, data }) {
      if (type === "READY") {
        const known = ready.safeParse(data);
        if (known.success) applicationId = known.data.application.id;
        dueAtMs = 0;
        this.syncIfDue();
      }
      if (type !== "GUILD_CREATE") return;
      const invited = guild.safeParse(data);
      // An invitation after a refusal; the GUILD_CREATE of every start changes nothing.
      if (invited.success && invited.data.id === guildId && problem !== null) dueAtMs = 0;
      this.syncIfDue();
    },
    syncIfDue() {
      if (applicationId === null || dueAtMs === null || clock.mono() < dueAtMs) return;
      dueAtMs = null;
      const application = applicationId;
      work = work.then(() => sync(application));
    },
    problem: () => problem,
    settled: () => work,
  };
}
