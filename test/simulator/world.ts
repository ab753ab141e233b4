/**
 * A world of one seed: one database, one venue, people, and as many processes of the house as die and follow one another.
 * It starts the first, lets the faults of the seed befall them, and starts the next one after a drawn delay.
 */
import { type EventRow, entryOf } from "../../src/adapters/postgres/chain.ts";
import { ledgerFold } from "../../src/boot/database.ts";
import { type Books, emptyBooks } from "../../src/core/books.ts";
import type { Fact, Recorded } from "../../src/core/events.ts";
import { type Journal, memoryJournal } from "../../src/ports/journal.ts";
import { seededChance } from "./chance.ts";
import type { Chance, FaultFamily, WorldView } from "./contract.ts";
import { type Doom, openDoom, type PlannedDoom } from "./doom.ts";
import { cut, type FaultTools, freeze, startFaults } from "./faults.ts";
import { openSceneDoom, type Played } from "./matrix/play.ts";
import { openStage, type SceneStage } from "./matrix/stage.ts";
import { type SimProcess, startProcess, stopProcess } from "./process.ts";
import type { World as Scheduler } from "./scheduler.ts";
import type { Climate } from "./seed_settings.ts";
import { type Counts, openCounts } from "./stats.ts";
import type { Story } from "./story.ts";
import { openParts, openView, type Parts, type View } from "./world_parts.ts";

export type World = {
  readonly scheduler: Scheduler;
  readonly story: Story;
  readonly counts: Counts;
  readonly climate: Climate;
  readonly processes: readonly SimProcess[];
  readonly view: WorldView;
  /** Of a scene: where its process dies. null in a world that is drawn. */
  readonly planned: PlannedDoom | null;
  /** Grows with everything that changed anywhere. */
  revision(): number;
  /** True once after each death of a process. */
  takeDeath(): boolean;
  /** Faults stop, everything is mended, people are awake. */
  heal(): void;
  setStep(step: number): void;
};

type State = Parts & {
  readonly seed: string;
  readonly chance: Chance;
  readonly counts: Counts;
  readonly processes: SimProcess[];
  doom: Doom;
  readonly journal: Journal;
  readonly isSameHost: boolean;
  readonly view: View;
  readonly facts: Recorded<Fact>[];
  readonly logged: string[];
  readonly ended: Set<SimProcess>;
  changes: number;
  isStarting: boolean;
  hasDied: boolean;
};

/** @param played a scene instead of what the seed would draw. */
export function openWorld(seed: string, played: Played | null = null): World {
  const state = makeState(seed, played);
  const { scheduler, chance, venue, people } = state;
  const faults = faultToolsOf(state);
  const planned = played === null ? null : planOf(state, played, faults);
  start(state);
  const drawn = chance.fork("pace");
  const market = (): void => {
    venue.act();
    state.changes += 1;
    scheduler.after(drawn.int(120, 700), "market", market);
  };
  const humans = (): void => {
    people.act();
    scheduler.after(drawn.int(500, 1_500), "people", humans);
  };
  market();
  humans();
  supervise(state);
  startFaults(faults);
  return {
    ...state,
    planned,
    revision: () => revisionOf(state),
    takeDeath: () => {
      const hasDied = state.hasDied;
      state.hasDied = false;
      return hasDied;
    },
    heal: () => heal(state),
    setStep: (step) => {
      state.view.step = step;
      state.view.now = scheduler.now();
    },
  };
}

const faultToolsOf = (state: State): FaultTools => ({
  scheduler: state.scheduler,
  chance: state.chance.fork("faults"),
  climate: state.climate,
  isSameHost: state.isSameHost,
  running: () => running(state),
  changed: (family, what) => changed(state, family, what),
  armDeath: (process) => state.doom.arm(process),
  stop: (process) => void stop(state, process),
  standBy: () => start(state),
});

/** Replaces the doom of the world by the one of the scene, and gives its acts their hands. */
function planOf(state: State, played: Played, faults: FaultTools): PlannedDoom {
  const { view, scheduler, venue, people, climate } = state;
  const everybody = (act: (process: SimProcess) => void) => (): void => {
    for (const process of running(state)) act(process);
  };
  const stage: SceneStage = openStage({
    view,
    venue: venue.inside,
    crowd: people.inside,
    weather: (family, rate) => climate.set(family, rate),
    machines: {
      kill: everybody((process) => died(state, process, "is killed")),
      stop: everybody((process) => void stop(state, process)),
      freeze: (ms) => everybody((process) => freeze(faults, process, ms))(),
      cut: (ms) => everybody((process) => cut(faults, process, ms))(),
      standBy: () => start(state),
    },
  });
  const planned = openSceneDoom(played, {
    view,
    scheduler,
    stage: () => stage,
    die: (process, where) => died(state, process, `dies ${where}`),
    tell(what) {
      state.changes += 1;
      state.story.tell("scene", what);
    },
  });
  state.doom = planned;
  return planned;
}

/** What counts as a change: facts, writes and fills at the venue, acts of people, and everything that befell the world. */
function revisionOf({ database, venue, people, changes }: State): number {
  const { creates, cancels, fills } = venue.truth;
  return database.events.length + creates.length + cancels.length + fills.length + people.acts.length + changes;
}

function makeState(seed: string, played: Played | null): State {
  const chance = seededChance(seed);
  const parts = openParts(seed, chance, played?.scene ?? null);
  const { scheduler, climate, database, facts } = parts;
  const [logged, processes]: [string[], SimProcess[]] = [[], []];
  const memo = memoizedFold();
  const state: State = {
    ...parts,
    seed,
    chance,
    processes,
    counts: openCounts(),
    doom: openDoom(chance.fork("doom"), (process, where) => died(state, process, `dies ${where}`)),
    journal: memoryJournal(() => new Date(scheduler.now()).toISOString()),
    isSameHost: played?.scene.isSameHost ?? (climate.rate("takeover") === 0 && chance.fork("host").hits(0.8)),
    view: openView(seed, parts, { processes, logged, books: () => memo.at(facts) }),
    logged,
    ended: new Set(),
    changes: 0,
    isStarting: false,
    hasDied: false,
  };
  folds.set(state, memo.fold);
  database.onAppend((rows) => appended(state, rows));
  return state;
}

const folds = new WeakMap<State, typeof ledgerFold>();

function appended({ facts, story, counts }: State, rows: readonly EventRow[]): void {
  for (const row of rows) {
    const entry = entryOf<Fact>(row);
    facts.push(entry);
    counts.fact(entry.fact);
    story.fact(row);
  }
}

/** The same facts lead to the same books in every process: folded once per fact, whoever asks. */
function memoizedFold() {
  const known = new Map<string, Books>();
  const evolve: typeof ledgerFold.evolve = (books, recorded) => {
    const kept = known.get(recorded.hash);
    if (kept !== undefined) return kept;
    const next = ledgerFold.evolve(books, recorded);
    known.set(recorded.hash, next);
    return next;
  };
  const at = (facts: readonly Recorded<Fact>[]): Books => {
    const newest = facts.at(-1);
    if (newest === undefined) return emptyBooks;
    return known.get(newest.hash) ?? facts.reduce<Books>((books, recorded) => evolve(books, recorded), emptyBooks);
  };
  return { fold: { ...ledgerFold, evolve }, at };
}

function changed(state: State, kind: FaultFamily | "process", what: string): void {
  state.changes += 1;
  state.story.tell(kind === "process" ? "process" : "fault", what);
  if (kind !== "process") state.counts.fault(kind);
}

const running = (state: State): readonly SimProcess[] =>
  state.processes.filter((process) => process.life.isAlive() && !process.life.isFrozen() && !state.ended.has(process));

function start(state: State): void {
  const number = state.processes.length + 1;
  const process = startProcess(
    {
      seed: state.seed,
      scheduler: state.scheduler,
      chance: state.chance.fork("process"),
      weather: state.climate,
      database: state.database,
      venue: state.venue,
      people: state.people,
      settings: state.settings,
      fold: folds.get(state) ?? ledgerFold,
      journal: state.journal,
      isSameHost: state.isSameHost,
      log: (processId, line) => {
        state.logged.push(line);
        state.story.tell("log", `${processId} ${line}`);
      },
      onHook: (who, hook) => state.doom.hook(who, hook),
      onCall: (who) => state.doom.call(who),
      onEnd: (who, because) => died(state, who, `ends: ${because}`),
    },
    number,
  );
  state.processes.push(process);
  changed(state, "process", `${process.processId} starts`);
}

function died(state: State, process: SimProcess, what: string): void {
  if (!process.life.isAlive()) return;
  process.life.die();
  state.ended.add(process);
  state.people.forget(process.processId);
  state.hasDied = true;
  state.counts.death(what);
  changed(state, "process", `${process.processId} ${what}`);
}

async function stop(state: State, process: SimProcess): Promise<void> {
  changed(state, "process", `${process.processId} is asked to stop`);
  await stopProcess(process).catch(() => undefined);
  died(state, process, "has stopped");
}

/** Looks every second whether somebody runs; a process that learned that it is fenced is stopped by whoever reads its log. */
function supervise(state: State): void {
  const { scheduler, chance } = state;
  const drawn = chance.fork("supervisor");
  const fenced = new Set<SimProcess>();
  const look = (): void => {
    for (const process of running(state)) {
      if (process.house?.needs.memory.isFenced !== true || fenced.has(process)) continue;
      fenced.add(process);
      scheduler.after(drawn.int(3_000, 40_000), "fenced one is stopped", () =>
        died(state, process, "is stopped: fenced"),
      );
    }
    const isAnybodyThere = state.processes.some((process) => process.life.isAlive() && !fenced.has(process));
    if (!isAnybodyThere && !state.isStarting) {
      state.isStarting = true;
      scheduler.after(drawn.pick([20, 300, 1_500, 6_000, 20_000]), "restart", () => {
        state.isStarting = false;
        start(state);
      });
    }
    scheduler.after(1_000, "supervisor", look);
  };
  scheduler.after(1_000, "supervisor", look);
}

function heal(state: State): void {
  state.climate.clear();
  state.doom.forget();
  for (const process of state.processes) {
    process.link.mend();
    process.queue.revive();
    process.clock.drift(1);
    process.clock.jump(-process.clock.error());
    if (process.life.isFrozen()) process.life.thaw();
    if (process.house?.needs.memory.isFenced === true) died(state, process, "is stopped: fenced");
  }
  state.venue.heal();
  state.people.heal();
  state.view.calmSince = state.scheduler.now();
  changed(state, "process", "calm: every fault has ended");
}
