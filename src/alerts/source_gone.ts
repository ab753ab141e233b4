import { sentence } from "../core/alert_words.ts";
import { lengthText } from "../core/facts.ts";
import { defineAlert } from "../define/alert.ts";

const meanwhile: Readonly<Record<string, string>> = {
  chat: "Messages wait and are delivered late, none is lost.",
  queue: "Trading goes on without it: this process does the work of the queue itself.",
  venue: "No entry is made meanwhile. Stops that rest at the venue stay there.",
};

const nameOf = (kind: string, rest: string): string => `${kind === "chat" ? "Chat" : "Venue"} ${rest}`;

/** Market data has an alert of its own, feed_gap: a venue that is gone explains it. */
export const sourceGone = defineAlert({
  name: "source_gone",
  summary: "The venue, a chat or the queue does not answer; the message turns green when it does",
  severity: "critical",
  wakesOn: ["source_gone"],
  foldKey: ({ fact }) => (fact.source.startsWith("data:") ? null : fact.source),
  quietMinutes: 1,
  labels({ fact }) {
    const [kind = "", ...rest] = fact.source.split(":");
    return { source: fact.source, kind, ...(kind === "venue" ? { venue: rest.join(":") } : {}) };
  },
  labelNames: ["source", "kind", "venue"],
  severityOf: ({ kind }) => (kind === "queue" ? "warning" : "critical"),
  stands: ({ source }, { house }) => house.gone[source ?? ""] !== undefined,
  render({ fact }) {
    const [kind = "", ...rest] = fact.source.split(":");
    return {
      title: kind === "queue" ? "The queue is in trouble" : `${nameOf(kind, rest.join(":"))} does not answer`,
      tone: kind === "queue" ? "warning" : "critical",
      lines: [sentence(fact.because), meanwhile[kind] ?? meanwhile["venue"] ?? ""],
      fields: [],
      footer: null,
      chart: null,
    };
  },
  renderOver({ source }, _books, stoodMs) {
    const [kind = "", ...rest] = (source ?? "").split(":");
    const isQueue = kind === "queue";
    return {
      title: isQueue ? "The queue works again" : `${nameOf(kind, rest.join(":"))} answers again`,
      tone: "ok",
      lines: [`It was ${isQueue ? "in trouble" : "gone"} for ${lengthText(stoodMs)}.`],
      fields: [],
      footer: null,
      chart: null,
    };
  },
});
