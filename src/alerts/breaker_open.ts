import { defineAlert } from "../define/alert.ts";

export const breakerOpen = defineAlert({
  name: "breaker_open",
  summary: "A circuit breaker opened: no new positions until a person looks",
  severity: "critical",
  wakesOn: ["breaker_opened"],
  foldKey: ({ fact }) => fact.scope,
  quietMinutes: 5,
  render({ fact }) {
    return {
      title: `Breaker open: ${fact.cause.replaceAll("_", " ")}`,
      tone: "critical",
      lines: [`Scope ${fact.scope}. No new positions; stops and exits keep working.`],
      fields: Object.entries(fact.evidence).map(([name, value]) => ({ name, value })),
      footer: "/resume REASON closes it.",
      chart: null,
    };
  },
});
