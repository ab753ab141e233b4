/** Reports to an outside monitor by HTTP POST, as healthchecks.io and its kin take it: the address itself, or `/fail` below it. */
import { fail, ok } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Monitor } from "../../ports/monitor.ts";

const patienceMs = 10_000;

/** @param address holds the key of the check and is a secret: it is in no message of this file. */
export function openMonitor(address: string, clock: Pick<Clock, "sleep">): Monitor {
  const root = address.replace(/\/+$/, "");
  return {
    async report({ isWell, body }) {
      const done = new AbortController();
      const late = new AbortController();
      void clock.sleep(patienceMs, done.signal).then(() => late.abort());
      try {
        const signal = late.signal;
        const answer = await fetch(isWell ? root : `${root}/fail`, { method: "POST", body, redirect: "error", signal });
        await answer.arrayBuffer();
        return answer.ok ? ok(null) : fail(`the monitor answered with status ${answer.status}`);
      } catch {
        return fail("the monitor does not answer");
      } finally {
        done.abort();
      }
    },
  };
}
