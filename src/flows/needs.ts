/** Everything that the flows work with, handed over once by assemble(). Ports, definitions, settings, and what this process remembers. */

import type { Readings } from "../core/readings.ts";
import type { HouseSettings } from "../core/settings.ts";
import type { AnyAlert } from "../define/alert.ts";
import type { AssertionDefinition } from "../define/assertion.ts";
import type { AnyCheck } from "../define/check.ts";
import type { AnyCommand } from "../define/command.ts";
import type { AnyStrategy } from "../define/strategy.ts";
import type { VenueDefinition } from "../define/venue.ts";
import type { Archive } from "../ports/archive.ts";
import type { Authenticator } from "../ports/authenticator.ts";
import type { Clock } from "../ports/clock.ts";
import type { Dice } from "../ports/dice.ts";
import type { Ids } from "../ports/ids.ts";
import type { Journal } from "../ports/journal.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { LifelineFiles } from "../ports/lifeline.ts";
import type { LiveStart } from "../ports/live_start.ts";
import type { Log } from "../ports/log.ts";
import type { Messenger, Platform } from "../ports/messenger.ts";
import type { Monitor } from "../ports/monitor.ts";
import type { Queue } from "../ports/queue.ts";
import type { TraderLease } from "../ports/trader_lease.ts";
import type { Vault } from "../ports/vault.ts";
import type { Venue } from "../ports/venue.ts";
import type { Locks } from "./locks.ts";
import type { Memory } from "./memory.ts";
import type { SendGate } from "./send_gate.ts";

export type Needs = {
  readonly clock: Clock;
  readonly dice: Dice;
  readonly ids: Ids;
  readonly vault: Vault;
  /** Absent = no codes: what takes one can't be done from here. */
  readonly authenticator?: Authenticator;
  readonly ledger: Ledger;
  /** What the books let go of, for reports; absent = they say that it can't be read. */
  readonly archive?: Archive;
  readonly lease: TraderLease;
  readonly journal: Journal;
  readonly venue: Venue;
  readonly venueDefinition: VenueDefinition;
  readonly messengers: ReadonlyMap<Platform, Messenger>;
  readonly queue: Queue;
  readonly log: Log;
  /** Why this process could change facts in the database although it never does; null = its role may only add. Absent = not known. */
  readonly roleProblem?: string | null;
  /** Absent = nobody outside is told that this house lives. */
  readonly monitor?: Monitor;
  readonly settings: HouseSettings;
  /** Absent = this house leaves no snapshot for an emergency process. */
  readonly lifeline?: LifelineFiles;
  readonly checks: readonly AnyCheck[];
  readonly strategies: readonly AnyStrategy[];
  readonly alerts: readonly AnyAlert[];
  readonly assertions: readonly AssertionDefinition[];
  readonly commands: readonly AnyCommand[];
  readonly memory: Memory;
  /** Absent in every mode but LIVE. */
  readonly live?: LiveStart;
  /** Where a browser finds the desk; null = it does not listen. Absent = there is none. */
  readonly deskAddress?: () => string | null;
  /** Ends the process with an error; absent = it only stops doing anything. */
  readonly endProcess?: (because: string) => void;
  /** 99th percentile of this process's delays since it was asked last, real ms; absent = not measured. */
  readonly loopLag?: () => number;
  /** What this process could do to a live venue; absent = it has no wire of its own. */
  readonly wireBinding?: NonNullable<Readings["wire"]>;
  readonly gate: SendGate;
  readonly locks: Locks;
};
