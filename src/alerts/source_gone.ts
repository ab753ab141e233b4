import { lengthText } from "../core/facts.ts";
import { defineAlert } from "../define/alert.ts";

const whats: Readonly<Record<string, string>> = { data: "Market data of", chat: "Chat" };
const meanwhile: Readonly<Record<string, string>> = {
  chat: "Messages wait and are delivered late, none is lost.",
  queue: "Trading goes on without it: this process does the work of the queue itself.",
  venue: "No entry is made meanwhile. Stops that rest at the venue stay there.",
};

export const sourceGone = defineAlert({
  name: "source_gone",
  summary: "The venue, its market data, a chat or the queue does not answer, or answers again",
  severity: "critical",
  wakesOn: ["source_gone", "source_back"],
  foldKey: ({ fact }) => `${fact.source}:${fact.type}`,
  quietMinutes: 1,
  render({ fact }) {
    const [kind, ...rest] = fact.source.split(":");
    const name = `${whats[kind ?? ""] ?? "Venue"} ${rest.join(":")}`;
    if (fact.type === "source_back") {
      return {
        title: kind === "queue" ? "The queue works again" : `${name} answers again`,
        tone: "ok",
        lines: [`It was ${kind === "queue" ? "in trouble" : "gone"} for ${lengthText(fact.goneMs)}.`],
        fields: [],
        footer: null,
        chart: null,
      };
    }
    return {
      title: kind === "queue" ? "The queue is in trouble" : `${name} does not answer`,
      tone: kind === "queue" ? "warning" : "critical",
      lines: [`${fact.because}.`, meanwhile[kind ?? ""] ?? meanwhile["venue"] ?? ""],
      fields: [],
      footer: null,
      chart: null,
    };
  },
});
