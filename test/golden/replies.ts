/** What the house answers: every example of every command in a busy house and in an empty one, and what is refused, late or unclear. */
import { commands } from "../../commands/index.ts";
import type { Fact } from "../../src/core/events.ts";
import { notional, price } from "../../src/core/money.ts";
import { addMs } from "../../src/core/time.ts";
import type { Incoming } from "../../src/ports/messenger.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { closed, ended, fillOf, intended, requested, sending, settledAs, working } from "../fixtures/facts.ts";
import { makeEntry, makeProtection } from "../fixtures/intent.ts";
import { storyStart } from "../fixtures/story.ts";
import { drawAll, type Shown } from "./draw.ts";
import { type GoldenHouse, openGoldenHouse, shownAs } from "./house.ts";
import type { Scene } from "./scene.ts";

/** Said besides the examples of the definition: mistakes that people make, and what needs the present house. */
const also: Readonly<Record<string, readonly string[]>> = {
  ack: ["/ack 1", "/ack all", "/ack nonsense"],
  close: ["/close", "/close DOGE"],
  limits: ["/limits nonsense", "/limits riskPerTrade much"],
  people: [
    "/people role Cleo operator",
    "/people role Bo owner: he watches the night",
    "/people unlink Bo telegram",
    "/people remove Cleo",
  ],
  positions: ["/positions DOGE"],
  reset: ["/reset nonsense because"],
  resume: ["/resume"],
  silence: ["/silence feed_gap", "/silence feed_gap 25h long", "/silence feed_gap 1h they mend it"],
  unlink: ["/unlink telegram 999"],
  why: ["/why DOGE"],
};

export const replyScenes: readonly Scene[] = [
  ...commands.map((command) => ({
    file: `replies/${command.name}`,
    draw: () => drawCommand([...new Set([...command.examples, ...(also[command.name] ?? [])])]),
  })),
  { file: "replies/refused_late_or_unclear", draw: drawRefused },
];

async function drawCommand(typed: readonly string[]): Promise<string> {
  const shown: Shown[] = [];
  for (const text of typed) shown.push(...(await say(await busyHouse(), text)));
  if (typed[0] !== undefined)
    shown.push(...(await say(await openGoldenHouse(), typed[0], {}, ", nothing has happened yet")));
  return drawAll(shown);
}

async function drawRefused(): Promise<string> {
  const shown: Shown[] = [];
  const add = async (what: string, text: string, change: Change = {}): Promise<void> => {
    shown.push(...(await say(await busyHouse(), text, change, `: ${what}`)));
  };
  await add("a viewer", "/pause", from("333"));
  await add("a stranger", "/status", from("999"));
  await add("an anonymous administrator", "/pause", {
    sender: { userId: "1087968824", displayName: "Group", isPerson: false },
  });
  await add("in a group, where others would read it", "/dashboard", { isPrivate: false });
  await add("no such command", "/flaten");
  await add("nothing like it", "/xyzzy");
  await add("22 minutes late, safe", "/pause lunch", ago(22));
  await add("22 minutes late, only reads", "/positions", ago(22));
  await add("22 minutes late, adds risk", "/resume all well", ago(22));
  return drawAll(shown);
}

type Change = Partial<Extract<Incoming, { kind: "command" }>>;
const from = (userId: string): Change => ({ sender: { userId, displayName: "Somebody", isPerson: true } });
const ago = (minutes: number): Change => ({ sentAt: addMs(storyStart, -minutes * 60_000), arrivedLate: true });

/** Every message that comes of it in this chat, toasts last. */
async function say(house: GoldenHouse, text: string, change: Change = {}, note = ""): Promise<readonly Shown[]> {
  const [word = "", ...rest] = text.replace(/^\//, "").split(" ");
  const before = house.telegram.messages.length;
  await house.telegram.say(word, rest.join(" "), change);
  await house.settle();
  await house.second(2);
  const answers = house.telegram.messages.slice(before).filter((message) => message.isReply);
  if (answers.length === 0) throw new Error(`${text}${note}: nothing was answered`);
  return answers.map((message) => shownAs(message, `${text}${note}`));
}

/** A day in the life: a closed trade, an open one with its stop, a request that waits, an order in doubt, refusals, a breaker, an alert. */
export async function busyHouse(): Promise<GoldenHouse> {
  const house = await openGoldenHouse();
  const { tell } = house;
  await tell({ type: "equity_marked", equity: notional("10012.5"), because: "high" });
  await trade(house, "trade-0", "e0");
  await tell(
    closed("trade-0", { reason: "target", pnl: notional("22.16"), fees: notional("0.81"), exitPrice: price("92.6") }),
  );
  await house.minutes(3);
  await trade(house, "trade-1", "e1");
  await tell(...working("p1", makeProtection()), {
    type: "position_protected",
    positionId: "trade-1",
    protection: "placed",
    clientOrderId: "p1",
    because: "acknowledged",
  });
  await tell(
    { ...everyFact.signal_raised, signalId: "signal-2" },
    { ...everyFact.intent_denied, signalId: "signal-2" },
  );
  await tell(
    requested({ approvalId: "apr-0" }),
    settledAs("declined", { approvalId: "apr-0", reason: "too close to the news" }),
  );
  await tell(requested({ approvalId: "apr-1" }));
  await tell(...doubt());
  await tell(everyFact.breaker_opened, {
    type: "source_gone",
    source: "data:kucoin:BTC/USDT",
    because: "the newest candle is 190 s old",
  });
  await house.second(3);
  return house;
}

async function trade(house: GoldenHouse, tradeId: string, order: string): Promise<void> {
  const intent = makeEntry({ tradeId, intentId: `intent of ${order}` });
  await house.tell(
    ...working(order, intent),
    fillOf(order, { price: "87.5", quantity: "4.5", fee: "0.39" }),
    ended(order, { how: "filled" } as never),
  );
}

export function doubt(clientOrderId = "e9"): readonly Fact[] {
  const intent = makeEntry({ tradeId: "trade-9", intentId: "intent-9", instrumentId: "kucoin:BTC/USDT" });
  return [
    intended(clientOrderId, intent),
    sending(clientOrderId),
    { type: "order_answer_lost", clientOrderId, because: "no answer within 5 s" },
  ];
}
