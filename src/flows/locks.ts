/** One at a time per key: the loop of a position, the delivery to a chat, the cycle of a strategy. In-process; the ledger guards the rest. */

export type Locks = {
  /** Runs after everything that was queued under this key before. */
  run<Value>(key: string, work: () => Promise<Value>): Promise<Value>;
  /** Runs only if nothing holds the key; null otherwise. For work that the next second would repeat anyway. */
  tryRun<Value>(key: string, work: () => Promise<Value>): Promise<Value | null>;
  /** Runs now, or, if it is running, once more right after: whoever asks while it runs is served by that one repetition. */
  refresh(key: string, work: () => Promise<void>): Promise<void>;
};

export function makeLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  const repeats = new Map<string, Promise<void>>();

  async function run<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  }

  function refresh(key: string, work: () => Promise<void>): Promise<void> {
    const waiting = repeats.get(key);
    if (waiting !== undefined) return waiting;
    if (!tails.has(key)) return run(key, work);
    const repeat = run(key, () => {
      repeats.delete(key);
      return work();
    });
    repeats.set(key, repeat);
    return repeat;
  }

  return {
    run,
    async tryRun(key, work) {
      return tails.has(key) ? null : run(key, work);
    },
    refresh,
  };
}
