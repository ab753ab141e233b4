import { defineAlert } from "../define/alert.ts";

export const safeMode = defineAlert({
  name: "safe_mode",
  summary: "Nothing is opened for a reason of the house itself; exits and protection work",
  severity: "critical",
  wakesOn: ["safe_mode_entered", "safe_mode_left"],
  foldKey: ({ fact }) => `${fact.cause}:${fact.type}`,
  quietMinutes: 5,
  render({ fact }) {
    const isOver = fact.type === "safe_mode_left";
    const ends = !isOver && fact.endsBy === "person" ? "/resume with a reason ends it." : "It ends by itself.";
    return {
      title: isOver ? "SAFE_MODE: one reason less" : "SAFE_MODE: nothing is opened",
      tone: isOver ? "ok" : "critical",
      lines: isOver
        ? [`${fact.cause.replaceAll("_", " ")}: ${fact.because}.`]
        : [`${fact.because}.`, `Exits and stops work. ${ends}`],
      fields: [],
      footer: null,
      chart: null,
    };
  },
});
