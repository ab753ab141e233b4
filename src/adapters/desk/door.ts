/**
 * What the desk needs from the house and does not know itself: who holds a code, which sessions exist, what is true now.
 * The flows implement these over the ledger; tests with a scripted house.
 */
import type { Role } from "../../core/authority.ts";
import type { Result } from "../../core/result.ts";
import type { Instant } from "../../core/time.ts";
import type { CandleView, DeskState } from "./contract.ts";

export type DeskPerson = { readonly personId: string; readonly displayName: string; readonly role: Role };

export type StoredSession = { readonly personId: string; readonly openedAt: Instant };

export interface DeskDoor {
  /** One use, whatever comes of it. The problem's sentence is for the log: the page hears the same words for every wrong code. */
  redeemCode(code: string): Promise<Result<DeskPerson, { readonly because: string }>>;
  /** Only the SHA-256 of the cookie's token is ever stored. */
  openSession(session: StoredSession & { readonly tokenHash: string }): Promise<void>;
  findSession(tokenHash: string): Promise<StoredSession | null>;
  closeSession(tokenHash: string): Promise<void>;
  /** The person's present name and role, or null from the moment of a revocation. Read from the books in memory, before every act. */
  personNow(personId: string): DeskPerson | null;
  /** The browser's time zone, for quiet hours and local times in messages. */
  noteTimeZone(personId: string, timeZone: string): void;
}

export interface DeskSight {
  /** Cheap: called twice a second while a page is open. */
  snapshot(): DeskState;
  /** Newest candles of one instrument, oldest first; empty when it is unknown. */
  candles(instrumentId: string): Promise<readonly CandleView[]>;
  /** Closed trades of a period as CSV; null = there is no such report, or it can't be read now. */
  report(period: string): Promise<string | null>;
  /** Values that exist now, for one option of one command, best first. */
  complete(
    command: string,
    option: string,
    prefix: string,
  ): Promise<readonly { readonly value: string; readonly label: string | null }[]>;
}
