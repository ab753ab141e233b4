/** What happened in one seed, kept short and told readable: facts, wire, people, faults. Also the trace that two runs are compared by. */
import { createHash } from "node:crypto";
import type { EventRow } from "../../src/adapters/postgres/chain.ts";

type Line = { readonly at: number; readonly kind: string; readonly text: string | EventRow };

export type Story = {
  tell(kind: string, text: string): void;
  fact(row: EventRow): void;
  /** One step of the trace. */
  step(label: string): void;
  trace(): string;
  /** The last `count` lines. */
  last(count: number): readonly string[];
};

export function openStory(now: () => number, startsAt: number, linesMax = 4_000): Story {
  let lines: Line[] = [];
  const hash = createHash("sha256");
  let waiting = "";
  const put = (line: Line): void => {
    lines.push(line);
    if (lines.length > 2 * linesMax) lines = lines.slice(-linesMax);
  };
  const trace = (text: string): void => {
    waiting += text;
    if (waiting.length < 20_000) return;
    hash.update(waiting);
    waiting = "";
  };
  return {
    tell(kind, text) {
      put({ at: now(), kind, text });
      trace(`${kind}|${now()}|${text}\n`);
    },
    fact(row) {
      put({ at: now(), kind: "fact", text: row });
      trace(`fact|${now()}|${row.hash}\n`);
    },
    step: (label) => trace(`${label}|${now()}\n`),
    trace: () => hash.copy().update(waiting).digest("hex"),
    last: (count) => lines.slice(-count).map((line) => show(line, startsAt)),
  };
}

function show({ at, kind, text }: Line, startsAt: number): string {
  const time = ((at - startsAt) / 1_000).toFixed(3).padStart(9);
  if (typeof text === "string") return `${time}  ${kind.padEnd(7)} ${text}`;
  return `${time}  ${kind.padEnd(7)} #${text.seq} ${text.kind} ${shortBody(text)}`;
}

const hidden = new Set(["type", "card", "tokens", "intent", "subject", "payload", "digest", "viewDigest"]);

function shortBody({ body }: EventRow): string {
  const fact = JSON.parse(body) as Record<string, unknown>;
  const intent = (fact["intent"] ?? (fact["subject"] as Record<string, unknown> | undefined)?.["intent"]) as
    | Record<string, unknown>
    | null
    | undefined;
  const order =
    intent == null
      ? ""
      : `${String(intent["leg"])} ${String(intent["side"])} ${String(intent["quantity"])} ${String(intent["instrumentId"])} @ ${String(intent["limitPrice"])} `;
  const rest = Object.entries(fact)
    .filter(([name, value]) => !hidden.has(name) && value !== null)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  return (order + rest).slice(0, 260);
}
