import { z } from "zod";
import { includesRole } from "../src/core/authority.ts";
import { type Card, plainCard } from "../src/core/card.ts";
import { between } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import { evidenceFields, giveUp, keepLooking, nameOf } from "../src/flows/give_up_order.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  order: z.string().max(40).default("").describe("Its id, or the end of it"),
  act: z.enum(["show", "lost", "keep"]).default("show").describe("lost: give it up; keep: take that back"),
  reason: z.string().max(200).default("").describe("Why it will never be found; goes to the audit trail"),
});

export const unknown = defineCommand<typeof options, Needs>({
  name: "unknown",
  summary: "Orders of unknown fate with the evidence so far; an owner may give one up",
  options,
  access: { role: "operator", urgency: "reads" },
  examples: [
    "/unknown",
    "/unknown 7h2kq9xa",
    "/unknown 7h2kq9xa lost the venue confirmed by mail that it never arrived",
  ],
  proof: ({ options: { act } }) => (act === "lost" ? "phrase_and_code" : "none"),
  async run({ needs, personId, options: { order, act, reason } }) {
    if (act === "show") return shown(needs, order);
    const person = needs.ledger.books().people.persons[personId ?? ""];
    if (person === undefined) return plainCard("warning", "Only a linked person may decide about an order.");
    if (act === "keep") return keepLooking(needs, { word: order, personId: person.personId });
    if (!includesRole(person.role, "owner")) return plainCard("warning", "Only an owner may give an order up.");
    return giveUp(needs, { word: order, reason, personId: person.personId });
  },
});

function shown(needs: Needs, word: string): Card {
  const books = needs.ledger.books();
  const doubtful = Object.values(books.orders).filter(
    (order) => order.state === "unknown" && order.clientOrderId.endsWith(word),
  );
  if (doubtful.length === 0) return plainCard("ok", "The fate of every order is known.");
  const lines = doubtful.map((order) => {
    const seconds = Math.round(between(order.changedAt, needs.clock.wall()) / 1_000);
    const asked = order.lostRequest === undefined ? "" : `; ${order.lostRequest.by} asks to give it up`;
    return `${nameOf(order)} …${order.clientOrderId.slice(-8)}: ${order.problem ?? ""}; ${seconds} s, ${order.probes.total} looks${asked}`;
  });
  const only = doubtful.length === 1 ? doubtful[0] : undefined;
  return {
    title: doubtful.length === 1 ? "One order of unknown fate" : `${doubtful.length} orders of unknown fate`,
    tone: "warning",
    lines: [...lines, "Nothing is sent twice; its instrument takes no entry until this is settled."],
    fields: only === undefined ? [] : evidenceFields(only),
    footer: "Give one up: /unknown ORDER lost WHY",
    chart: null,
  };
}
