import type { Books } from "../core/books.ts";
import { isPositive } from "../core/money.ts";
import { mayStillTrade } from "../core/order.ts";
import type { Position } from "../core/position.ts";
import { unprotectedMaxMs } from "../core/protection.ts";
import type { Readings } from "../core/readings.ts";
import { between } from "../core/time.ts";
import { defineAssertion } from "../define/assertion.ts";

/** Who judges must be able to act: a venue that was silent for longer than this could take neither a stop nor an exit. */
const answerMaxMs = 5_000;

export const everyPositionIsProtected = defineAssertion({
  id: "A03",
  name: "every_position_is_protected",
  promises:
    "An open position has a resting stop, a running exit, or is being watched by us, and never stays bare for 10 s",
  onBreach: { scope: "account", class: "transient", looks: 1 },
  runbook: {
    means: "A position has had no stop at the venue, no exit under way and no guard of ours for more than 10 s.",
    does: "It is sold, and nothing new is opened on that instrument meanwhile. While the venue does not answer it is watched here.",
    you: "Look at /positions and at the venue's own page. It closes by itself once everything is protected again.",
  },
  breaches: (books, readings) =>
    Object.values(books.positions)
      .filter((position) => isBare(position) && !isLeaving(books, position.positionId))
      .flatMap((position) => {
        const ageMs = bareMs(position, books, readings);
        if (ageMs <= unprotectedMaxMs) return [];
        const evidence = {
          position: position.positionId,
          quantity: position.quantity,
          protection: position.protection,
          bare: `${Math.round(ageMs / 1_000)} s`,
          limit: `${unprotectedMaxMs / 1_000} s`,
        };
        const scope = `symbol:${position.instrumentId}`;
        const isAnswering = (readings.venue.answerAgeMs ?? Number.POSITIVE_INFINITY) <= answerMaxMs;
        return isAnswering && books.house.isReady
          ? [{ scope, evidence, effect: { do: "exit_position" as const, positionId: position.positionId } }]
          : [{ scope, evidence }];
      }),
});

const isBare = (position: Position): boolean =>
  isPositive(position.quantity) && position.protection !== "placed" && position.protection !== "local_guard";

/** Time in which no process ran is no time in which one failed: it counts from the start of this one. */
function bareMs(position: Position, { house }: Books, { wallAt }: Readings): number {
  if (position.unprotectedSince === null) return 0;
  const since = Math.max(position.unprotectedSince, house.startedAt ?? 0) as typeof wallAt;
  return between(since, wallAt);
}

function isLeaving({ orders }: Books, positionId: string): boolean {
  return Object.values(orders).some(
    (order) => order.tradeId === positionId && order.intent.leg === "exit" && mayStillTrade(order.state),
  );
}
