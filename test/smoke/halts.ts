/** What keeps the bot from opening positions, read from outside, and what a person says to end it. */
import { withDatabase } from "./bot_books.ts";
import type { DeskClient } from "./desk_client.ts";

export type Halts = {
  readonly level: string;
  /** As /reset takes them: cause@scope. */
  readonly breakers: readonly string[];
  readonly denied: readonly string[];
};

const newestOfEachBreaker = `
  select distinct on (name) name, kind
    from (select (body->>'cause') || '@' || (body->>'scope') as name, kind, seq from events where kind like 'breaker%ed') told
   order by name, seq desc`;

/** A warning that goes away by itself is none. @throws when the database does not answer. */
export function haltsOf(home: string): Promise<Halts> {
  return withDatabase(home, async (client) => {
    const controls = await client.query<{ name: string; value: string | null }>(
      "select name, value from runtime_controls",
    );
    const breakers = await client.query<{ name: string; kind: string }>(newestOfEachBreaker);
    const value = (name: string): string => controls.rows.find((row) => row.name === name)?.value ?? "";
    return {
      level: value("kill_switch") || "none",
      breakers: breakers.rows.filter(({ kind }) => kind === "breaker_opened").map(({ name }) => name),
      denied: value("allowed_instruments") === "" ? [] : ["LTC/USDT"],
    };
  });
}

/** What a person does about halts whose cause is over. A machine under load halts by itself now and then. @returns true when none stood. */
export async function liftHalts(home: string, desk: DeskClient, reason: string): Promise<boolean> {
  const { level, breakers, denied } = await haltsOf(home);
  if (level !== "none") await desk.command("resume", reason);
  for (const breaker of breakers) await desk.command("reset", `${breaker} ${reason}`);
  for (const item of denied) await desk.command("allow", `${item} ${reason}`);
  return level === "none" && breakers.length === 0 && denied.length === 0;
}
