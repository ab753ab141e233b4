/**
 * The gate between deciding and the wire. `mayLeave` is asked twice: on entering, and by the venue's wire at the very moment
 * before the first byte. /pause and /flatten commit their level first, so from then on it answers no; then they wait here
 * for whoever has been told yes and is writing. After their reply no entry can leave any more.
 */
import type { Clock } from "../ports/clock.ts";

/** A sender whose wire can't tell the moment of the first byte counts as leaving for at most this long. */
export const sendTtlMs = 500;

export type Leaving = {
  readonly orderId: string;
  readonly isEntry: boolean;
  /** Must be answerable without waiting. */
  mayLeave(): boolean;
};

export type SendGate = {
  /** `send` gets the question that its wire asks just before the first byte. */
  leave<Value>(leaving: Leaving, send: (mayLeave: () => boolean) => Promise<Value>): Promise<Value | "held_back">;
  /** Waits until no entry is leaving. @returns the orders that may still be leaving after the TTL; empty = none can. */
  close(): Promise<readonly string[]>;
};

export function makeSendGate(clock: Clock): SendGate {
  const held = new Map<string, Promise<unknown>>();

  return {
    async leave({ orderId, isEntry, mayLeave }, send) {
      // No await between the question and the send: whoever commits a level after this line finds us in `held`.
      if (!mayLeave()) return "held_back";
      if (!isEntry) return send(mayLeave);
      let letGo: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const sent = send(() => {
        // Whatever the answer: bytes are written in this same turn, or never.
        letGo();
        return mayLeave();
      });
      const hold = Promise.race([asked, sent.catch(() => undefined), clock.sleep(sendTtlMs)]);
      held.set(orderId, hold);
      void hold.finally(() => {
        if (held.get(orderId) === hold) held.delete(orderId);
      });
      return sent;
    },
    async close() {
      const waited = [...held.values()];
      if (waited.length === 0) return [];
      const done = new AbortController();
      await Promise.race([Promise.all(waited), clock.sleep(sendTtlMs, done.signal)]);
      done.abort();
      return [...held.keys()];
    },
  };
}
