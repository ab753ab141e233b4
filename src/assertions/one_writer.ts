import { defineAssertion } from "../define/assertion.ts";

/** A lease with less left than this can end between a decision and its wire. */
const leaseMinMs = 3_000;

export const oneWriter = defineAssertion({
  id: "A01",
  name: "one_writer",
  promises:
    "Exactly one process trades: ours is the newest epoch, its lease is held, and it runs the configuration on record",
  onBreach: { scope: "global", class: "sticky", looks: 1 },
  runbook: {
    means:
      "Another process took over, our lease ran out, or this process runs another configuration than the one on record.",
    does: "No new positions anywhere; a process that was overtaken writes nothing at all.",
    you: "Make sure that one process runs, restart it, and reset this with a reason. A lease that only ran short because the database was away clears by itself.",
  },
  breaches({ house }, { writer, configHash }) {
    if (writer.isFenced) return [{ evidence: { "overtaken by": writer.heldBy, epoch: String(house.epoch) } }];
    if (house.startedAt !== null && configHash !== "" && house.configHash !== configHash)
      return [{ evidence: { "configuration on record": house.configHash, "of this process": configHash } }];
    // Nobody took over: the epoch in every transaction still fences, so the lease alone is a passing trouble.
    if (writer.leaseLeftMs < leaseMinMs)
      return [
        {
          class: "transient",
          cause: "lease_short",
          evidence: { "lease left": `${Math.round(writer.leaseLeftMs)} ms`, limit: `${leaseMinMs} ms` },
        },
      ];
    return [];
  },
});
