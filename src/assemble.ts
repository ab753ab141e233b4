/**
 * The composition root: ports in, a running house out. main.ts picks live adapters, the simulator its own; both call this.
 *
 *   open(epoch)  our records: start on record, leftovers settled      (chats may speak after it)
 *                with a takeover that was not calm: the quarantine begins
 *   join()       the venue: instruments, account, reconcile, protect  (retried until it answers)
 *   run()        jobs and vital loops
 *   stop(why)    orderly end; names what stays open
 */
import { commands } from "../commands/index.ts";
import { jobs } from "../jobs/index.ts";
import { alerts } from "./alerts/index.ts";
import { assertions } from "./assertions/index.ts";
import { checks } from "./checks/index.ts";
import { assert } from "./core/assert.ts";
import { mark } from "./core/mark.ts";
import type { HouseSettings } from "./core/settings.ts";
import { calmTakeover, type Takeover } from "./core/takeover.ts";
import { isoTime } from "./core/time.ts";
import type { VenueDefinition } from "./define/venue.ts";
import { type Reach, withCrashHooks } from "./flows/crash_hooks.ts";
import { guardVenue } from "./flows/guard_venue.ts";
import { houseJobs } from "./flows/house_jobs.ts";
import { makeLocks } from "./flows/locks.ts";
import { type Memory, makeMemory } from "./flows/memory.ts";
import type { Needs } from "./flows/needs.ts";
import { pacedVenue } from "./flows/paced_venue.ts";
import { handleWaiting, receiveMessage } from "./flows/receive_message.ts";
import { runCycle } from "./flows/run_cycle.ts";
import { makeSendGate } from "./flows/send_gate.ts";
import { openHouse, tryToJoin } from "./flows/start_house.ts";
import { stopHouse } from "./flows/stop_house.ts";
import type { Archive } from "./ports/archive.ts";
import type { Authenticator } from "./ports/authenticator.ts";
import type { Clock } from "./ports/clock.ts";
import type { Dice } from "./ports/dice.ts";
import type { Ids } from "./ports/ids.ts";
import { type Journal, memoryJournal } from "./ports/journal.ts";
import { FenceLost, type Ledger } from "./ports/ledger.ts";
import type { LifelineFiles } from "./ports/lifeline.ts";
import type { LiveStart } from "./ports/live_start.ts";
import type { Log } from "./ports/log.ts";
import type { Messenger, Platform } from "./ports/messenger.ts";
import type { Monitor } from "./ports/monitor.ts";
import type { Queue } from "./ports/queue.ts";
import { ownLease, type TraderLease } from "./ports/trader_lease.ts";
import type { Vault } from "./ports/vault.ts";
import type { Venue } from "./ports/venue.ts";
import { strategies } from "./strategies/index.ts";

export type Ports = {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly ids: Ids;
  readonly vault: Vault;
  /** Absent = no codes of authenticator apps. */
  readonly authenticator?: Authenticator;
  readonly ledger: Ledger;
  /** What the books let go of; absent = reports say that it can't be read. */
  readonly archive?: Archive;
  readonly venue: Venue;
  readonly venueDefinition: VenueDefinition;
  readonly messengers: readonly Messenger[];
  readonly queue: Queue;
  readonly log: Log;
  /** Why this process could change facts in the database although it never does; null = its role may only add. Absent = not known. */
  readonly roleProblem?: string | null;
  /** Absent = nobody outside is told that this house lives. */
  readonly monitor?: Monitor;
  readonly settings: HouseSettings;
  /** Where the snapshot for the emergency process is kept, and where its note is found; absent = nowhere. */
  readonly lifeline?: LifelineFiles;
  /** Absent in every mode but LIVE. */
  readonly live?: LiveStart;
  /** Absent = the ledger is shared with nobody. */
  readonly lease?: TraderLease;
  /** Absent = one that ends with this process. */
  readonly journal?: Journal;
  /** See flows/needs.ts; absent in tests and simulations, which have no process of their own. */
  readonly endProcess?: NonNullable<Needs["endProcess"]>;
  readonly deskAddress?: NonNullable<Needs["deskAddress"]>;
  readonly loopLag?: NonNullable<Needs["loopLag"]>;
  readonly wireBinding?: NonNullable<Needs["wireBinding"]>;
  /** Told of every place where a process can die between two steps; absent = the listener that a test may have loaded. */
  readonly reach?: Reach;
};

export type House = {
  readonly needs: Needs;
  /** @param takeover how the epoch was taken; absent = after a clean goodbye, so without a quarantine. */
  open(epoch: number, takeover?: Takeover): Promise<void>;
  /** Starts every chat; one that can't connect goes on trying by itself. */
  startChats(): Promise<void>;
  /** Tries until the venue answers. @returns the number of open positions; null when the house was stopped meanwhile. */
  join(): Promise<number | null>;
  run(): Promise<void>;
  cycleNow(): Promise<void>;
  stop(because: string): Promise<readonly string[]>;
};

/** A start often finds a network that is not up yet; later it is asked every 30 s. */
const joinWaitsMs = [3_000, 3_000, 6_000, 12_000, 30_000] as const;

/** A venue that counts by the second is asked at its pace. */
function atItsPace({ venue, venueDefinition, clock }: Ports): Venue {
  const { requestsPerSecond } = venueDefinition.capabilities;
  return requestsPerSecond === undefined ? venue : pacedVenue(venue, requestsPerSecond, clock);
}

export function assemble(given: Ports): House {
  const ports = withCrashHooks(given, given.reach);
  const { clock, log } = ports;
  refuseMadeClock(ports);
  const messengers = new Map<Platform, Messenger>(ports.messengers.map((messenger) => [messenger.platform, messenger]));
  const memory = makeMemory();
  const lease = ports.lease ?? ownLease;
  const stopWriting = () => noteTakenOver(memory, lease, log);
  lease.onLost(stopWriting);
  const needs: Needs = {
    ...ports,
    lease,
    journal: ports.journal ?? memoryJournal(() => isoTime(clock.wall())),
    ledger: fenced(ports.ledger, memory, stopWriting),
    venue: guardVenue(atItsPace(ports), { clock, memory: memory.venue }),
    messengers,
    checks,
    strategies,
    alerts,
    assertions,
    commands,
    memory,
    gate: makeSendGate(clock),
    locks: makeLocks(),
  };
  const guarded = houseJobs(needs, jobs);
  const vital = jobs.filter((job) => job.isVital).map((job) => job.name);
  let stopLoops: () => void = () => undefined;

  return {
    needs,
    open: (epoch, takeover = calmTakeover) => openHouse(needs, { epoch, takeover }),
    async startChats() {
      await Promise.all(
        [...messengers.values()].map((messenger) => messenger.start((incoming) => receiveMessage(needs, incoming))),
      );
      await handleWaiting(needs);
    },
    join: () => joinWhenItAnswers(needs),
    async run() {
      memory.jobs = { sinceMono: clock.mono(), report: guarded.report };
      stopLoops = guarded.standIn(vital, () => ports.queue.health());
      await ports.queue.start(guarded.jobs);
    },
    cycleNow: () => runCycle(needs),
    async stop(because) {
      const open = await stopHouse(needs, because);
      stopLoops();
      await ports.queue.stop();
      await Promise.all([...messengers.values()].map((messenger) => messenger.stop()));
      await ports.venue.stop();
      return open;
    },
  };
}

/** @throws InvariantError when real money would be decided about by a clock that somebody made. */
function refuseMadeClock({ settings, clock }: Ports): void {
  if (settings.mode !== "live" || clock.kind === "live") return;
  mark("C09.made_clock_in_live");
  assert(
    false,
    "LIVE needs the clock of this machine; it was given one that runs at its own speed or was made for a test",
  );
}

/** @returns the number of open positions; null when the house was stopped meanwhile. */
async function joinWhenItAnswers(needs: Needs): Promise<number | null> {
  for (let tries = 0; !needs.memory.isStopping; tries += 1) {
    const joined = await tryToJoin(needs);
    if (joined.ok) return joined.value.openPositions;
    const because = joined.problem;
    needs.log.warn("The venue can't be joined yet; no entries meanwhile, trying again", { because });
    await needs.clock.sleep(joinWaitsMs[Math.min(tries, joinWaitsMs.length - 1)] ?? 30_000);
  }
  return null;
}

/** Said once: from now on nothing of this process is written, and so nothing is sent. */
function noteTakenOver(memory: Memory, lease: TraderLease, log: Log): void {
  if (memory.isFenced) return;
  memory.isFenced = true;
  log.error("Another process trades with this database now. This one sends nothing any more; stop it.", {
    holder: lease.heldBy(),
  });
}

/** Once another process has taken the trader epoch, this one writes nothing more and says so, once. */
function fenced(ledger: Ledger, memory: Memory, stopWriting: () => void): Ledger {
  return {
    ...ledger,
    async commit(decide) {
      if (memory.isFenced) throw new FenceLost("Another process trades with this database now; this one has stopped");
      try {
        return await ledger.commit(decide);
      } catch (error) {
        if (error instanceof FenceLost) stopWriting();
        throw error;
      }
    },
  };
}
