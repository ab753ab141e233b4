/**
 * The judge of a run. It knows nothing of the bot's code: it lays the bot's books, the exchange's state, the requests on the
 * wire and the messages in the chats side by side, and says in sentences what does not fit.
 */
import type { PracticeHandle } from "../../src/practice/exchange.ts";
import { formatFixed, ONE, parseFixed } from "../../src/practice/fixed.ts";
import type { WireEntry } from "../../src/practice/wire_log.ts";
import { type BotBooks, openPositions, unknownOrders } from "./bot_books.ts";
import { type ChatName, type Copy, chats, type Hands } from "./chats.ts";

const placing = /^\/api\/(v1\/hf\/orders|v1\/stop-order|v3\/oco\/order)(\?|$)/;

/** Requests that place something, in the order of their arrival. */
export function placements(exchange: PracticeHandle): readonly (WireEntry & { readonly clientOid: string })[] {
  const posts = exchange.wireLog.writes().filter((entry) => entry.method === "POST" && placing.test(entry.target));
  return posts.map((entry) => ({
    ...entry,
    clientOid: String((JSON.parse(entry.body) as { clientOid?: string }).clientOid),
  }));
}

/** Everything that may be asked at any quiet moment, with or without open positions. */
export function violationsOf(books: BotBooks, exchange: PracticeHandle): readonly string[] {
  return [
    ...wireViolations(books, exchange),
    ...consentViolations(books),
    ...moneyViolations(books, exchange),
    ...protectionViolations(books, exchange),
  ];
}

/** How the names of orders begin that a person made at the venue's own page: nobody asked us. */
const byHand = "hand-";

function wireViolations(books: BotBooks, exchange: PracticeHandle): readonly string[] {
  const sent = placements(exchange);
  const ids = sent.map((entry) => entry.clientOid);
  const doubled = ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map((id) => `client id ${id} left more than once`);
  const unwritten = sent.flatMap((entry) => {
    const row = books.sendings.find((one) => one.client_order_id === entry.clientOid);
    if (row === undefined) return [`order ${entry.clientOid} is on the wire and has no row`];
    return row.wall_at > entry.at ? [`order ${entry.clientOid} left before its row was written`] : [];
  });
  const booked = new Set(books.orders.map((order) => order.client_order_id));
  const foreign = [...exchange.house.core.state.clientOids.keys()]
    .map((key) => key.slice(key.lastIndexOf("/") + 1))
    .filter((id) => !booked.has(id) && !id.startsWith(byHand))
    .map((id) => `the exchange knows order ${id}, our books do not`);
  return [...doubled, ...unwritten, ...foreign];
}

/** No entry without a yes of a person, and one entry a yes. */
function consentViolations(books: BotBooks): readonly string[] {
  const entries = books.orders.filter((order) => order.leg === "entry");
  const unsigned = entries
    .filter((order) => (books.approvals.find((one) => one.approval_id === order.approval_id)?.votes ?? 0) < 1)
    .map((order) => `entry ${order.client_order_id} has no yes of a person`);
  const signatures = entries.map((order) => order.approval_id);
  const reused = signatures
    .filter((id, index) => signatures.indexOf(id) !== index)
    .map((id) => `approval ${id} was executed more than once`);
  return [...unsigned, ...reused];
}

const amount = (text: string): bigint => {
  const value = parseFixed(text.replace(/^-/, ""));
  if (value === null) throw new Error(`${text} is no amount`);
  return text.startsWith("-") ? -value : value;
};

/** Fills in our books, added up, are exactly what the exchange account shows; and positions are what is held. */
function moneyViolations(books: BotBooks, exchange: PracticeHandle): readonly string[] {
  const change = new Map<string, bigint>();
  const add = (asset: string, by: bigint) => change.set(asset, (change.get(asset) ?? 0n) + by);
  for (const fill of books.fills) {
    const [base = "", quote = ""] = (fill.instrument_id.split(":")[1] ?? "").split("/");
    const sign = fill.side === "buy" ? 1n : -1n;
    add(base, sign * amount(fill.quantity));
    add(quote, (-sign * amount(fill.price) * amount(fill.quantity)) / ONE);
    add(fill.fee_asset, -amount(fill.fee));
  }
  const opening = exchange.house.core.state.deposited;
  const shown = exchange.balances();
  const assets = new Set([...Object.keys(shown), ...change.keys()]);
  const money = [...assets].flatMap((asset) => {
    const row = shown[asset];
    const theirs = row === undefined ? 0n : amount(row.free) + amount(row.held);
    const ours = (opening.get(asset) ?? 0n) + (change.get(asset) ?? 0n);
    return theirs === ours
      ? []
      : [`${asset}: our fills add up to ${formatFixed(ours)}, the exchange holds ${formatFixed(theirs)}`];
  });
  return [...money, ...holdingViolations(books, exchange)];
}

/** What is held beyond open positions is dust: less than a step for each trade that ended. */
function holdingViolations(books: BotBooks, exchange: PracticeHandle): readonly string[] {
  const shown = exchange.balances();
  return exchange.market.instruments.flatMap(({ symbol, base, step }) => {
    const instrumentId = `kucoin:${symbol.replace("-", "/")}`;
    const row = shown[base];
    const theirs = row === undefined ? 0n : amount(row.free) + amount(row.held);
    const ours = openPositions(books)
      .filter((one) => one.instrument_id === instrumentId)
      .reduce((sum, one) => sum + amount(one.quantity), 0n);
    const ended = books.positions.filter((one) => one.instrument_id === instrumentId && one.state === "closed").length;
    const extra = theirs - ours;
    return extra >= 0n && extra <= step * BigInt(ended)
      ? []
      : [`${symbol}: positions say ${formatFixed(ours)}, the exchange holds ${formatFixed(theirs)}`];
  });
}

/** A position that says it is protected has exactly one living stop at the exchange; nothing else of ours waits there. */
function protectionViolations(books: BotBooks, exchange: PracticeHandle): readonly string[] {
  const { ocos, stops, orders } = exchange.house.core.state;
  const living = [
    ...[...ocos.values()]
      .filter((oco) => oco.status === "NEW")
      .map((oco) => ({ id: oco.clientOid, symbol: oco.symbol })),
    ...[...stops.values()]
      .filter((stop) => stop.status === "NEW" && stop.ocoId === null)
      .map((stop) => ({ id: stop.wish.clientOid, symbol: stop.wish.symbol })),
    ...[...orders.values()]
      .filter((order) => order.isActive && order.ocoId === null)
      .map((order) => ({ id: order.clientOid, symbol: order.symbol })),
  ];
  const wanted = openPositions(books)
    .filter((position) => position.protection === "placed")
    .map((position) => (position.instrument_id.split(":")[1] ?? "").replace("/", "-"));
  const missing = wanted
    .filter((symbol) => living.filter((one) => one.symbol === symbol).length !== 1)
    .map(
      (symbol) =>
        `${symbol}: ${living.filter((one) => one.symbol === symbol).length} orders rest at the exchange for one protected position`,
    );
  const left = living
    .filter((one) => !wanted.includes(one.symbol))
    .map((one) => `${one.symbol}: order ${one.id} rests at the exchange without a position`);
  return [...missing, ...left];
}

/** Buttons that decide nothing: under alerts, of pages, of a report, and of questions to one person, which need no answer. */
const harmless =
  /^(Acknowledge|⟳ Refresh$|◀ |\d+ of \d+ ▶$|Bad price or moment$|Too much risk already$|I don't trust the signal$|I am away$|In my words…$|\d+ min$)/;

/** Asked when no request is open: no button that decides anything may stand anywhere. */
export function liveButtons(hands: Hands): readonly string[] {
  const decides = ({ buttons }: Copy): boolean => buttons.some((label) => !harmless.test(label));
  const standing = (chat: ChatName): readonly Copy[] => hands.messages(chat).filter(decides);
  return chats.flatMap((chat) =>
    standing(chat).map((copy) => `${chat}: "${copy.title}" still shows ${copy.buttons.join(" and ")}`),
  );
}

/** Asked when everything is closed. */
export function leftovers(books: BotBooks): readonly string[] {
  const open = books.approvals
    .filter((one) => ["pending", "approved", "executing", "exec_unknown"].includes(one.state))
    .map((one) => `approval ${one.approval_id} is still ${one.state}`);
  const held = openPositions(books).map((one) => `position ${one.position_id} is still open`);
  return [...open, ...held, ...unknownOrders(books).map((one) => `order ${one.client_order_id} is ${one.state}`)];
}
