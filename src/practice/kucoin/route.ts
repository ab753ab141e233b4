/** What a route of the KuCoin skin is, and what it is given when it is called. */
import type { IncomingHttpHeaders } from "node:http";
import type { House } from "../house.ts";
import type { MarketSource } from "../market/source.ts";
import type { Switches } from "../switches.ts";
import type { Visibility } from "../visibility.ts";
import type { Answer } from "./answer.ts";
import type { KeyHolder } from "./auth.ts";
import type { DeadMen } from "./dead_man.ts";
import type { FieldRules, Values } from "./fields.ts";
import type { PoolName } from "./rate_pools.ts";

export interface Skin {
  house: House;
  market: MarketSource;
  switches: Switches;
  holders: Map<string, KeyHolder>;
  visibility: Visibility;
  /** Dead-man switches that are set. */
  deadMen: DeadMen;
  /** Real time of the wire, with the skew a fault may have set. */
  wireNow(): number;
  /** Address of this server, http://host:port. */
  url(): string;
  /** Last prints per symbol, newest last. */
  recentPrints(symbol: string): readonly { at: number; price: bigint; volume: bigint }[];
  /** A one-time token for a stream; null owner is public. */
  streamToken(holder: KeyHolder | null): string;
}

export interface Call {
  skin: Skin;
  /** Set on private routes. */
  holder: KeyHolder | null;
  path: Readonly<Record<string, string>>;
  query: Values;
  body: Values;
  headers: IncomingHttpHeaders;
  receivedAt: number;
}

export interface Route {
  method: "GET" | "POST" | "DELETE";
  /** Segments; {name} takes one segment. */
  path: string;
  pool: PoolName;
  weight: number;
  isPrivate: boolean;
  /** What the key must be allowed to do; General if absent. */
  permission?: "Spot";
  /** Name in validation messages. */
  where?: string;
  query?: FieldRules;
  tolerated?: readonly string[];
  body?: FieldRules;
  run(call: Call): Answer | Promise<Answer>;
}

/** Account behind a private call. */
export const accountOf = (call: Call): string => {
  if (call.holder === null) throw new Error("practice: a private route ran without a key");
  return call.holder.accountId;
};
