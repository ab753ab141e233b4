import { z } from "zod";
import { symbolOf } from "../src/core/instrument.ts";
import { heldPositions } from "../src/core/portfolio.ts";
import { defineCommand } from "../src/define/command.ts";
import { closePositions } from "../src/flows/halt_trading.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({ what: z.string().min(2).max(60).describe("Instrument such as SOL/USDT, or a position id") });

export const close = defineCommand<typeof options, Needs>({
  name: "close",
  summary: "Close one position now: cancel its stop, sell, verify",
  options,
  access: { role: "operator", urgency: "safe" },
  examples: ["/close SOL/USDT"],
  async run({ needs, actor, options: { what } }) {
    const wanted = what.trim().toLowerCase();
    const held = heldPositions(needs.ledger.books());
    const matching = held.filter(
      (position) =>
        position.positionId === what.trim() ||
        symbolOf(position.instrumentId).toLowerCase() === wanted ||
        symbolOf(position.instrumentId).toLowerCase().startsWith(`${wanted}/`),
    );
    if (matching.length === 0) {
      const names = held.map((position) => symbolOf(position.instrumentId)).join(", ");
      return {
        title: `No open position ${what}`,
        tone: "warning",
        lines: [held.length === 0 ? "Nothing is open." : `Open: ${names}`],
        fields: [],
        footer: null,
        chart: null,
      };
    }
    const ids = await closePositions(needs, {
      reason: "operator",
      actor,
      note: "/close",
      positionIds: matching.map((position) => position.positionId),
    });
    return {
      title: `Closing ${matching.map((position) => symbolOf(position.instrumentId)).join(", ")}`,
      tone: "warning",
      lines: [
        "The stop is canceled first, then the position is sold at most 0.5 % under the bid, wider only if that does not fill.",
      ],
      fields: [
        { name: "Positions", value: ids.join(", ") },
        { name: "Not done", value: "new entries stay allowed; /pause stops them" },
      ],
      footer: `By ${actor}`,
      chart: null,
    };
  },
});
