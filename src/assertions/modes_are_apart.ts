import { defineAssertion } from "../define/assertion.ts";

export const modesAreApart = defineAssertion({
  id: "A11",
  name: "modes_are_apart",
  promises:
    "Only LIVE can write to a live venue: PAPER writes to this machine, DRY_RUN writes nothing, BACKTEST has no network",
  onBreach: { scope: "global", class: "sticky", looks: 1 },
  runbook: {
    means: "What this process could do at a venue is not what its mode allows.",
    does: "The process ends at once, before it sends anything. Stops at the venue stay.",
    you: "Look at the mode, the key and the address in the settings; start again, then reset with a reason.",
  },
  breaches({ house }, { mode, wire }) {
    const stop = { do: "stop_process" as const };
    if (house.startedAt !== null && house.mode !== mode)
      return [{ evidence: { "mode on record": house.mode, "of this process": mode }, effect: stop }];
    if (wire === null) return [];
    const mayWriteTo = { live: "live", paper: "loopback", dry_run: "nowhere", backtest: "nowhere" }[mode];
    const isRight =
      wire.writesTo === mayWriteTo ||
      wire.writesTo === "nowhere" ||
      (mode === "dry_run" && wire.writesTo === "loopback");
    if (isRight) return [];
    return [{ evidence: { mode, "can write to": wire.writesTo, "may write to": mayWriteTo }, effect: stop }];
  },
});
