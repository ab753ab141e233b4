import { z } from "zod";
import { lineOf } from "../src/core/alert_cards.ts";
import { routeText } from "../src/core/alert_routes.ts";
import type { Alert } from "../src/core/alerting.ts";
import { openAlerts } from "../src/core/books_alerts.ts";
import { type Card, plainCard } from "../src/core/card.ts";
import { changeCard } from "../src/core/change_card.ts";
import type { Instant } from "../src/core/time.ts";
import { defineCommand } from "../src/define/command.ts";
import { acknowledgeAlerts } from "../src/flows/acknowledge_alerts.ts";
import { alertCandidates } from "../src/flows/candidates.ts";
import type { Needs } from "../src/flows/needs.ts";
import { noteList, numbered, type Place, wasShown } from "../src/flows/shown_alerts.ts";

const options = z.object({
  what: z.string().max(60).default("").describe("Its number in the list, its name, or all; empty lists what stands"),
});

export const ack = defineCommand<typeof options, Needs>({
  name: "ack",
  summary: "What is wrong now; take it on, so that it stops calling for a while",
  options,
  access: { role: "operator", urgency: "safe" },
  examples: ["/ack", "/ack 1", "/ack source_gone", "/ack all"],
  run({ needs, actor, personId, origin, sentAt, options: { what } }) {
    const books = needs.ledger.books();
    const open = openAlerts(books.chat.alerts, books.at);
    if (what === "") return Promise.resolve(listCard(needs, open, origin));
    if (personId === null) return Promise.resolve(plainCard("warning", "Only a linked person can take an alert on."));
    const chosen = chosenOf(needs, open, { word: what.toLowerCase(), place: origin, saidAt: sentAt });
    return "card" in chosen ? Promise.resolve(chosen.card) : takeOn(needs, chosen, { actor, personId });
  },
  aliases: ["acknowledge"],
  view: { hasRefresh: false, isView: ({ what }) => what === "" },
  candidates: { what: alertCandidates },
});

/** `saidAt`: nothing that fired after it is meant. `unseen`: how many stand besides that were never shown to this person. */
type Chosen = { readonly fingerprints: readonly string[]; readonly saidAt: Instant; readonly unseen: number };
type Word = { readonly word: string; readonly place: Place; readonly saidAt: Instant };

/** By number as it was listed, by name, or everything that was shown. */
function chosenOf(needs: Needs, open: readonly Alert[], said: Word): Chosen | { readonly card: Card } {
  const { word, place, saidAt } = said;
  const none = (because: string) => ({ card: withReason(listCard(needs, open, place), because) });
  if (/^\d{1,4}$/.test(word)) {
    const meant = numbered(needs, Number(word), said);
    if (meant === null)
      return none(`${word} counts as in the list that was shown to you here. This is the list of now.`);
    return { fingerprints: [meant.fingerprint], saidAt: meant.shownAt, unseen: 0 };
  }
  const fitting = open.filter((alert) =>
    word === "all" ? wasShown(needs, alert, said) : alert.name === word || alert.fingerprint === word,
  );
  if (word === "all") {
    const unseen = open.length - fitting.length;
    if (fitting.length === 0) return none("None of these was shown to you here before. Say it again if you mean them.");
    return { fingerprints: fitting.map((alert) => alert.fingerprint), saidAt, unseen };
  }
  if (fitting.length === 0)
    return { card: plainCard("warning", `Nothing that stands is called ${word}.`, ["/ack lists it."]) };
  return { fingerprints: fitting.map((alert) => alert.fingerprint), saidAt, unseen: 0 };
}

/** Nothing was taken on, and why; the list that is shown now counts for the next word. */
function withReason(list: Card, because: string): Card {
  return list.tone === "ok"
    ? list
    : { ...list, title: `Nothing taken on: ${list.title}`, lines: [because, ...list.lines] };
}

async function takeOn(
  needs: Needs,
  { fingerprints, saidAt, unseen }: Chosen,
  { actor, personId }: { readonly actor: string; readonly personId: string },
): Promise<Card> {
  const { taken, notTaken, recorded } = await acknowledgeAlerts(needs, { fingerprints, personId, saidAt });
  const now = needs.ledger.books();
  const standing = openAlerts(now.chat.alerts, now.at);
  const after = standing.filter((alert) => fingerprints.includes(alert.fingerprint));
  const others = standing.length - after.length;
  const left = notTaken.length === 0 ? "" : `${notTaken.length} not taken on: over already, or newer than your word; `;
  const hidden = unseen === 0 ? "" : `${unseen} not taken on: never shown to you here, /ack lists them; `;
  return changeCard(
    now,
    {
      title: `${taken.length} acknowledged`,
      tone: taken.length === 0 ? "warning" : "ok",
      lines: after.map((alert) => lineOf(now, alert)),
      now: "taken on; every copy of the message says so",
      running: `what is critical asks again after a while; ${others} other${others === 1 ? "" : "s"} as before`,
      notDone: `${left}${hidden}nothing was mended by it`,
      undo: "none needed: it calls again by itself while it stands",
      actor,
    },
    recorded,
  );
}

/** What is listed is what the next word means. */
function listCard(needs: Needs, open: readonly Alert[], place: Place): Card {
  const books = needs.ledger.books();
  noteList(needs, place, open);
  const worst = open[0];
  if (worst === undefined) return plainCard("ok", "No alert stands.");
  return {
    title: `${open.length} ${open.length === 1 ? "alert stands" : "alerts stand"}`,
    tone: worst.severity === "info" ? "info" : worst.severity,
    lines: open.map((alert, index) => `${index + 1}. ${lineOf(books, alert)}`),
    fields: [{ name: "Told to", value: routeText(books.people, worst, needs.settings) }],
    footer: "/ack NUMBER, /ack NAME or /ack all.",
    chart: null,
  };
}
