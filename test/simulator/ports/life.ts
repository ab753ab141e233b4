/**
 * Whether a process lives, and what that means for everything it calls.
 *
 *   alive    calls leave, answers come
 *   frozen   (SIGSTOP) calls and answers are held; released in order, late, when it thaws: the zombie
 *   dead     no call leaves and no answer ever comes; what was on the wire already goes on without it
 */
export type Life = {
  readonly processId: string;
  isAlive(): boolean;
  isFrozen(): boolean;
  /** Runs `act` now, after the thaw, or never. */
  deliver(act: () => void): void;
  /** Wraps a call that leaves the process: it starts and answers only as far as this life allows. */
  call<Value>(start: () => Promise<Value>): Promise<Value>;
  freeze(): void;
  thaw(): void;
  die(): void;
};

/** @param onCall asked before every call that leaves; it may end or freeze the life right there. */
export function openLife(processId: string, onCall: () => void): Life {
  let isAlive = true;
  let isFrozen = false;
  let held: (() => void)[] = [];
  const deliver = (act: () => void): void => {
    if (!isAlive) return;
    if (isFrozen) held.push(act);
    else act();
  };
  return {
    processId,
    isAlive: () => isAlive,
    isFrozen: () => isFrozen,
    deliver,
    call(start) {
      if (isAlive && !isFrozen) onCall();
      return new Promise((resolve, reject) => {
        deliver(() => {
          start().then(
            (value) => deliver(() => resolve(value)),
            (error: unknown) => deliver(() => reject(error as Error)),
          );
        });
      });
    },
    freeze() {
      isFrozen = true;
    },
    thaw() {
      isFrozen = false;
      // Each is delivered anew: one of them may end or freeze the process again.
      const waiting = held;
      held = [];
      for (const act of waiting) deliver(act);
    },
    die() {
      isAlive = false;
      held = [];
    },
  };
}
