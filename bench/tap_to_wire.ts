/** From the tap that a chat delivers to the order's arrival at the exchange: inbox row, vote, TX1, TX2 and the POST, fsync on. */
import { instrumentIdOf } from "../src/core/instrument.ts";
import { ratio } from "../src/core/money.ts";
import { heldPositions } from "../src/core/portfolio.ts";
import { type Outside, readOutside } from "../src/flows/gather_view.ts";
import { closePositions } from "../src/flows/halt_trading.ts";
import { issueCode, useCodeAtDesk } from "../src/flows/link_people.ts";
import { tendPositions } from "../src/flows/manage_exit.ts";
import { type EntryWish, type PlannedEntry, planEntry } from "../src/flows/plan_entry.ts";
import { requestApproval } from "../src/flows/request_approval.ts";
import { showPrompts } from "../src/flows/show_prompts.ts";
import { type BenchHouse, clock, openBenchHouse, realClock } from "./bench_house.ts";
import { milliseconds, printRows } from "./figures.ts";

// Fewer than twenty proposals pass in five minutes, whatever the speed of house time.
const rounds = 15;
const warmUp = 2;
/** House time runs fast: a yes may find data that grew too old within a blink, and is void. Such a round measures nothing. */
const voidMax = 2;

export async function run(): Promise<void> {
  const bench = await openBenchHouse();
  const wire: number[] = [];
  const acknowledged: number[] = [];
  try {
    await useCodeAtDesk(bench.house.needs, await issueCode(bench.house.needs, "owner", "house"));
    for (let round = 0; round < rounds + warmUp + voidMax && wire.length < rounds; round += 1) {
      const sample = await oneTap(bench, round);
      if (round < warmUp || sample === null) continue;
      wire.push(sample.wireMs);
      acknowledged.push(sample.acknowledgedMs);
    }
  } finally {
    await bench.close();
  }
  printRows("Tap to order on the wire", [
    { name: "tap acknowledged (inbox row durable)", value: milliseconds(acknowledged), target: "p99 < 50 ms" },
    { name: "tap to order at the exchange", value: milliseconds(wire), target: "p50 <= 15 ms, p99 <= 50 ms" },
  ]);
}

async function oneTap(
  { house, exchange, chat }: BenchHouse,
  round: number,
): Promise<{ wireMs: number; acknowledgedMs: number } | null> {
  const { needs } = house;
  const symbol = ["BTC/USDT", "ETH/USDT", "SOL/USDT"][round % 3] ?? "SOL/USDT";
  const instrument = needs.memory.instruments.get(instrumentIdOf("kucoin", symbol));
  if (instrument === undefined) throw new Error(`${symbol} is not known`);
  const signal = {
    direction: "long",
    strength: ratio("0.5"),
    because: "benchmark",
    exit: { stopDistance: ratio("0.02"), targetDistance: ratio("0.03"), timeLimitMs: null },
  } as const;
  const { planned, outside } = await plan(needs, {
    instrument,
    signal,
    signalId: `s${round}`,
    strategy: "always_trade_canary",
    tradeId: needs.ids.next("trade"),
  });
  await requestApproval(needs, planned, outside.book);
  await showPrompts(needs);
  const prompt = chat.posted.filter((message) => message.buttons.length > 0).at(-1);
  const token = prompt?.buttons[0]?.token;
  if (prompt === undefined || token === undefined) throw new Error("no prompt came");
  exchange.wireLog.clear();
  const arrived = orderArrives(exchange.wireLog);
  const started = clock.mono();
  await chat.receive?.({
    kind: "tap",
    eventIds: [`bench-${round}`],
    chat: { platform: "desk", chatId: "desk", threadId: null },
    isPrivate: true,
    guildId: null,
    sender: { userId: "owner", displayName: "owner", isPerson: true },
    answerRef: { platform: "desk", id: String(round), token: null },
    arrivedLate: false,
    messageId: prompt.messageId,
    token,
    tappedAt: clock.wall(),
    isInline: false,
  });
  const acknowledgedMs = clock.mono() - started;
  // Nothing spins meanwhile: a busy loop would take the processor from the database server that is measured.
  for (; arrived.atMono === null; await realClock.sleep(2)) {
    const approval = Object.values(needs.ledger.books().approvals).at(-1);
    if (approval?.state === "invalidated") return null;
    if (clock.mono() - started > 5_000)
      throw new Error(`no order reached the exchange: ${JSON.stringify(approval?.reason)}`);
  }
  const wireMs = arrived.atMono - started;
  await settle(needs);
  return { wireMs, acknowledgedMs };
}

/** Notes when the next order arrives at the exchange. */
function orderArrives(wireLog: BenchHouse["exchange"]["wireLog"]): { atMono: number | null } {
  const arrived: { atMono: number | null } = { atMono: null };
  const { add } = wireLog;
  wireLog.add = (entry) => {
    add(entry);
    if (entry.method === "POST" && entry.target.startsWith("/api/v1/hf/orders")) arrived.atMono ??= clock.mono();
  };
  return arrived;
}

/** The order manager lets ten round trips through in a minute of real time: the next sample waits for its turn. */
const patienceMs = 70_000;

async function plan(
  needs: BenchHouse["house"]["needs"],
  wish: EntryWish,
): Promise<{ planned: PlannedEntry; outside: Outside }> {
  const begun = clock.mono();
  for (;;) {
    const outside = await readOutside(needs, wish.instrument);
    const planned = planEntry(needs, needs.ledger.books(), wish, outside);
    if (planned.ok) return { planned: planned.value, outside };
    if (clock.mono() - begun > patienceMs) throw new Error(JSON.stringify(planned.problem.denials));
    // Asked more often, the exchange would count the looks and refuse them.
    await realClock.sleep(1_000);
  }
}

/** Back to flat, at the pace of the watcher: more often would only use up the venue's rate limit. */
async function settle(needs: BenchHouse["house"]["needs"]): Promise<void> {
  while (heldPositions(needs.ledger.books()).length === 0) await clock.sleep(20);
  await closePositions(needs, { reason: "operator", actor: "house", note: "benchmark", positionIds: null });
  while (Object.values(needs.ledger.books().positions).some((position) => position.state !== "closed")) {
    await clock.sleep(200);
    tendPositions(needs);
  }
}
