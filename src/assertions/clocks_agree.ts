import { mark } from "../core/mark.ts";
import { uncertaintyMaxMs } from "../core/venue_clock.ts";
import { defineAssertion } from "../define/assertion.ts";

const lateMaxMs = 1_000;
const lagMaxMs = 200;

export const clocksAgree = defineAssertion({
  id: "A07",
  name: "clocks_agree",
  promises: "The venue's clock and ours agree within 500 ms, and this process keeps its own pace",
  onBreach: { scope: "global", class: "transient", looks: 3 },
  runbook: {
    means: "A clock jumped, or this machine is too busy: looks come more than a second late.",
    does: "After three looks in a row nothing new is opened anywhere; exits come first.",
    you: "Look at the machine: load, memory, its clock. It closes by itself when clocks and pace are right again.",
  },
  breaches(_books, { clocks }) {
    const evidence: Record<string, string> = {};
    if (clocks.venueUncertaintyMs !== null && clocks.venueUncertaintyMs > uncertaintyMaxMs)
      evidence["the venue's clock is known to"] =
        `${Math.round(clocks.venueUncertaintyMs)} ms, limit ${uncertaintyMaxMs} ms`;
    if (clocks.isUnconfirmed) evidence["the time"] = "nobody else has confirmed it for ten minutes";
    const lateMax = clocks.tickLateMaxMs ?? lateMaxMs;
    if (clocks.tickLateMs > lateMax) {
      mark("S03.tick_late");
      evidence["this look came late by"] = `${Math.round(clocks.tickLateMs)} ms, limit ${lateMax} ms`;
    }
    if (clocks.loopLagP99Ms !== null && clocks.loopLagP99Ms > lagMaxMs)
      evidence["this process lags by"] = `${Math.round(clocks.loopLagP99Ms)} ms, limit ${lagMaxMs} ms`;
    return Object.keys(evidence).length === 0 ? [] : [{ evidence }];
  },
});
