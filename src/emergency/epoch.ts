/** Takes the trader epoch where PostgreSQL answers within a second: the house, should it live, is then fenced by its own database. */
import { nobody } from "../core/holder.ts";
import { mark } from "../core/mark.ts";

/** The little of a database driver that is needed; the process hands in the real one. */
export type Connect = (address: DatabaseAddress) => Promise<{
  query(text: string, values?: readonly unknown[]): Promise<{ rows: readonly Record<string, unknown>[] }>;
  end(): Promise<void>;
}>;
export type DatabaseAddress =
  | { readonly url: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
    };

const withinMs = 1_000;

/** @returns the epoch that is ours now; null when the database did not answer in time, and then the journal must do. */
export async function takeEpochQuickly(
  address: DatabaseAddress | null,
  tools: { connect: Connect; sleep: (ms: number) => Promise<void>; holder: string; above: number },
): Promise<number | null> {
  if (address === null) return null;
  const taken = take(address, tools).catch(() => null);
  const epoch = await Promise.race([taken, tools.sleep(withinMs).then(() => null)]);
  if (epoch === null) mark("P01.emergency_without_database");
  return epoch;
}

async function take(
  address: DatabaseAddress,
  { connect, holder, above }: { connect: Connect; holder: string; above: number },
): Promise<number> {
  const client = await connect(address);
  try {
    await client.query(`set statement_timeout = ${withinMs}`);
    await client.query("begin");
    // Epoch before lease: the one order of locks of the whole house.
    const current = await client.query("select epoch from trader_epoch where id = 1 for update");
    const epoch = Math.max(Number(current.rows[0]?.["epoch"] ?? 0), above) + 1;
    await client.query("update trader_epoch set epoch = $1, holder = $2, taken_at = clock_timestamp() where id = 1", [
      epoch,
      holder,
    ]);
    await client.query(
      "update trader_lease set holder = $1, lease_until = clock_timestamp() + interval '30 seconds' where id = 1",
      [holder],
    );
    await client.query("commit");
    return epoch;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The epoch stays ours; whoever starts next need not wait until a lease of a process that has ended runs out. */
export async function releaseQuickly(
  address: DatabaseAddress,
  tools: { connect: Connect; sleep: (ms: number) => Promise<void>; holder: string },
): Promise<void> {
  const released = release(address, tools).catch(() => undefined);
  await Promise.race([released, tools.sleep(withinMs)]);
}

async function release(
  address: DatabaseAddress,
  { connect, holder }: { connect: Connect; holder: string },
): Promise<void> {
  const client = await connect(address);
  try {
    await client.query(`set statement_timeout = ${withinMs}`);
    await client.query("update trader_lease set holder = $2, lease_until = '-infinity' where id = 1 and holder = $1", [
      holder,
      nobody,
    ]);
  } finally {
    await client.end().catch(() => undefined);
  }
}
