/**
 * What the person did and the house has not confirmed yet. The same act keeps its id until then, so that sending it again
 * after a lost line can't make it happen twice.
 */
import type { ActFrame } from "../../../src/adapters/desk/contract.ts";

/** Distributes over the three kinds of acts. */
type WithoutAge<Frame> = Frame extends ActFrame ? Omit<Frame, "ageMs"> : never;
export type Act = WithoutAge<ActFrame>;

type Waiting = {
  readonly act: Act;
  readonly startedAt: number;
  /** A safe act counts however late it arrives; others are dropped after a while and the person is told. */
  readonly isSafe: boolean;
  tries: number;
};

export type Acts = {
  /** `now` by a steady clock, in milliseconds. */
  add(act: Act, now: number, isSafe: boolean): ActFrame;
  /** The act is done; returns it for its button to be freed. */
  settle(id: string): Act | null;
  /** Sent again after a "not received"; null when it has been tried often enough or is too old. */
  again(id: string, now: number): ActFrame | null;
  /** What to send after a reconnect, and what has become too old to be sent without asking. */
  afterReconnect(now: number): { readonly send: readonly ActFrame[]; readonly dropped: readonly Act[] };
  /** The id under which this button's tap is still under way. */
  tapUnderWay(token: string): string | null;
};

const resendWithinMs = 12_000;
const triesMax = 4;

export function openActs(): Acts {
  const waiting = new Map<string, Waiting>();
  const frameOf = ({ act, startedAt }: Waiting, now: number): ActFrame => ({
    ...act,
    ageMs: Math.max(0, Math.round(now - startedAt)),
  });
  const isTooOld = ({ startedAt, isSafe }: Waiting, now: number): boolean =>
    !isSafe && now - startedAt > resendWithinMs;

  return {
    add(act, now, isSafe) {
      const entry = { act, startedAt: now, isSafe, tries: 1 };
      waiting.set(act.id, entry);
      return frameOf(entry, now);
    },
    settle(id) {
      const act = waiting.get(id)?.act ?? null;
      waiting.delete(id);
      return act;
    },
    again(id, now) {
      const entry = waiting.get(id);
      if (entry === undefined) return null;
      entry.tries += 1;
      if (entry.tries > triesMax || isTooOld(entry, now)) return null;
      return frameOf(entry, now);
    },
    afterReconnect(now) {
      const all = [...waiting.values()];
      const dropped = all.filter((entry) => isTooOld(entry, now));
      for (const { act } of dropped) waiting.delete(act.id);
      const send = all.filter((entry) => !isTooOld(entry, now)).map((entry) => frameOf(entry, now));
      return { send, dropped: dropped.map(({ act }) => act) };
    },
    tapUnderWay(token) {
      for (const { act } of waiting.values()) if (act.kind === "tap" && act.token === token) return act.id;
      return null;
    },
  };
}
