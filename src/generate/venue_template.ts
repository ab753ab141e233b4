/** The template of a venue: it opens, says what it can't do yet, and places nothing, so that it is safe at every step. */
import { exportName } from "./kinds.ts";

type Names = { readonly name: string; readonly value: string };

export function venueFiles(name: string): Readonly<Record<string, string>> {
  const names = { name, value: exportName(name) };
  return {
    [`src/venues/${name}/venue.ts`]: definition(names),
    [`test/venues/${name}.test.ts`]: test(names),
  };
}

const definition = ({
  name,
  value,
}: Names): string => `/** ${name}: what it can do, and how it is opened. Each answer says what is known; here that is nothing, until its wire is written. */
import { fail } from "../../core/result.ts";
import { defineVenue } from "../../define/venue.ts";
import type { Read, Venue } from "../../ports/venue.ts";

const because = "its wire protocol is not written";

export const ${value} = defineVenue({
  name: "${name}",
  summary: "${name}: opens, reads nothing and places nothing",
  liveHosts: [],
  capabilities: { protection: "none", hasClientOrderIds: false, absentAfterMs: 60_000, feeIn: "quote" },
  open: async () => venueOf(),
});

function venueOf(): Venue {
  const unread = async (what: string): Promise<Read<never>> =>
    fail({ kind: "unavailable", venue: "${name}", what, because, retryAfterMs: null });
  return {
    name: "${name}",
    time: () => unread("time"),
    instruments: () => unread("instruments"),
    keyRights: () => unread("key rights"),
    balances: () => unread("balances"),
    candles: () => unread("candles"),
    orderBook: () => unread("order book"),
    placeOrder: async () => fail({ kind: "not_sent", because, retryAfterMs: null }),
    cancelOrder: async () => fail({ kind: "not_sent", because, retryAfterMs: null }),
    findOrder: () => unread("order"),
    openOrders: () => unread("open orders"),
    fills: () => unread("fills"),
    stop: async () => undefined,
  };
}
`;

const test = ({
  name,
  value,
}: Names): string => `/** The venue ${name} never pretends: what it can't read is unavailable, and what it can't send was not sent. */
import { expect, test } from "vitest";
import type { ClearedIntent } from "../../src/core/clearance.ts";
import { instant } from "../../src/core/time.ts";
import type { VenueOpening } from "../../src/define/venue.ts";
import { ${value} } from "../../src/venues/${name}/venue.ts";

const opening = { credentials: { key: "", secret: "", passphrase: "" }, baseUrl: null } as unknown as VenueOpening;

test("${name}: a read that can't be done is unavailable, never empty", async () => {
  const venue = await ${value}.open(opening);
  expect(await venue.balances()).toMatchObject({ ok: false, problem: { kind: "unavailable", venue: "${name}" } });
  expect(await venue.openOrders("SOL/USDT")).toMatchObject({ ok: false, problem: { kind: "unavailable" } });
  await venue.stop();
});

test("${name}: nothing is sent", async () => {
  const venue = await ${value}.open(opening);
  const answer = await venue.placeOrder({} as ClearedIntent, { clientOrderId: "x1", stampedAt: instant(0) });
  expect(answer).toMatchObject({ ok: false, problem: { kind: "not_sent" } });
});
`;
