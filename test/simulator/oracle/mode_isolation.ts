/**
 * I12: a house that only rehearses writes nothing to a venue, and no order carries another mode than its house. Hosts and made
 * clocks are not in this world: the guard of hosts and the clock of LIVE have tests of their own (see README.md).
 */
import type { Invariant } from "../contract.ts";
import { trailOf } from "./trail.ts";
import { openCursor, violated } from "./verdict.ts";

const letterOf = { paper: "p", dry_run: "d", live: "l", backtest: "b" } as const;

export const modeIsolation: Invariant = {
  id: "I12",
  name: "ModeIsolation",
  statement: "DRY_RUN and BACKTEST send no order and no cancel; every order, its name and its house carry one mode",
  open() {
    const told = openCursor();
    const creates = openCursor();
    const cancels = openCursor();
    return {
      check(view) {
        const { mode } = view.settings;
        const writes = [
          ...creates(view.venue.creates).map((one) => ({ what: `create ${one.clientOrderId}`, by: one.processId })),
          ...cancels(view.venue.cancels).map((one) => ({ what: `cancel ${one.venueOrderId}`, by: one.processId })),
        ];
        const mayWrite = mode === "paper" || mode === "live";
        const forbidden = mayWrite
          ? []
          : writes.map((one) => violated("I12", "a rehearsing house wrote to the venue", { ...one, mode }));
        const mixed = told(trailOf(view).told).flatMap(({ fact }) => {
          if (fact.type !== "order_intended") return [];
          const isOne = fact.intent.mode === mode && fact.clientOrderId.startsWith(`xcs${letterOf[mode]}`);
          return isOne
            ? []
            : [
                violated("I12", "an order carries another mode than its house", {
                  clientOrderId: fact.clientOrderId,
                  mode,
                }),
              ];
        });
        return [...forbidden, ...mixed];
      },
    };
  },
};
