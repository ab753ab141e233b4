/**
 * The bot works as a role that may add facts and never change one. The user of DATABASE_URL (or of the embedded server) owns
 * the tables and is needed for migrations and for a rebuild alone. Where that user may not create roles, the triggers stand alone.
 */
import type pg from "pg";
import { mark } from "../../core/mark.ts";
import { inTransaction, unhurried } from "./pool.ts";

export const traderRole = "countersign_trader";

/** Rows that are only ever added. `fills` may be written anew by a later fact with the same number, never taken out. */
const addedOnly: readonly string[] = ["events", "order_evidence", "postings"];
const neverDeleted: readonly string[] = ["fills", "orders", "positions", "votes", "approvals"];

export type Separation =
  | { readonly isSeparate: true; readonly role: string }
  /** One sentence for start-up and /status. */
  | { readonly isSeparate: false; readonly because: string };

/** To be called after each migration, by the owner: rights on tables that are new are given as well. Throws when the database is away. */
export async function prepareTraderRole(pool: pg.Pool): Promise<Separation> {
  try {
    await makeRole(pool);
    await giveRights(pool);
    return { isSeparate: true, role: traderRole };
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    if (code === undefined || !code.startsWith("42")) throw error;
    mark("P20.triggers_alone");
    return {
      isSeparate: false,
      because: `The user of the database may not create roles (${message}); only triggers keep facts from being changed`,
    };
  }
}

async function makeRole(pool: pg.Pool): Promise<void> {
  const known = await pool.query("select 1 from pg_roles where rolname = $1", [traderRole]);
  if (known.rowCount === 0) {
    await pool
      .query(`create role ${traderRole} nologin nosuperuser nocreatedb nocreaterole`)
      .catch((error: unknown) => {
        // Another bot on the same server was faster.
        const { code } = error as { readonly code?: string };
        if (code !== "42710" && code !== "23505") throw error;
      });
  }
}

/** Two processes that give the same rights at once (a start and an `audit verify`) would refuse each other: one waits for the other. */
const rightsLock = 7_373_002;

function giveRights(pool: pg.Pool): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query("set local lock_timeout = 0; set local statement_timeout = 0");
    await client.query(unhurried("select pg_advisory_xact_lock($1)", [rightsLock]));
    for (const statement of rights()) await client.query(statement);
  });
}

const rights = (): readonly string[] => [
  `grant ${traderRole} to current_user`,
  `grant usage on schema public to ${traderRole}`,
  `grant select, insert, update, delete on all tables in schema public to ${traderRole}`,
  `revoke insert, update, delete on schema_migrations, legal_moves from ${traderRole}`,
  ...addedOnly.map((table) => `revoke update, delete on ${table} from ${traderRole}`),
  ...neverDeleted.map((table) => `revoke delete on ${table} from ${traderRole}`),
];
