import { lengthText } from "../core/facts.ts";
import { defineAlert } from "../define/alert.ts";

export const sourceGone = defineAlert({
  name: "source_gone",
  summary: "The venue, its market data or a chat does not answer, or answers again",
  severity: "critical",
  wakesOn: ["source_gone", "source_back"],
  foldKey: ({ fact }) => `${fact.source}:${fact.type}`,
  quietMinutes: 1,
  render({ fact }) {
    const [kind, ...rest] = fact.source.split(":");
    const name = `${kind === "data" ? "Market data of" : kind === "chat" ? "Chat" : "Venue"} ${rest.join(":")}`;
    if (fact.type === "source_back") {
      return {
        title: `${name} answers again`,
        tone: "ok",
        lines: [`It was gone for ${lengthText(fact.goneMs)}.`],
        fields: [],
        footer: null,
        chart: null,
      };
    }
    return {
      title: `${name} does not answer`,
      tone: "critical",
      lines: [
        `${fact.because}.`,
        kind === "chat"
          ? "Messages wait and are delivered late, none is lost."
          : "No entry is made meanwhile. Stops that rest at the venue stay there.",
      ],
      fields: [],
      footer: null,
      chart: null,
    };
  },
});
