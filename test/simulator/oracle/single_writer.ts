/** I07 and I08: one process writes at a time, and the record only ever goes forward. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { type Trail, trailOf } from "./trail.ts";
import { arrivesWithinMs, openAccepted } from "./truth.ts";
import { openCursor, violated } from "./verdict.ts";

export const singleWriter: Invariant = {
  id: "I07",
  name: "SingleWriter",
  statement:
    "No venue write of epoch e is accepted after the quarantine of epoch e+1 has ended, or it was ready before",
  open() {
    const accepted = openAccepted();
    const cancels = openCursor();
    return {
      check(view) {
        const writes = [
          ...accepted(view).map((one) => ({ ...one, what: `create ${one.clientOrderId}` })),
          ...cancels(view.venue.cancels).map((one) => ({ ...one, what: `cancel ${one.venueOrderId}` })),
        ].filter((one) => one.verdict === "accepted");
        if (writes.length === 0) return [];
        const trail = trailOf(view);
        return writes.flatMap((one) => deposed(view, trail, one));
      },
    };
  },
};

type Write = { readonly what: string; readonly processId: string; readonly receivedAt: number };

function deposed(view: WorldView, trail: Trail, write: Write): readonly Violation[] {
  const writer = view.processes.find((one) => one.processId === write.processId);
  if (writer === undefined) return [violated("I07", "the venue took a write of a process that never was", write)];
  // Where the venue looks at no stamp, nothing bounds a request on its way but the way itself; that risk is published.
  const travelMs = view.profile === "alpaca" || view.profile === "polymarket" ? arrivesWithinMs(view) : 0;
  const newer = trail.starts.find((start) => start.epoch > writer.epoch && isOver(start, write.receivedAt - travelMs));
  if (newer === undefined) return [];
  return [
    violated("I07", "the venue took a write of a deposed process", {
      ...write,
      epoch: writer.epoch,
      newerEpoch: newer.epoch,
      newerReadyAt: newer.readyAt,
    }),
  ];
}

/** Also of a leader that never gets ready. Its clock may run 2 % slow, and the quarantine begins a moment after its row. */
function isOver({ trueAt, quarantineMs, readyAt }: Trail["starts"][number], at: number): boolean {
  const byTime = quarantineMs === null ? Number.POSITIVE_INFINITY : trueAt + quarantineMs * 1.03 + 1_000;
  return Math.min(byTime, readyAt ?? Number.POSITIVE_INFINITY) < at;
}

export const fenceMonotonic: Invariant = {
  id: "I08",
  name: "FenceMonotonic",
  statement:
    "Epochs and the numbers of facts strictly increase, the latter without a gap, across every restart and takeover",
  open() {
    const told = openCursor();
    let epoch = 0;
    let seq = 0;
    let durable = 0;
    let taken = 0;
    return {
      check(view) {
        const found: Violation[] = [];
        if (view.facts.length < taken)
          found.push(violated("I08", "facts that were durable are gone", { before: taken, now: view.facts.length }));
        taken = view.facts.length;
        for (const { recorded, fact, trueAt } of told(trailOf(view).told)) {
          if (recorded.seq !== seq + 1)
            found.push(
              violated("I08", "the numbers of facts have a gap or go back", { after: seq, seq: recorded.seq }),
            );
          if (trueAt < durable)
            found.push(violated("I08", "a fact became durable before its predecessor", { seq: recorded.seq }));
          if (fact.type === "house_started") {
            if (fact.epoch <= epoch)
              found.push(
                violated("I08", "an epoch did not rise", { before: epoch, now: fact.epoch, seq: recorded.seq }),
              );
            epoch = fact.epoch;
          }
          [seq, durable] = [recorded.seq, trueAt];
        }
        return [...found, ...sameEpoch(view)];
      },
    };
  },
};

/** Two running processes never believe in the same epoch; 0 = it has none yet. */
function sameEpoch({ processes }: WorldView): readonly Violation[] {
  const alive = processes.filter((one) => one.isAlive && one.epoch > 0);
  const twins = alive.filter((one, index) => alive.findIndex((other) => other.epoch === one.epoch) !== index);
  return twins.map((one) =>
    violated("I08", "two processes hold one epoch", { epoch: one.epoch, processId: one.processId }),
  );
}
