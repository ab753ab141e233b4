/** The answer to /flatten and /emergency: what it reaches, what is done, what is left, what was not done, how to undo it. */
import { unreachable } from "../core/assert.ts";
import type { Books } from "../core/books.ts";
import type { Card } from "../core/card.ts";
import { type Change, changeCard } from "../core/change_card.ts";
import { symbolOf } from "../core/instrument.ts";
import type { KillProcedure } from "../core/kill.ts";
import { mayStillTrade } from "../core/order.ts";
import { heldPositions } from "../core/portfolio.ts";
import { type Instant, isoTime } from "../core/time.ts";
import { requestFlatten } from "./flatten.ts";
import { startFlatten } from "./flatten_procedure.ts";
import { cancelEntries, type Raised, type Raiser, raiseLevel } from "./halt_trading.ts";
import type { Needs } from "./needs.ts";
import { showPrompts } from "./show_prompts.ts";

/** Halts at once, asks for the confirming tap, and lets the procedure go to work. Never waits for a venue or a chat. */
export async function haltAndAsk(needs: Needs, to: "flatten" | "emergency", by: Raiser): Promise<Card> {
  const before = needs.ledger.books().house.kill;
  const raised = await raiseLevel(needs, to, by);
  const entries = Object.values(needs.ledger.books().orders).filter(
    (order) => order.intent.leg === "entry" && mayStillTrade(order.state),
  ).length;
  void cancelEntries(needs, to).catch((error: unknown) =>
    needs.log.error("Entries could not all be canceled; the kill procedure goes on with it", { error: String(error) }),
  );
  const kill = needs.ledger.books().house.kill;
  const isSelling = kill?.confirmedAt != null;
  const asked = isSelling ? null : await requestFlatten(needs, by.actor);
  startFlatten(needs);
  void showPrompts(needs).catch((error: unknown) =>
    needs.log.warn("The question could not be shown at once", { error: String(error) }),
  );
  return cardOf(needs, { raised, before, kill: needs.ledger.books().house.kill, asked, entries, actor: by.actor });
}

type Told = {
  readonly raised: Raised;
  readonly before: KillProcedure | null;
  readonly kill: KillProcedure | null;
  readonly asked: string | null;
  /** Entries that were working when it was pressed. */
  readonly entries: number;
  readonly actor: string;
};

function cardOf(needs: Needs, told: Told): Card {
  const { raised, asked, actor } = told;
  const books = needs.ledger.books();
  const isFlat = stageOf(told) === "flat";
  const change: Change = {
    title: raised.to === "emergency" ? "Emergency" : "Halted",
    tone: "critical",
    lines: [questionText(told, books), ...leavingLines(raised)],
    now: `at level ${raised.to}: nothing new is opened`,
    fields: [
      { name: "Scope", value: scopeText(needs, told) },
      { name: "Done", value: doneText(told, books) },
      { name: "Left", value: leftText(needs, told) },
    ],
    running: isFlat ? "monitoring, summaries" : "stops and targets of what is not sold yet, monitoring, summaries",
    notDone: `${isFlat ? "" : "protective stops stay until each position is sold; "}other orders of this account are never touched`,
    undo: undoText(stageOf(told), asked !== null),
    actor,
  };
  return changeCard(books, change, raised.recorded);
}

type Stage = "asking" | "selling" | "flat";

function stageOf({ kill }: Told): Stage {
  if (kill?.verifiedAt != null) return "flat";
  return kill?.confirmedAt == null ? "asking" : "selling";
}

function questionText(told: Told, books: Books): string {
  const count = countOf(heldPositions(books).length, "position");
  const stage = stageOf(told);
  switch (stage) {
    case "flat":
      return `Verified flat since ${utcTime(told.kill?.verifiedAt ?? null)}: two looks at the venue found nothing of ours.`;
    case "selling":
      return told.kill?.step === "waiting_venue"
        ? `${count} to sell; waiting: ${told.kill.because}.`
        : `${count} being sold.`;
    case "asking":
      return told.asked === null
        ? "No position is open; nothing to sell."
        : `The exact list of ${count} waits for one confirming tap.`;
    default:
      return unreachable(stage);
  }
}

function leavingLines({ mayStillLeave }: Raised): readonly string[] {
  if (mayStillLeave.length === 0) return [];
  return [`May still be leaving: ${mayStillLeave.join(", ")}; they are canceled as soon as the venue shows them.`];
}

function scopeText({ settings, ledger }: Needs, { before, raised }: Told): string {
  const procedure =
    before === null ? "begun" : raised.from === raised.to ? "under way already" : `taken over from ${before.level}`;
  const count = countOf(heldPositions(ledger.books()).length, "position");
  return `account ${settings.account} at ${settings.venue}, ${count}; procedure ${procedure}`;
}

function doneText({ raised, kill, entries }: Told, books: Books): string {
  const targets = Object.values(kill?.targets ?? {});
  const sold = targets.filter((target) => target.closedAt !== null).length;
  return [
    "new entries are impossible",
    `${countOf(raised.voided, "request")} canceled`,
    entries === 0 ? "no entry was working" : `${countOf(entries, "working entry", "working entries")} being canceled`,
    ...(targets.length === 0 ? [] : [`${sold} of ${countOf(targets.length + waiting(kill, books), "position")} sold`]),
  ].join(", ");
}

/** Held, and its sale not begun yet. */
const waiting = (kill: KillProcedure | null, books: Books): number =>
  heldPositions(books).filter(({ positionId }) => kill?.targets[positionId] === undefined).length;

function leftText(needs: Needs, told: Told): string {
  const { asked, kill } = told;
  if (stageOf(told) === "flat")
    return "late fills are looked for until 10 min after the proof; trading waits for /resume";
  const held = heldPositions(needs.ledger.books());
  const names = held.slice(0, namesMax).map(({ quantity, instrumentId }) => `${quantity} ${symbolOf(instrumentId)}`);
  const more = held.length > namesMax ? ` and ${held.length - namesMax} more` : "";
  const proof = "two looks at the venue that prove it flat";
  if (stageOf(told) === "selling") return held.length === 0 ? proof : `${names.join(", ")}${more}; then ${proof}`;
  if (asked === null) return proof;
  const { emergencyOnSilence, flattenOnSilence } = needs.settings.kill;
  return (kill?.level === "emergency" ? emergencyOnSilence : flattenOnSilence)
    ? "tap Approve on the list to sell; silence for 30 s sells too, Decline stops it"
    : "tap Approve on the list to sell; silence sells nothing";
}

const namesMax = 5;

function undoText(stage: Stage, isAsked: boolean): string {
  if (stage === "flat") return "/resume REASON; what was sold is not bought back";
  return stage === "selling" || !isAsked
    ? "/resume REASON, once it is verified flat"
    : "/resume REASON (before you confirm)";
}

const countOf = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
const utcTime = (at: Instant | null): string => (at === null ? "now" : `${isoTime(at).slice(11, 19)} UTC`);
