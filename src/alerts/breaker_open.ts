import { evidenceFields } from "../core/alert_words.ts";
import { breakerKey } from "../core/breaker.ts";
import { whatResets } from "../core/breaker_causes.ts";
import { lengthText } from "../core/facts.ts";
import { defineAlert } from "../define/alert.ts";

/** The chain, the dead-man switch, a mismatch with the venue, a position without a stop, and nobody who would hear of it. */
const vitalCauses: ReadonlySet<string> = new Set([
  "heartbeat_and_chain",
  "every_position_is_protected",
  "books_equal_venue",
  "money_adds_up",
  "one_writer",
  "journal_not_written",
  "watchdog_silent",
  "dead_man_switch",
  "alerts_unheard",
  "two_writers",
  "short_holding",
  "external_close",
  "external_excess",
  "liquidated",
  "stop_lost",
]);

export const breakerOpen = defineAlert({
  name: "breaker_open",
  summary: "A circuit breaker opened: no new positions in its scope",
  severity: "critical",
  wakesOn: ["breaker_opened"],
  foldKey: ({ fact }) => breakerKey(fact.scope, fact.cause),
  quietMinutes: 5,
  labels({ fact: { scope, cause } }) {
    const [kind = "", ...rest] = scope.split(":");
    return {
      cause,
      scope,
      ...(rest.length === 0 ? {} : { [kind === "symbol" ? "instrument" : kind]: rest.join(":") }),
    };
  },
  labelNames: ["cause", "scope", "account", "instrument", "venue", "strategy"],
  stands: ({ about }, { house }) => house.breakers[about ?? ""] !== undefined,
  renderOver: ({ cause, scope }, _books, stoodMs) => ({
    title: `Breaker closed: ${(cause ?? "").replaceAll("_", " ")}`,
    tone: "ok",
    lines: [`Scope ${scope}. It was open for ${lengthText(stoodMs)}.`],
    fields: [],
    footer: null,
    chart: null,
  }),
  isVital: ({ cause }) => vitalCauses.has(cause ?? ""),
  render({ fact }, books) {
    const breaker = books.house.breakers[breakerKey(fact.scope, fact.cause)];
    const kind = breaker?.class ?? fact.class;
    return {
      title: `Breaker open: ${fact.cause.replaceAll("_", " ")}`,
      tone: "critical",
      lines: [`Scope ${fact.scope}. No new positions; stops and exits keep working.`],
      fields: evidenceFields(fact.evidence),
      footer: whatResets(kind, fact.cause),
      chart: null,
    };
  },
});
