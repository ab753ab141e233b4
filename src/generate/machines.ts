/** The state machines as drawings, made from the very tables that the reducer and the database trigger obey. */
import { orderStates, orderTable } from "../core/order.ts";
import { positionStates, positionTable } from "../core/position.ts";

type Table = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

export function machinesSection(): string {
  return [
    "### The life of an order",
    "",
    diagram({ table: orderTable, states: orderStates, start: "intent" }),
    "",
    "### The life of a position",
    "",
    diagram({ table: positionTable, states: positionStates, start: "entry" }),
    "",
    "An event that a state has no arrow for leaves it as it is, in the reducer; in the database a row that would take such a",
    "step is refused. `test/adapters/postgres_legal_moves.test.ts` asks it about every pair.",
  ].join("\n");
}

/** One arrow a pair of states, with all its events; arrows that lead back to their own state are left out. */
function diagram(machine: {
  readonly table: Table;
  readonly states: readonly string[];
  readonly start: string;
}): string {
  const lines = machine.states.flatMap((from) => {
    const byTarget = new Map<string, string[]>();
    for (const [event, to] of Object.entries(machine.table[from] ?? {})) {
      if (to === undefined || to === from) continue;
      byTarget.set(to, [...(byTarget.get(to) ?? []), event]);
    }
    return [...byTarget].map(([to, events]) => `  ${from} --> ${to}: ${events.join(", ")}`);
  });
  return ["```mermaid", "stateDiagram-v2", `  [*] --> ${machine.start}`, ...lines, "```"].join("\n");
}
