import { z } from "zod";
import { lineOf } from "../src/core/alert_cards.ts";
import { routeText } from "../src/core/alert_routes.ts";
import type { Alert } from "../src/core/alerting.ts";
import { openAlerts } from "../src/core/books_alerts.ts";
import { type Card, plainCard } from "../src/core/card.ts";
import { changeCard } from "../src/core/change_card.ts";
import { defineCommand } from "../src/define/command.ts";
import { acknowledgeAlerts } from "../src/flows/acknowledge_alerts.ts";
import { alertCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";

const options = z.object({
  what: z.string().max(60).default("").describe("Its number in the list, its name, or all; empty lists what stands"),
});

export const ack = defineCommand<typeof options, Needs>({
  name: "ack",
  summary: "What is wrong now; take it on, so that it stops calling for a while",
  options,
  access: { role: "operator", urgency: "safe" },
  examples: ["/ack", "/ack 1", "/ack source_gone", "/ack all"],
  async run({ needs, actor, personId, sentAt, options: { what } }) {
    const books = needs.ledger.books();
    const open = openAlerts(books.chat.alerts, books.at);
    if (what === "") return listCard(needs, open);
    if (personId === null) return plainCard("warning", "Only a linked person can take an alert on.");
    const chosen = chosenOf(open, what.toLowerCase());
    if (chosen.length === 0) return plainCard("warning", `Nothing that stands is called ${what}.`, ["/ack lists it."]);
    const fingerprints = chosen.map((alert) => alert.fingerprint);
    const { taken, notTaken, recorded } = await acknowledgeAlerts(needs, { fingerprints, personId, saidAt: sentAt });
    const now = needs.ledger.books();
    const standing = openAlerts(now.chat.alerts, now.at);
    const after = standing.filter((alert) => fingerprints.includes(alert.fingerprint));
    const others = standing.length - after.length;
    const left =
      notTaken.length === 0 ? "" : `${notTaken.length} not taken on: over already, or newer than your word; `;
    return changeCard(
      now,
      {
        title: `${taken.length} acknowledged`,
        tone: taken.length === 0 ? "warning" : "ok",
        lines: after.map((alert) => lineOf(now, alert)),
        now: "taken on; every copy of the message says so",
        running: `what is critical asks again after a while; ${others} other${others === 1 ? "" : "s"} as before`,
        notDone: `${left}nothing was mended by it`,
        undo: "none needed: it calls again by itself while it stands",
        actor,
      },
      recorded,
    );
  },
  aliases: ["acknowledge"],
  view: { hasRefresh: false, isView: ({ what }) => what === "" },
  candidates: { what: alertCandidates },
});

/** By number as listed, by name, or everything. */
function chosenOf(open: readonly Alert[], word: string): readonly Alert[] {
  if (word === "all") return open;
  const numbered = /^\d{1,4}$/.test(word) ? open[Number(word) - 1] : undefined;
  return numbered === undefined
    ? open.filter((alert) => alert.name === word || alert.fingerprint === word)
    : [numbered];
}

function listCard({ ledger, settings }: Needs, open: readonly Alert[]): Card {
  const books = ledger.books();
  const worst = open[0];
  if (worst === undefined) return plainCard("ok", "No alert stands.");
  return {
    title: `${open.length} ${open.length === 1 ? "alert stands" : "alerts stand"}`,
    tone: worst.severity === "info" ? "info" : worst.severity,
    lines: open.map((alert, index) => `${index + 1}. ${lineOf(books, alert)}`),
    fields: [{ name: "Told to", value: routeText(books.people, worst, settings) }],
    footer: "/ack NUMBER, /ack NAME or /ack all.",
    chart: null,
  };
}
