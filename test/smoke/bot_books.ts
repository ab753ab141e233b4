/** What the bot believes, read from its own database from outside, as an auditor would: no code of the bot is asked. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { readLockFile } from "../../src/adapters/embedded_postgres/lock_file.ts";

export type BookedPosition = {
  readonly position_id: string;
  readonly instrument_id: string;
  readonly state: string;
  readonly protection: string;
  readonly quantity: string;
  readonly entry_price: string | null;
  readonly stop_price: string;
  readonly target_price: string | null;
  readonly exit_reason: string | null;
};
export type BookedOrder = {
  readonly client_order_id: string;
  readonly approval_id: string | null;
  readonly trade_id: string;
  readonly instrument_id: string;
  readonly leg: string;
  readonly state: string;
};
export type BookedApproval = {
  readonly approval_id: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string | null;
  readonly votes: number;
};
export type BookedFill = {
  readonly instrument_id: string;
  readonly side: string;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly fee_asset: string;
};
/** An order's way to the wire: when the row that allows it was made, real ms. */
export type BookedSending = { readonly client_order_id: string; readonly wall_at: number; readonly seq: number };

/** Messages that the bot knows to be prompts of its own, by their number on the platform. */
export type BookedPrompt = { readonly platform: string; readonly message_id: string };

export type BotBooks = {
  readonly positions: readonly BookedPosition[];
  readonly orders: readonly BookedOrder[];
  readonly approvals: readonly BookedApproval[];
  readonly fills: readonly BookedFill[];
  readonly sendings: readonly BookedSending[];
  readonly prompts: readonly BookedPrompt[];
};

const queries = {
  positions:
    "select position_id, instrument_id, state, protection, quantity::text, entry_price::text, stop_price::text, target_price::text, exit_reason from positions order by position_id",
  orders:
    "select client_order_id, approval_id, trade_id, instrument_id, leg, state from orders order by decided_at, client_order_id",
  approvals:
    "select approval_id, kind, state, reason, (select count(*)::int from votes where votes.approval_id = approvals.approval_id and verdict = 'yes') as votes from approvals order by created_at",
  fills: "select instrument_id, side, price::text, quantity::text, fee::text, fee_asset from fills order by seq",
  sendings:
    "select body->>'clientOrderId' as client_order_id, (extract(epoch from wall_at) * 1000)::float8 as wall_at, seq::int from events where kind = 'order_sending' order by seq",
  prompts: "select platform, message_id from prompts where message_id is not null",
} as const;

/** @throws when the database does not answer: the bot is down, or its server is. */
export async function withDatabase<Value>(home: string, work: (client: pg.Client) => Promise<Value>): Promise<Value> {
  const lock = readLockFile(join(home, "postgres"));
  if (lock === null) throw new Error(`No database server runs below ${home}`);
  const password = readFileSync(join(home, "postgres_password"), "utf8").trim();
  const client = new pg.Client({
    host: "127.0.0.1",
    port: lock.port,
    user: "countersign",
    password,
    database: "countersign",
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export function readBooks(home: string): Promise<BotBooks> {
  return withDatabase(home, async (client) => {
    // One picture of one moment, however busy the bot is.
    await client.query("begin transaction isolation level repeatable read read only");
    const rows = async <Row>(name: keyof typeof queries): Promise<readonly Row[]> =>
      (await client.query(queries[name])).rows as Row[];
    return {
      positions: await rows("positions"),
      orders: await rows("orders"),
      approvals: await rows("approvals"),
      fills: await rows("fills"),
      sendings: await rows("sendings"),
      prompts: await rows("prompts"),
    };
  });
}

export const openPositions = (books: BotBooks): readonly BookedPosition[] =>
  books.positions.filter((position) => position.state !== "closed" && Number(position.quantity) > 0);

/** Orders of which the bot does not know what became of them. */
export const unknownOrders = (books: BotBooks): readonly BookedOrder[] =>
  books.orders.filter((order) => ["sending", "unknown", "cancel_unknown"].includes(order.state));
