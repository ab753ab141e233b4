/**
 * What every venue must keep, whatever its protocol: the promises of ports/venue, tried against a practice exchange.
 * A bench starts at a price of 100 with 100 SOL and 100000 USDT, tick 0.01, step 0.1; the market stands still until it is moved.
 */
import { afterEach, describe } from "vitest";
import { faultContract } from "./contract_faults.ts";
import { ordersContract } from "./contract_orders.ts";
import { protectionContract } from "./contract_protection.ts";
import { readingContract } from "./contract_reading.ts";
import type { Suite } from "./contract_tools.ts";

export function venueContract(name: string, suite: Suite): void {
  describe(`${name} keeps the venue contract`, () => {
    afterEach(suite.close);
    ordersContract(suite);
    protectionContract(suite);
    readingContract(suite);
    faultContract(suite);
  });
}
