/** Turns a scene into the settings, the weather and the doom of a world, and lets its acts happen in their time. */

import type { HouseSettings } from "../../../src/core/settings.ts";
import type { CrashHook } from "../../../src/flows/crash_hooks.ts";
import { strategies } from "../../../src/strategies/index.ts";
import type { FaultFamily, Scheduler, WorldView } from "../contract.ts";
import { openPlannedDoom, type PlannedDoom } from "../doom.ts";
import type { SimProcess } from "../process.ts";
import { type Climate, climateOf } from "../seed_settings.ts";
import type { Nature, Scene, SceneAct, SceneWish } from "./scene.ts";
import { findScene } from "./scenes.ts";
import type { SceneStage } from "./stage.ts";

export type Played = { readonly scene: Scene; readonly hook: CrashHook | null; readonly nth: number };

export const playOf = ({ scenario, name, hook, nth }: SceneWish): Played => ({
  scene: findScene(scenario, name),
  hook,
  nth,
});

export const climateOfScene = ({ weather }: Scene): Climate =>
  climateOf(new Map(Object.entries(weather ?? {}) as [FaultFamily, number][]));

const willing: Nature = { keenness: 1, thinksMs: 800, doubleTaps: 0, isContradictory: false, sleepiness: 0 };

export const natureOf =
  ({ nature }: Scene) =>
  (personId: string): Nature => ({ ...willing, ...nature?.(personId) });

/** Short candles and a quick pace; one instrument and a far target, unless the scene says otherwise. */
export function settingsOfScene(scene: Scene, drawn: HouseSettings, symbols: readonly string[]): HouseSettings {
  const isCoarse = drawn.venue === "polymarket";
  const canary = strategies.find((strategy) => strategy.name === "always_trade_canary");
  const params = canary?.params.parse({
    strength: 0.5,
    stopPercent: isCoarse ? 8 : 1,
    targetPercent: null,
    holdCandles: 20,
    ...scene.canary,
  }) as Readonly<Record<string, unknown>>;
  const watched = symbols.slice(0, scene.symbols ?? 1);
  const usual: HouseSettings = {
    ...drawn,
    timeframe: "15s",
    timeframeMs: 15_000,
    cycleMs: 2_000,
    strategies: [{ name: "always_trade_canary", params, symbols: watched }],
    symbols: watched,
    kill: { resumeWaitMs: 0, flattenOnSilence: false, emergencyOnSilence: true },
    profile: "drill",
    approvals: { ...drawn.approvals, policy: scene.policy ?? "automatic", expiresMs: 120_000 },
  };
  return scene.settings?.(usual) ?? usual;
}

export function openSceneDoom(
  { scene, hook, nth }: Played,
  around: {
    readonly view: WorldView;
    readonly scheduler: Scheduler;
    readonly die: (process: SimProcess, where: string) => void;
    readonly tell: (what: string) => void;
    readonly stage: () => SceneStage;
  },
): PlannedDoom {
  const { view, scheduler } = around;
  const waiting = new Set(scene.acts ?? []);
  const begin = (act: SceneAct): void => {
    waiting.delete(act);
    const happen = (): void => {
      if (view.calmSince !== null) return;
      around.tell(act.what);
      act.act(around.stage());
    };
    if (act.afterMs === undefined) happen();
    else scheduler.after(act.afterMs, `scene: ${act.what}`, happen);
  };
  const look = (): void => {
    for (const act of [...waiting]) if (typeof act.on === "function" && act.on(view)) begin(act);
    if (waiting.size > 0 && view.calmSince === null) scheduler.after(100, "scene", look);
  };
  scheduler.after(100, "scene", look);
  return openPlannedDoom({
    hook,
    nth,
    isArmed: () => scene.armed(view),
    step: () => view.step,
    onPass(passing, pass) {
      for (const act of [...waiting]) if (act.on === passing && pass >= (act.pass ?? 1)) begin(act);
    },
    die: around.die,
  });
}
