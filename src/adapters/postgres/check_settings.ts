/**
 * Does this server keep what it confirms, and do our sessions notice a dead peer? Asked at the start and every hour: a
 * setting may be changed while we run, for the whole server, the database, the user or a session.
 */
import type pg from "pg";
import { z } from "zod";
import { mark } from "../../core/mark.ts";
import { defineQuery } from "../../define/query.ts";
import { runQuery } from "./event_rows.ts";

export const settingsQuery = defineQuery({
  name: "database_settings",
  params: z.object({}),
  row: z.object({ name: z.string(), value: z.string() }),
  // In their base units: milliseconds, seconds, on or off.
  text: `
    select name, setting as value from pg_settings
     where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'statement_timeout', 'lock_timeout',
                    'idle_in_transaction_session_timeout', 'tcp_keepalives_idle', 'tcp_keepalives_interval',
                    'tcp_keepalives_count', 'tcp_user_timeout', 'client_connection_check_interval', 'TimeZone')`,
});

export type SettingsReport = {
  /** Why a confirmed fact may be lost; LIVE is refused until this is empty. */
  readonly durability: readonly string[];
  /** What our sessions were not given (a pooler in between drops it): faults are noticed later, nothing is lost. */
  readonly session: readonly string[];
};

/** `local` and `remote_*` also wait for our own disk; only "off" loses what was promised. */
const durable: Readonly<Record<string, string>> = {
  fsync: "it loses confirmed facts when its machine stops",
  full_page_writes: "its files may be torn when its machine stops",
  synchronous_commit: "it confirms before the disk has it",
};

const wanted: Readonly<Record<string, (value: number) => boolean>> = {
  statement_timeout: (ms) => ms > 0 && ms <= 5_000,
  lock_timeout: (ms) => ms > 0 && ms <= 2_000,
  idle_in_transaction_session_timeout: (ms) => ms > 0 && ms <= 5_000,
  tcp_keepalives_idle: (seconds) => seconds === 5,
  tcp_keepalives_interval: (seconds) => seconds === 2,
  tcp_keepalives_count: (count) => count === 3,
  tcp_user_timeout: (ms) => ms === 10_000,
  client_connection_check_interval: (ms) => ms === 1_000,
};

/** Throws when the database is away. */
export async function checkSettings(pool: pg.Pool): Promise<SettingsReport> {
  const rows = await runQuery(pool, settingsQuery, {});
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  const durability = Object.entries(durable).flatMap(([name, harm]) =>
    values.get(name) === "off"
      ? [`${name} is off in the database: ${harm}. Turn it on (alter system set ${name} = on) and start again`]
      : [],
  );
  if (durability.length > 0) mark("P16.not_durable");
  const session = Object.entries(wanted).flatMap(([name, isGood]) => {
    const value = values.get(name);
    return value !== undefined && isGood(Number(value)) ? [] : [`${name} is ${value ?? "not known"}`];
  });
  return { durability, session };
}
