import { z } from "zod";
import { exitWords } from "../src/core/alert_words.ts";
import { symbolOf } from "../src/core/instrument.ts";
import { mayStillTrade } from "../src/core/order.ts";
import { strongestFact } from "../src/core/position.ts";
import { isoTime } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  count: z.number().int().min(1).max(25).default(10).describe("How many of the newest orders"),
});

export const orders = defineCommand<typeof options, Needs>({
  name: "orders",
  summary: "Working orders first, then the newest ones, with their state at the venue",
  options,
  access: { role: "viewer", urgency: "reads" },
  view: { hasRefresh: true },
  examples: ["/orders", "/orders 5"],
  async run({ needs, options: { count } }) {
    const books = needs.ledger.books();
    const all = Object.values(books.orders).sort(
      (left, right) =>
        Number(mayStillTrade(right.state)) - Number(mayStillTrade(left.state)) || right.changedAt - left.changedAt,
    );
    const fields = all.slice(0, count).map((order) => {
      const { intent } = order;
      const asked = intent.leg === "exit" ? strongestFact(books.positions[order.tradeId]?.exitFacts ?? []) : null;
      const because = asked === null ? "" : `, because of ${exitWords[asked.kind]}`;
      const trigger = "triggerPrice" in intent.shape ? `, stop ${intent.shape.triggerPrice}` : "";
      const target = "targetPrice" in intent.shape ? `, target ${intent.shape.targetPrice}` : "";
      return {
        name: `${symbolOf(intent.instrumentId)} ${intent.leg} · ${order.state}`,
        value:
          `${intent.side} ${intent.quantity} limit ${intent.shape.limitPrice}${trigger}${target}${because}, filled ${order.filledQuantity}. ${order.problem ?? ""} ${isoTime(order.changedAt).slice(11, 19)}Z ${order.clientOrderId}`.replace(
            / {2,}/g,
            " ",
          ),
      };
    });
    return {
      title: fields.length === 0 ? "No orders yet" : "Orders",
      tone: "info",
      lines: [],
      fields,
      footer: null,
      chart: null,
    };
  },
});
