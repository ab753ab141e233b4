/** Where a process dies: at a call that leaves it, or at a named hook between two steps. Armed by the faults, struck at the place. */
import type { CrashHook } from "../../src/flows/crash_hooks.ts";
import type { Chance } from "./contract.ts";
import type { SimProcess } from "./process.ts";

export type Doom = {
  arm(process: SimProcess): void;
  call(process: SimProcess): void;
  hook(process: SimProcess, hook: CrashHook): void;
  /** Whatever was armed is called off. */
  forget(): void;
};

/** The telling places get more than their share; one of them is drawn in a third of the cases. */
const telling: readonly string[] = [
  "order_intended",
  "order_sending",
  "order_acknowledged",
  "fill_received",
  "order_cancel_requested",
  "position_protected",
  "exit_triggered",
  "approval_settled",
  "level_changed",
  "wire place",
  "wire cancel",
];

type Fate = { calls: number; hooks: number; place: string | null };

export function openDoom(chance: Chance, die: (process: SimProcess, where: string) => void): Doom {
  const fates = new Map<SimProcess, Fate>();
  const strike = (process: SimProcess, where: string): void => {
    fates.delete(process);
    die(process, where);
  };
  return {
    arm(process) {
      const how = chance.int(0, 2);
      fates.set(process, {
        calls: how === 0 ? chance.int(0, 60) : Number.POSITIVE_INFINITY,
        hooks: how === 1 ? chance.int(0, 12) : Number.POSITIVE_INFINITY,
        place: how === 2 ? chance.pick(telling) : null,
      });
    },
    call(process) {
      const fate = fates.get(process);
      if (fate === undefined) return;
      if (fate.calls <= 0) strike(process, "at a call");
      else fate.calls -= 1;
    },
    hook(process, hook) {
      const fate = fates.get(process);
      if (fate === undefined) return;
      const isThere = fate.place !== null && hook.endsWith(fate.place) && chance.hits(0.6);
      if (isThere || fate.hooks <= 0) strike(process, hook);
      else fate.hooks -= 1;
    },
    forget: () => fates.clear(),
  };
}

/** The doom of a scene: at the nth pass of one place, counted from where the scene is armed. Without a hook it only counts. */
export type PlannedDoom = Doom & {
  /** How often each place was passed. */
  readonly passed: ReadonlyMap<CrashHook, number>;
  /** The step at which it struck; null = not yet. */
  struckAt(): number | null;
};

export function openPlannedDoom(plan: {
  readonly hook: CrashHook | null;
  readonly nth: number;
  readonly isArmed: () => boolean;
  readonly step: () => number;
  /** Somebody lives on behind this place. */
  readonly onPass: (hook: CrashHook, pass: number) => void;
  readonly die: (process: SimProcess, where: string) => void;
}): PlannedDoom {
  const passed = new Map<CrashHook, number>();
  let [isArmed, isOver] = [false, false];
  let struck: number | null = null;
  return {
    passed,
    struckAt: () => struck,
    arm: () => undefined,
    call: () => undefined,
    hook(process, hook) {
      // What a dead process still computes reaches nobody.
      if (isOver || !process.life.isAlive()) return;
      isArmed ||= plan.isArmed();
      if (!isArmed) return;
      const pass = (passed.get(hook) ?? 0) + 1;
      passed.set(hook, pass);
      if (struck === null && hook === plan.hook && pass === plan.nth) {
        struck = plan.step();
        plan.die(process, hook);
      } else plan.onPass(hook, pass);
    },
    forget() {
      isOver = true;
    },
  };
}
