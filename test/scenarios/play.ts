/** One story on its own stage: opened, told, judged, closed. Many may run at once, since most of their time is waiting. */
import type { Fact, FactOf } from "../../src/core/events.ts";
import { openStage, type Stage, type StageWish } from "./stage.ts";

/** The longest story: a proof of absence, or two back-offs. */
export const storyMs = 90_000;

/** Most proofs wait for the venue's late-arrival bound; a story says 1.5 s and means the same rule. */
export const shortAbsence: StageWish = {
  venueDefinition: (definition) => ({
    ...definition,
    capabilities: { ...definition.capabilities, absentAfterMs: 1_500 },
  }),
};

export async function play(wish: StageWish, story: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openStage(wish);
  try {
    await story(stage);
    await stage.judge();
  } finally {
    await stage.close();
  }
}

export type Kept<Type extends Fact["type"]> = FactOf<Type> & { readonly wallAt: number };

/** Facts of one kind as the database has them, oldest first. */
export async function factsOf<Type extends Fact["type"]>(stage: Stage, kind: Type): Promise<readonly Kept<Type>[]> {
  const rows = await stage.database.pool.query<{ body: FactOf<Type>; wall_at: Date }>(
    "select body, wall_at from events where kind = $1 order by seq",
    [kind],
  );
  return rows.rows.map((row) => ({ ...row.body, wallAt: new Date(row.wall_at).getTime() }));
}

export const approvalState = (stage: Stage, approvalId: string) => stage.books().approvals[approvalId]?.state;

/** What the exchange has been told to buy or sell, as it came in, whatever it answered. */
export function sentOrders(stage: Stage): readonly Readonly<Record<string, string>>[] {
  return stage.exchange.wireLog
    .all()
    .filter((entry) => entry.method === "POST" && /\/(orders|stop-order|oco\/order)$/.test(entry.target))
    .map((entry) => ({ ...(JSON.parse(entry.body) as Record<string, string>), path: entry.target }));
}

export const sentEntries = (stage: Stage) => sentOrders(stage).filter((order) => order["side"] === "buy");
export const sentExits = (stage: Stage) =>
  sentOrders(stage).filter((order) => order["side"] === "sell" && order["path"] === "/api/v1/hf/orders");
export const sentStops = (stage: Stage) => sentOrders(stage).filter((order) => order["path"] !== "/api/v1/hf/orders");

export const untilProtected = (stage: Stage, symbol: string, ms?: number) =>
  stage.until(() => stage.position(symbol)?.protection === "placed", "protection", ms);
export const untilClosed = (stage: Stage, symbol: string, ms?: number) =>
  stage.until(() => stage.position(symbol)?.state === "closed", "the close", ms);
