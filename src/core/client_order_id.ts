/**
 * The name under which an order is known at the venue. Deterministic: the same decision always gives the same name, so a
 * crash between deciding and sending can never produce two orders. At most 32 characters of [A-Za-z0-9].
 *
 *   x cs p 1a 0123456789abcdef
 *   | |  | |  '-- base32 of the first 80 bits of SHA-256(position | leg | attempt | digest)
 *   | |  | '-- trader epoch in base 36: an order with a higher epoch than ours means that someone else trades
 *   | |  '-- mode: p paper, d dry_run, l live, b backtest
 *   | '-- system
 *   '-- a letter first, as every venue allows
 */

import { assert } from "./assert.ts";
import type { Hash } from "./canonical.ts";
import type { OrderIntent } from "./intent.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const modeLetter = { paper: "p", dry_run: "d", live: "l", backtest: "b" } as const;

export function clientOrderIdOf(intent: OrderIntent, bound: { epoch: number; digest: string }, hash: Hash): string {
  const name = `${intent.tradeId}|${intent.leg}|${intent.attempt}|${bound.digest}`;
  const text = `xcs${modeLetter[intent.mode]}${bound.epoch.toString(36)}z${base32(hash(name).slice(0, 20))}`;
  assert(text.length <= 32, `Client order id ${text} is longer than 32 characters`);
  return text;
}

/** The epoch inside one of our ids; null when the id is not ours. */
export function epochOfClientOrderId(clientOrderId: string): number | null {
  const match = /^xcs[pdlb]([0-9a-z]+)z[0-9a-hjkmnp-tv-z]{16}$/.exec(clientOrderId);
  return match?.[1] === undefined ? null : Number.parseInt(match[1], 36);
}

/** 20 hex digits (80 bits) as 16 base32 characters. */
function base32(hex: string): string {
  let bits = BigInt(`0x${hex}`);
  let text = "";
  for (let index = 0; index < 16; index += 1) {
    text = `${alphabet[Number(bits & 31n)] ?? ""}${text}`;
    bits >>= 5n;
  }
  return text;
}
