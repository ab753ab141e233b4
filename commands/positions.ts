import { z } from "zod";
import { exitWords } from "../src/core/alert_words.ts";
import { type Card, type CardField, plainCard } from "../src/core/card.ts";
import { lengthText } from "../src/core/facts.ts";
import { symbolOf } from "../src/core/instrument.ts";
import { isPositive, ratioBetween, showPercent } from "../src/core/money.ts";
import { heldPositions, markOf, openPnl } from "../src/core/portfolio.ts";
import { type Position, strongestFact } from "../src/core/position.ts";
import { positionShown } from "../src/core/position_picture.ts";
import { signedCash } from "../src/core/report_cards.ts";
import { between } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import { heldCandidates } from "../src/flows/candidates.ts";
import { marksOf } from "../src/flows/memory.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  what: z.string().max(60).default("").describe("Instrument such as SOL/USDT, or a position id; empty shows all"),
});

export const positions = defineCommand<typeof options, Needs>({
  name: "positions",
  summary: "Open positions with entry, price now, stop, target and P&L",
  options,
  access: { role: "viewer", urgency: "reads" },
  aliases: ["pos"],
  view: { hasRefresh: true },
  candidates: { what: heldCandidates },
  examples: ["/positions", "/positions SOL/USDT"],
  async run({ needs, options: { what } }) {
    const books = needs.ledger.books();
    const open = heldPositions(books);
    const held = what.trim() === "" ? open : open.filter((position) => isMeant(position, what));
    if (held.length === 0 && open.length > 0) return noneOf(what, open);
    const fields = held.flatMap((position) => fieldsOf(needs, position));
    return {
      title: held.length === 0 ? "No open positions" : `${held.length} open position${held.length === 1 ? "" : "s"}`,
      tone: "info",
      lines: [],
      fields,
      footer:
        held.length === 0
          ? "The next signal brings a prompt; /signals shows what was seen."
          : "/close INSTRUMENT closes one, /flatten all.",
      chart: null,
      ...pictureOfOnly(needs, held),
    };
  },
});

/** One fact a line, money beside percent. */
function fieldsOf(needs: Needs, position: Position): readonly CardField[] {
  const marks = marksOf(needs.memory);
  const currency = needs.ledger.books().house.account?.currency ?? needs.settings.currency;
  const { quantity, entryPrice, exitPlan, openedAt, positionId } = position;
  const now = markOf(position, marks);
  const leaving = strongestFact(position.exitFacts);
  const pnl = openPnl(position, marks);
  const share = isPositive(position.entryCost) ? ` · ${showPercent(ratioBetween(pnl, position.entryCost))}` : "";
  const age = openedAt === null ? "" : `${lengthText(between(openedAt, needs.clock.now()))} · `;
  return [
    {
      name: `${symbolOf(position.instrumentId)} · ${position.strategy}`,
      value: `${quantity} from ${entryPrice ?? "?"}, now ${now}`,
    },
    { name: "P&L", value: `${signedCash(pnl, currency)}${share}` },
    { name: "Stop", value: `${exitPlan.stopPrice} ${guards[position.protection] ?? "being placed"}` },
    { name: "Target", value: exitPlan.targetPrice ?? "none" },
    ...(leaving === null ? [] : [{ name: "Leaving", value: `because of ${exitWords[leaving.kind]}` }]),
    { name: "Open", value: `${age}${positionId}` },
  ];
}

/** Who watches the stop. */
const guards: Readonly<Record<string, string>> = { placed: "at the venue", local_guard: "watched by us" };

function isMeant({ positionId, instrumentId }: Position, what: string): boolean {
  const wanted = what.trim().toLowerCase();
  const symbol = symbolOf(instrumentId).toLowerCase();
  return positionId.toLowerCase() === wanted || symbol === wanted || symbol.startsWith(`${wanted}/`);
}

function noneOf(what: string, open: readonly Position[]): Card {
  const names = open.map(({ instrumentId }) => symbolOf(instrumentId)).join(", ");
  return plainCard("warning", `No open position ${what.trim()}`, [`Open: ${names}`]);
}

/** One position is shown as a picture; of several each would be asked for alone. */
function pictureOfOnly(needs: Needs, held: readonly Position[]): Pick<Card, "picture"> {
  const [only, ...others] = held;
  if (only === undefined || others.length > 0) return {};
  const shown = positionShown(only, {
    marks: marksOf(needs.memory),
    currency: needs.ledger.books().house.account?.currency ?? needs.settings.currency,
    candles: needs.memory.candles.get(only.instrumentId) ?? [],
    timeframeMs: needs.settings.timeframeMs,
    at: needs.clock.now(),
  });
  return shown === null ? {} : { picture: { kind: "position", ...shown } };
}
