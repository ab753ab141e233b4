import { capital, sentence } from "../core/alert_words.ts";
import { lengthText } from "../core/facts.ts";
import { defineAlert } from "../define/alert.ts";

export const safeMode = defineAlert({
  name: "safe_mode",
  summary: "Nothing is opened for a reason of the house itself; exits and protection work",
  severity: "critical",
  wakesOn: ["safe_mode_entered"],
  foldKey: ({ fact }) => fact.cause,
  quietMinutes: 5,
  labels: ({ fact }) => ({ cause: fact.cause }),
  labelNames: ["cause"],
  stands: ({ cause }, { house }) => cause !== undefined && cause in house.safeMode,
  render({ fact }) {
    const ends = fact.endsBy === "person" ? "/resume with a reason ends it." : "It ends by itself.";
    return {
      title: "SAFE_MODE: nothing is opened",
      tone: "critical",
      lines: [sentence(fact.because), `Exits and stops work. ${ends}`],
      fields: [],
      footer: null,
      chart: null,
    };
  },
  renderOver: ({ cause }, { house }, stoodMs) => ({
    title: "SAFE_MODE: one reason less",
    tone: "ok",
    lines: [
      `${capital((cause ?? "").replaceAll("_", " "))} is over after ${lengthText(stoodMs)}.`,
      Object.keys(house.safeMode).length === 0 ? "None is left." : "Another one stands.",
    ],
    fields: [],
    footer: null,
    chart: null,
  }),
});
