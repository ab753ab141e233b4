import { evidenceFields } from "../core/alert_words.ts";
import { defineAlert } from "../define/alert.ts";

export const extremeVolatility = defineAlert({
  name: "extreme_volatility",
  summary: "The market moved more within a day than allowed: nothing is opened meanwhile",
  severity: "warning",
  wakesOn: ["intent_denied"],
  foldKey: ({ fact }) => (fact.denials.some((denial) => denial.code === "extreme_volatility") ? "market" : null),
  quietMinutes: 60,
  render({ fact }) {
    const denial = fact.denials.find((one) => one.code === "extreme_volatility");
    return {
      title: "Extreme volatility",
      tone: "warning",
      lines: ["The market moved so far within a day that no position is opened. Stops and exits work as always."],
      fields: evidenceFields(denial?.facts ?? {}),
      footer: null,
      chart: null,
    };
  },
});
