import { z } from "zod";
import { type Card, plainCard } from "../src/core/card.ts";
import { cashText, lengthText } from "../src/core/facts.ts";
import { symbolOf } from "../src/core/instrument.ts";
import { isPositive, ratioBetween, showPercent } from "../src/core/money.ts";
import { heldPositions, markOf, openPnl } from "../src/core/portfolio.ts";
import type { Position } from "../src/core/position.ts";
import { positionShown } from "../src/core/position_picture.ts";
import { between } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
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
  examples: ["/positions", "/positions SOL/USDT"],
  async run({ needs, options: { what } }) {
    const books = needs.ledger.books();
    const marks = marksOf(needs.memory);
    const currency = books.house.account?.currency ?? needs.settings.currency;
    const open = heldPositions(books);
    const held = what.trim() === "" ? open : open.filter((position) => isMeant(position, what));
    if (held.length === 0 && open.length > 0) return noneOf(what, open);
    const fields = held.map((position) => {
      const pnl = openPnl(position, marks);
      const share = isPositive(position.entryCost) ? ` · ${showPercent(ratioBetween(pnl, position.entryCost))}` : "";
      const age =
        position.openedAt === null ? "" : `, open ${lengthText(between(position.openedAt, needs.clock.now()))}`;
      const guard =
        position.protection === "placed"
          ? "at the venue"
          : position.protection === "local_guard"
            ? "watched by us"
            : "being placed";
      return {
        name: `${symbolOf(position.instrumentId)} · ${position.strategy}`,
        value: `${position.quantity} from ${position.entryPrice ?? "?"}, now ${markOf(position, marks)}: ${cashText(pnl, currency)}${share}. Stop ${position.exitPlan.stopPrice} ${guard}, target ${position.exitPlan.targetPrice ?? "none"}${age}. Id ${position.positionId}`,
      };
    });
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
