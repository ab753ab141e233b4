/** A venue: its capabilities as data, its settings, and how to open it. The contract suite and the capability table read this object. */
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Venue } from "../ports/venue.ts";

export type VenueCredentials = { readonly key: string; readonly secret: string; readonly passphrase: string };

export type VenueOpening = {
  readonly credentials: VenueCredentials;
  /** Base URL that replaces the live host; null = the live host. The host guard refuses a live host in every mode but LIVE. */
  readonly baseUrl: string | null;
  readonly clock: Clock;
  readonly log: Log;
};

export type VenueDefinition = {
  readonly name: string;
  readonly summary: string;
  readonly liveHosts: readonly string[];
  readonly capabilities: {
    readonly protection: "oco" | "stop" | "none";
    readonly hasClientOrderIds: boolean;
    /** After this long without a trace, three absent answers from two lists prove that an order never arrived. */
    readonly absentAfterMs: number;
    readonly feeIn: "quote" | "received";
    /** Requests a second that one account may send, where the venue counts by the second; absent = its own windows do. */
    readonly requestsPerSecond?: number;
    /** Stops that may rest on one instrument at once; absent = no such limit is known. */
    readonly maxStops?: number;
  };
  open(opening: VenueOpening): Promise<Venue>;
};

export function defineVenue(venue: VenueDefinition): VenueDefinition {
  return venue;
}
