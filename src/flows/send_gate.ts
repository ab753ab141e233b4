/**
 * The gate between deciding and the wire. A sender holds it shared while its bytes leave; /pause and /flatten commit their
 * level first and then take it exclusively before they reply: after the reply no entry can leave any more.
 */
import type { Clock } from "../ports/clock.ts";

/** A sender whose client can't tell when the last byte left counts as leaving for at most this long. */
export const sendTtlMs = 500;

export type SendGate = {
  /** Runs `send` with the gate held until it settles or the TTL passes, whichever is first. `mayLeave` is asked after entering, synchronously before the first byte. */
  leave<Value>(
    orderId: string,
    isEntry: boolean,
    mayLeave: () => boolean,
    send: () => Promise<Value>,
  ): Promise<Value | "held_back">;
  /** Waits until no entry is leaving. @returns the orders that may still be leaving after the TTL; empty = none can. */
  close(): Promise<readonly string[]>;
};

export function makeSendGate(clock: Clock): SendGate {
  const leaving = new Map<string, Promise<unknown>>();

  return {
    async leave(orderId, isEntry, mayLeave, send) {
      // No await between the question and the send: whoever commits a level after this line finds us in `leaving`.
      if (!mayLeave()) return "held_back";
      const sent = send();
      if (!isEntry) return sent;
      const held = Promise.race([sent.catch(() => undefined), clock.sleep(sendTtlMs)]);
      leaving.set(orderId, held);
      void held.finally(() => {
        if (leaving.get(orderId) === held) leaving.delete(orderId);
      });
      return sent;
    },
    async close() {
      const waited = [...leaving.values()];
      if (waited.length === 0) return [];
      const done = new AbortController();
      await Promise.race([Promise.all(waited), clock.sleep(sendTtlMs, done.signal)]);
      done.abort();
      return [...leaving.keys()];
    },
  };
}
