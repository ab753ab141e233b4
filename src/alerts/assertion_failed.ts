import { evidenceFields } from "../core/alert_words.ts";
import { breakerKey } from "../core/breaker.ts";
import { defineAlert } from "../define/alert.ts";

/** The look before the one that opens a breaker. Once it is open, breaker_open tells it. */
export const assertionFailed = defineAlert({
  name: "assertion_failed",
  summary: "A promise of the house was seen broken; the next look may open its breaker",
  severity: "warning",
  wakesOn: ["breaker_degraded"],
  foldKey: ({ fact }) => breakerKey(fact.scope, fact.cause),
  quietMinutes: 5,
  labels: ({ fact: { scope, cause } }) => ({ cause, scope }),
  labelNames: ["cause", "scope"],
  stands: ({ about }, { house }) => house.breakers[about ?? ""]?.state === "degraded",
  render: ({ fact }) => ({
    title: `A promise is broken: ${fact.cause.replaceAll("_", " ")}`,
    tone: "warning",
    lines: [`Scope ${fact.scope}. Nothing is stopped yet; seen once more, new positions are.`],
    fields: evidenceFields(fact.evidence),
    footer: "/assertions shows every promise.",
    chart: null,
  }),
});
