/**
 * The faults that befall the machines: processes die, freeze and are taken over, clocks jump, the database and the queue go
 * away. Each family strikes again and again at a pace drawn from its rate; those of venue and chats live with them.
 */
import type { Chance, FaultFamily, Scheduler } from "./contract.ts";
import type { SimProcess } from "./process.ts";
import type { Climate } from "./seed_settings.ts";

export type FaultTools = {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly climate: Climate;
  /** Those that run and are not frozen. */
  running(): readonly SimProcess[];
  /** A fault began or ended. */
  changed(family: FaultFamily, what: string): void;
  /** Kills it at a call drawn from the seed. */
  armDeath(process: SimProcess): void;
  stop(process: SimProcess): void;
  /** Another process begins to try for the epoch. */
  standBy(): void;
  readonly isSameHost: boolean;
};

type Strike = (tools: FaultTools) => void;

const strikes: Partial<Record<FaultFamily, Strike>> = {
  crash: (tools) => {
    const victim = oneOf(tools);
    if (victim === null) return;
    if (tools.chance.hits(0.15)) tools.stop(victim);
    else tools.armDeath(victim);
  },
  freeze: (tools) => {
    const victim = oneOf(tools);
    if (victim !== null) freeze(tools, victim, tools.chance.pick([300, 900, 3_000, 8_000, 35_000]));
  },
  takeover: takeOver,
  clock_jump: (tools) => {
    const victim = oneOf(tools);
    const ms = tools.chance.pick([-30_000, -3_000, -700, 400, 700, 3_000, 30_000]);
    if (victim === null) return;
    victim.clock.jump(ms);
    tools.changed("clock_jump", `the wall clock of ${victim.processId} jumps by ${ms} ms`);
    // Whoever keeps the time of the machine sets it right again.
    tools.scheduler.after(tools.chance.int(2_000, 60_000), "clock set right", () => {
      // In the calm every clock is right already.
      if (tools.climate.rate("clock_jump") > 0) victim.clock.jump(-ms);
    });
  },
  clock_drift: (tools) => {
    const victim = oneOf(tools);
    const rate = 1 + tools.chance.pick([-0.02, -0.001, 0.001, 0.02]);
    if (victim === null) return;
    victim.clock.drift(rate);
    tools.changed("clock_drift", `the clock of ${victim.processId} runs at ${rate}`);
    tools.scheduler.after(tools.chance.int(5_000, 60_000), "clock runs true", () => victim.clock.drift(1));
  },
  store_away: (tools) => {
    const ms = tools.chance.pick([100, 1_000, 2_500, 6_000, 15_000]);
    // A cut line of one process, or the server itself.
    const victims = tools.chance.hits(0.5) ? tools.running() : [oneOf(tools)].filter((one) => one !== null);
    for (const victim of victims) cut(tools, victim, ms);
  },
  queue_lost: (tools) => {
    const ms = tools.chance.pick([1_500, 10_000, 60_000]);
    tools.changed("queue_lost", `the queue is dead for ${ms} ms`);
    for (const victim of tools.running()) {
      victim.queue.kill();
      tools.scheduler.after(ms, "queue is back", () => victim.queue.revive());
    }
  },
};

export function startFaults(tools: FaultTools): void {
  for (const [family, strike] of Object.entries(strikes) as [FaultFamily, Strike][]) {
    if (tools.climate.rate(family) > 0) schedule(tools, family, strike);
  }
}

function schedule(tools: FaultTools, family: FaultFamily, strike: Strike): void {
  const { climate, scheduler, chance } = tools;
  const rate = Math.max(0.02, climate.families.get(family) ?? 0);
  const gap = Math.min(240_000, 2_000 + (-Math.log(1 - chance.next()) * 6_000) / rate);
  scheduler.after(gap, `fault ${family}`, () => {
    if (climate.rate(family) === 0) return;
    strike(tools);
    schedule(tools, family, strike);
  });
}

function oneOf(tools: FaultTools): SimProcess | null {
  const all = tools.running();
  return all.length === 0 ? null : tools.chance.pick(all);
}

export function freeze(tools: FaultTools, victim: SimProcess, ms: number): void {
  victim.life.freeze();
  tools.changed("freeze", `${victim.processId} is frozen for ${ms} ms`);
  tools.scheduler.after(ms, "thaw", () => {
    if (!victim.life.isAlive() || !victim.life.isFrozen()) return;
    victim.life.thaw();
    tools.changed("freeze", `${victim.processId} thaws`);
  });
}

export function cut(tools: FaultTools, victim: SimProcess, ms: number): void {
  victim.link.cut();
  tools.changed("store_away", `${victim.processId} has no database for ${ms} ms`);
  tools.scheduler.after(ms, "database is back", () => {
    victim.link.mend();
    tools.changed("store_away", `${victim.processId} has its database back`);
  });
}

/** The old holder is frozen, cut off, or falls silent without knowing it; meanwhile another takes its place. */
function takeOver(tools: FaultTools): void {
  const victim = oneOf(tools);
  if (victim === null || tools.isSameHost) return;
  const ms = tools.chance.int(9_000, 40_000);
  if (tools.chance.hits(0.5)) freeze(tools, victim, ms);
  else cut(tools, victim, ms);
  tools.changed("takeover", `somebody starts a second process beside ${victim.processId}`);
  tools.scheduler.after(tools.chance.int(500, 9_000), "second process", () => tools.standBy());
}
