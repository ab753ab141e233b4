/**
 * A scene: a small world in which one thing really happens (an entry, a stop, a shutdown), so that a house can be killed at
 * every place that it passes on the way. The faults are chosen, not drawn; what remains of chance comes from the scene's name.
 *
 *   acts ──(a fact was seen | a place is passed)──> people, venue, weather, processes
 *   armed ──> from here on the places count: the nth pass of one of them is where the house dies
 */
import type { Fact } from "../../../src/core/events.ts";
import type { Position } from "../../../src/core/position.ts";
import type { HouseSettings } from "../../../src/core/settings.ts";
import type { CrashHook } from "../../../src/flows/crash_hooks.ts";
import type { FaultFamily, QuirkProfile, WorldView } from "../contract.ts";
import type { SimPerson } from "../people/cast.ts";
import type { SceneStage } from "./stage.ts";

export const scenarioNames = [
  "entry",
  "stop",
  "exit",
  "cancel",
  "reconcile",
  "flatten",
  "shutdown",
  "approval",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export type When = (view: WorldView) => boolean;
export type SceneAct = {
  /** A condition that is looked at ten times a second, or a place: the act happens at that very moment. Once. */
  readonly on: When | CrashHook;
  /** How often that place is passed, counted from the arming, when it happens; 1 unless said. */
  readonly pass?: number;
  /** Simulated ms later. */
  readonly afterMs?: number;
  readonly what: string;
  readonly act: (stage: SceneStage) => void;
};

export type Nature = Partial<
  Pick<SimPerson, "keenness" | "thinksMs" | "doubleTaps" | "isContradictory" | "sleepiness" | "role">
>;

export type Scene = {
  readonly scenario: ScenarioName;
  /** What is particular about this world among those of its scenario. */
  readonly name: string;
  readonly profile: QuirkProfile;
  readonly policy?: HouseSettings["approvals"]["policy"];
  /** How many instruments; 1 unless said. */
  readonly symbols?: number;
  readonly canary?: {
    readonly stopPercent?: number;
    readonly targetPercent?: number | null;
    readonly holdCandles?: number;
  };
  readonly settings?: (usual: HouseSettings) => HouseSettings;
  readonly weather?: Partial<Record<FaultFamily, number>>;
  /** The next process knows that the last one is dead; true unless said. */
  readonly isSameHost?: boolean;
  /** Everybody's nature, or by person; awake and willing unless said. */
  readonly nature?: (personId: string) => Nature;
  readonly armed: When;
  readonly acts?: readonly SceneAct[];
  /** Places that must be passed: a scene in which its own matter does not happen has rotted. */
  readonly passes: readonly CrashHook[];
  /** Steps until the calm when nobody is killed. */
  readonly steps: number;
};

/** Which scene a run is to play, by name so that it can be told to another process; hook null = nobody is killed. */
export type SceneWish = {
  readonly scenario: ScenarioName;
  readonly name: string;
  readonly hook: CrashHook | null;
  readonly nth: number;
};

export const always: When = () => true;

export const seen =
  (type: Fact["type"], times = 1): When =>
  ({ facts }) => {
    let count = 0;
    for (const { fact } of facts) {
      if (fact.type === type) count += 1;
      if (count >= times) return true;
    }
    return false;
  };

const open = (view: WorldView): readonly Position[] =>
  Object.values(view.books.positions).filter((position) => position.state === "monitoring");

/** As many positions as told are held behind a stop that rests, or under our own watch. */
export const held =
  (count = 1): When =>
  (view) =>
    open(view).filter(({ protection }) => protection === "placed" || protection === "local_guard").length >= count;
