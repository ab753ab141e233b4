/**
 * The venue as the mode allows it. This is the only place where the modes differ in what stands at the door to a market:
 *
 *   paper     the wire adapter, at the practice exchange on this machine
 *   dry_run   the market of the live venue; orders are formed for it, stop before the request, and are played at the practice exchange
 *   live      the wire adapter, at the venue's own host
 *   backtest  none: it has no network, and comes with the lab
 */
import type { Config } from "../config.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { HouseSettings } from "../core/settings.ts";
import type { VenueCredentials, VenueDefinition } from "../define/venue.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Venue } from "../ports/venue.ts";
import type { PracticeHandle } from "../practice/exchange.ts";
import { guardHost, isLoopback } from "../venues/_ccxt/host_guard.ts";
import { dryRunVenue } from "../venues/_dry_run/dry_run_venue.ts";
import { venues } from "../venues/index.ts";

export type WireBinding = { readonly writesTo: "loopback" | "live" | "nowhere"; readonly holdsTradingKey: boolean };
export type OpenedVenue = {
  readonly venue: Venue;
  readonly venueDefinition: VenueDefinition;
  readonly wireBinding: WireBinding;
};

type Opening = {
  readonly config: Config;
  readonly settings: HouseSettings;
  readonly practice: PracticeHandle | null;
  readonly clock: Clock;
  readonly log: Log;
};

export async function openVenue(opening: Opening): Promise<Result<OpenedVenue, string>> {
  const { settings } = opening;
  const definition = venues.find((one) => one.name === settings.venue);
  if (definition === undefined)
    return fail(`venue ${settings.venue} is not known; known are ${venues.map((one) => one.name).join(", ")}`);
  switch (settings.mode) {
    case "paper":
      return openPaper(opening, definition);
    case "dry_run":
      return openDryRun(opening, definition);
    case "live":
      return openLive(opening, definition);
    case "backtest":
      return fail("mode backtest has no process of its own: it comes with the lab");
    default:
      return settings.mode satisfies never;
  }
}

async function openPaper(opening: Opening, definition: VenueDefinition): Promise<Result<OpenedVenue, string>> {
  const { config, practice } = opening;
  const credentials = practice?.credentials[0] ?? keysOf(config);
  if (credentials === null)
    return fail(
      "KUCOIN_API_ROOT needs KUCOIN_API_KEY, KUCOIN_API_SECRET and KUCOIN_API_PASSPHRASE: the ones that the practice exchange printed",
    );
  const venue = await openAt(opening, definition, {
    credentials,
    baseUrl: practice?.url ?? config.environment.kucoinApiRoot,
  });
  if (!venue.ok) return venue;
  return ok({
    venue: venue.value,
    venueDefinition: definition,
    wireBinding: { writesTo: "loopback", holdsTradingKey: false },
  });
}

/** Only reads reach the live host, with a key or without one: what it signs is shown and never sent. */
async function openDryRun(opening: Opening, definition: VenueDefinition): Promise<Result<OpenedVenue, string>> {
  const { config, practice } = opening;
  const [shadowKey] = practice?.credentials ?? [];
  if (practice === null || shadowKey === undefined) return fail("dry_run needs the practice exchange beside it");
  const credentials = keysOf(config) ?? { key: "no-key", secret: "no-secret", passphrase: "no-passphrase" };
  const live = await openAt(opening, definition, { credentials, baseUrl: config.environment.kucoinApiRoot });
  if (!live.ok) return live;
  const shadow = await openAt(opening, definition, { credentials: shadowKey, baseUrl: practice.url });
  if (!shadow.ok) return shadow;
  return ok({
    venue: dryRunVenue(live.value, shadow.value),
    venueDefinition: definition,
    wireBinding: { writesTo: "nowhere", holdsTradingKey: false },
  });
}

async function openLive(opening: Opening, definition: VenueDefinition): Promise<Result<OpenedVenue, string>> {
  const { config } = opening;
  const credentials = keysOf(config);
  if (credentials === null)
    return fail(
      "live needs KUCOIN_API_KEY, KUCOIN_API_SECRET and KUCOIN_API_PASSPHRASE of a key that can trade and not withdraw",
    );
  const venue = await openAt(opening, definition, { credentials, baseUrl: config.environment.kucoinApiRoot });
  if (!venue.ok) return venue;
  return ok({
    venue: venue.value,
    venueDefinition: definition,
    wireBinding: { writesTo: "live", holdsTradingKey: true },
  });
}

async function openAt(
  { settings, clock, log }: Opening,
  definition: VenueDefinition,
  at: { readonly credentials: VenueCredentials; readonly baseUrl: string | null },
): Promise<Result<Venue, string>> {
  const { liveHosts } = definition;
  const guarded = guardHost({ mode: settings.mode, baseUrl: at.baseUrl, liveHosts });
  if (!guarded.ok) return guarded;
  const { key, secret, passphrase } = at.credentials;
  return ok(await definition.open({ credentials: { key, secret, passphrase }, baseUrl: guarded.value, clock, log }));
}

/** The market that a dry run follows: the live venue's, or the stand-in that a test put in its place. */
export function dryRunMarket({ venue, environment }: Config): {
  readonly exchange: string;
  readonly baseUrl: string | null;
} {
  const { kucoinApiRoot } = environment;
  return { exchange: venue, baseUrl: kucoinApiRoot !== null && isLoopback(kucoinApiRoot) ? kucoinApiRoot : null };
}

function keysOf({ environment }: Config): VenueCredentials | null {
  const { kucoinApiKey: key, kucoinApiSecret: secret, kucoinApiPassphrase: passphrase } = environment;
  if (key === null || secret === null || passphrase === null) return null;
  return { key: key.reveal(), secret: secret.reveal(), passphrase: passphrase.reveal() };
}

/** Tells keys apart and gives none away. */
export function keyFingerprint(config: Config, sha256: (text: string) => string): string {
  return sha256(`key|${keysOf(config)?.key ?? ""}`).slice(0, 16);
}
