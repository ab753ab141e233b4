import { z } from "zod";
import { actorName } from "../src/core/alert_words.ts";
import { suspendedMoney } from "../src/core/books_money.ts";
import { drillText } from "../src/core/drill.ts";
import { waitingReview } from "../src/core/due_reports.ts";
import { cashText, lengthText } from "../src/core/facts.ts";
import { isPositive, minus, ratioBetween, showPercent } from "../src/core/money.ts";
import { drawdownOf, equityOf, exposuresOf, heldPositions, totalExposure } from "../src/core/portfolio.ts";
import { type Instant, isoTime } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import { alertsText } from "../src/flows/alerts_heard.ts";
import { marksOf } from "../src/flows/memory.ts";
import type { Needs } from "../src/flows/needs.ts";
import { quarantineLeftMs } from "../src/flows/quarantine.ts";
import type { Messenger } from "../src/ports/messenger.ts";

const options = z.object({});

export const status = defineCommand<typeof options, Needs>({
  name: "status",
  summary: "What the house is doing, its money and whether everything answers",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: true },
  examples: ["/status"],
  async run({ needs }) {
    const books = needs.ledger.books();
    const { house } = books;
    const currency = house.account?.currency ?? needs.settings.currency;
    const equity = equityOf(books, marksOf(needs.memory));
    const dayStart = house.account?.dayStartEquity ?? equity;
    const change = minus(equity, dayStart);
    const share = isPositive(dayStart) ? ` · ${showPercent(ratioBetween(change, dayStart))}` : "";
    const gone = Object.entries(house.gone).map(
      ([source, since]) => `${source} since ${isoTime(since.since).slice(11, 19)}Z`,
    );
    const breakers = Object.values(house.breakers).map(
      (breaker) => `${breaker.key} ${breaker.state.replace("_", " ")}`,
    );
    const chats = [...needs.messengers.values()].map(earsText);
    const isWell = house.level === "none" && gone.length + breakers.length + Object.keys(house.safeMode).length === 0;
    return {
      title: `${needs.settings.mode.toUpperCase()} at ${needs.settings.venue}`,
      tone: isWell ? "ok" : "warning",
      lines: [],
      fields: [
        { name: "State", value: stateOf(needs) },
        { name: "Equity", value: `${cashText(equity, currency)}, today ${cashText(change, currency)}${share}` },
        { name: "Drawdown", value: showPercent(drawdownOf(equity, house.account?.equityHigh ?? equity)) },
        {
          name: "Positions",
          value: `${heldPositions(books).length} open, exposure ${cashText(totalExposure(exposuresOf(books, marksOf(needs.memory))), currency)}`,
        },
        {
          name: "Waiting",
          value: `${countOf(Object.values(books.approvals).filter((approval) => approval.state === "pending").length, "approval")}, ${countOf(Object.keys(books.chat.outbox).length, "message")} not sent yet`,
        },
        { name: "Breakers", value: breakers.length === 0 ? "none open" : breakers.join(", ") },
        { name: "Not answering", value: gone.length === 0 ? "nothing" : gone.join(", ") },
        { name: "Chats", value: chats.join(", ") },
        { name: "Alerts", value: alertsText(needs) },
        { name: "Test alarm", value: drillText(books) },
        { name: "Record", value: recordText(needs) },
        ...reviewOf(needs),
        ...suspenseOf(needs),
        {
          name: "Trader",
          value: `epoch ${house.epoch}, ${needs.lease.heldBy()}${needs.memory.isFenced ? ": this process has stopped writing" : ""}, cycle ${needs.memory.cycles}${needs.clock.speed === 1 ? "" : `, market plays ${needs.clock.speed} times faster`}`,
        },
      ],
      footer: `House time ${isoTime(needs.clock.now())} · audit head ${books.hash.slice(0, 8)}`,
      chart: null,
    };
  },
});

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Who could change what was written, and whether it verifies. */
function recordText({ roleProblem, memory }: Needs): string {
  const rights = roleProblem === undefined ? "roles not known" : (roleProblem ?? "this process may only add facts");
  const chain = memory.integrity === null ? "not checked yet" : (memory.integrity.problem ?? "the chain verifies");
  return `${chain}; ${rights}`;
}

/** The review of the week, while nobody has acknowledged it. */
function reviewOf(needs: Needs): readonly { readonly name: string; readonly value: string }[] {
  const waits = waitingReview(needs.ledger.books());
  return waits === null ? [] : [{ name: "Weekly review", value: waits }];
}

/** Money that came or went without a reason; nothing is shown where there is none. */
function suspenseOf(needs: Needs): readonly { readonly name: string; readonly value: string }[] {
  const amounts = Object.entries(suspendedMoney(needs.ledger.books()));
  if (amounts.length === 0) return [];
  return [{ name: "Unexplained money", value: amounts.map(([asset, amount]) => cashText(amount, asset)).join(", ") }];
}

/** What the house may do at present, and what ends that. */
function stateOf(needs: Needs): string {
  const books = needs.ledger.books();
  const { house } = books;
  if (house.level !== "none")
    return `${house.level}${sinceText(house.levelAt)} by ${actorName(books, house.levelBy)}: ${house.levelReason}`;
  const safe = Object.values(house.safeMode).map((one) => `${one.because} (${endOf(one.endsBy)})`);
  if (safe.length > 0) return `SAFE_MODE, exits and protection only: ${safe.join("; ")}`;
  if (house.isReady) return "trading";
  const leftMs = quarantineLeftMs(needs);
  return leftMs > 0 ? `taking over: entries in ${lengthText(leftMs)} at the earliest` : "starting: no entries yet";
}

const sinceText = (at: Instant | null): string =>
  at === null ? "" : ` since ${isoTime(at).slice(0, 16).replace("T", " ")} UTC`;

const endOf = (endsBy: "itself" | "person"): string =>
  endsBy === "itself" ? "ends when that does" : "/resume with a reason ends it";

/** Whether a chat hears, and what it lacks besides. */
function earsText(messenger: Messenger): string {
  const { platform } = messenger;
  const { isHearing, problem } = messenger.health();
  if (!isHearing) return `${platform} ${(problem ?? "silent").replace(/^\w+: /, "does not hear: ")}`;
  return problem === null ? `${platform} hears` : `${platform} hears, but ${problem.replace(/^\w+: /, "")}`;
}
