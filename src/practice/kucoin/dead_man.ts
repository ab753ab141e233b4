/**
 * The dead-man switch (DCP): who sets it has all orders of the named pairs canceled when he does not set it again in time.
 * Two texts of the venue disagree on whether any request renews it (here: only setting it again), and none says whether
 * stops and pairs are orders in this sense: `deadManTakesStops` is that switch [unconfirmed].
 */
import type { Switches } from "../switches.ts";
import { type Answer, invalid, success } from "./answer.ts";
import { numberOf, textOf } from "./fields.ts";
import { accountOf, type Call, type Route, type Skin } from "./route.ts";

type Setting = { readonly timeoutS: number; readonly symbols: readonly string[]; readonly triggerAt: number };

/** Wire time, ms, by account. One exchange, one desk of switches. */
export type DeadMen = Map<string, Setting>;

const secondsOf = (ms: number): number => Math.floor(ms / 1_000);

const set = (call: Call): Answer => {
  const { deadMen, wireNow } = call.skin;
  const timeoutS = numberOf(call.body, "timeout") ?? 0;
  if (timeoutS !== -1 && timeoutS < 5) return invalid("timeout not in the given range!");
  const currentTime = secondsOf(wireNow());
  if (timeoutS === -1) {
    deadMen.delete(accountOf(call));
    return success({});
  }
  const symbols = textOf(call.body, "symbols")
    .split(",")
    .filter((symbol) => symbol !== "");
  deadMen.set(accountOf(call), { timeoutS, symbols, triggerAt: wireNow() + timeoutS * 1_000 });
  return success({ currentTime, triggerTime: currentTime + timeoutS });
};

const query = (call: Call): Answer => {
  const setting = call.skin.deadMen.get(accountOf(call));
  if (setting === undefined) return success({});
  return success({
    timeout: setting.timeoutS,
    symbols: setting.symbols.join(","),
    currentTime: secondsOf(call.skin.wireNow()),
    triggerTime: secondsOf(setting.triggerAt),
  });
};

/** Cancels what is due; asked with every pump of the market. */
export const fireDeadMen = (skin: Skin, switches: Switches): void => {
  for (const [accountId, { symbols, triggerAt }] of skin.deadMen) {
    if (skin.wireNow() < triggerAt) continue;
    skin.deadMen.delete(accountId);
    const isMeant: Meant = (one, symbol) =>
      one.accountId === accountId && (symbols.length === 0 || symbols.includes(symbol));
    const orders = [...skin.house.core.state.orders.values()];
    const active = orders.filter((order) => order.isActive && isMeant(order, order.symbol));
    if (active.length > 0) skin.house.run({ do: "request_cancel", orderIds: active.map((order) => order.id) });
    if (switches.deadManTakesStops) takeStops(skin, isMeant);
  }
};

type Meant = (one: { readonly accountId: string }, symbol: string) => boolean;

const takeStops = (skin: Skin, isMeant: Meant): void => {
  const { stops, ocos } = skin.house.core.state;
  for (const oco of ocos.values())
    if (oco.status === "NEW" && isMeant(oco, oco.symbol)) skin.house.run({ do: "cancel_oco", ocoId: oco.id });
  const single = [...stops.values()].filter(
    (stop) => stop.status === "NEW" && stop.ocoId === null && isMeant(stop, stop.wish.symbol),
  );
  if (single.length > 0) skin.house.run({ do: "cancel_stops", stopIds: single.map((stop) => stop.id) });
};

const spot = { pool: "spot", weight: 2, isPrivate: true, permission: "Spot" } as const;

export const deadManRoutes: readonly Route[] = [
  {
    ...spot,
    method: "POST",
    path: "/api/v1/hf/orders/dead-cancel-all",
    where: "setDcp",
    body: { timeout: { type: "integer", isRequired: true, min: -1, max: 86_400 }, symbols: { type: "string" } },
    run: set,
  },
  { ...spot, method: "GET", path: "/api/v1/hf/orders/dead-cancel-all/query", where: "queryDcp", run: query },
];
