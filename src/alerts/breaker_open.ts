import { breakerKey } from "../core/breaker.ts";
import { whatResets } from "../core/breaker_causes.ts";
import { defineAlert } from "../define/alert.ts";

export const breakerOpen = defineAlert({
  name: "breaker_open",
  summary: "A circuit breaker opened: no new positions in its scope",
  severity: "critical",
  wakesOn: ["breaker_opened"],
  foldKey: ({ fact }) => breakerKey(fact.scope, fact.cause),
  quietMinutes: 5,
  render({ fact }, books) {
    const breaker = books.house.breakers[breakerKey(fact.scope, fact.cause)];
    const kind = breaker?.class ?? fact.class;
    return {
      title: `Breaker open: ${fact.cause.replaceAll("_", " ")}`,
      tone: "critical",
      lines: [`Scope ${fact.scope}. No new positions; stops and exits keep working.`],
      fields: Object.entries(fact.evidence).map(([name, value]) => ({ name, value })),
      footer: whatResets(kind, fact.cause),
      chart: null,
    };
  },
});
