import { defineAlert } from "../define/alert.ts";

const daysOpen = 7;

/** Told once a day until somebody has read it or the next one comes: whoever steps up to real money has to have looked. */
export const weeklyReview = defineAlert({
  name: "weekly_review",
  summary: "What the week brought, by strategy and instrument; somebody must acknowledge that it was read",
  severity: "warning",
  wakesOn: ["report_made"],
  foldKey: ({ fact }) => (fact.kind === "week" ? fact.key : null),
  grouping: "each",
  quietMinutes: daysOpen * 24 * 60,
  repeatHours: 24,
  render: ({ fact }) => fact.card,
});
