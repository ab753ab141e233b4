/** The venue that the settings name, pointed at the practice exchange, or at its live host where the mode allows it. */
import type { Config } from "../config.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { HouseSettings } from "../core/settings.ts";
import type { VenueDefinition } from "../define/venue.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Venue } from "../ports/venue.ts";
import type { PracticeHandle } from "../practice/exchange.ts";
import { guardHost } from "../venues/_ccxt/host_guard.ts";
import { venues } from "../venues/index.ts";

export type OpenedVenue = { readonly venue: Venue; readonly venueDefinition: VenueDefinition };

export async function openVenue(opening: {
  config: Config;
  settings: HouseSettings;
  practice: PracticeHandle | null;
  clock: Clock;
  log: Log;
}): Promise<Result<OpenedVenue, string>> {
  const { config, settings, practice, clock, log } = opening;
  if (settings.mode !== "paper")
    return fail(`mode ${settings.mode} is not available yet; this version trades in paper mode only`);
  const venueDefinition = venues.find((one) => one.name === settings.venue);
  if (venueDefinition === undefined)
    return fail(`venue ${settings.venue} is not known; known are ${venues.map((one) => one.name).join(", ")}`);
  const baseUrl = practice?.url ?? config.environment.kucoinApiRoot;
  const guarded = guardHost({ mode: settings.mode, baseUrl, liveHosts: venueDefinition.liveHosts });
  if (!guarded.ok) return guarded;
  const credentials = practice?.credentials[0] ?? keysOf(config);
  if (credentials === null)
    return fail(
      "KUCOIN_API_ROOT needs KUCOIN_API_KEY, KUCOIN_API_SECRET and KUCOIN_API_PASSPHRASE: the ones that the practice exchange printed",
    );
  return ok({
    venueDefinition,
    venue: await venueDefinition.open({
      credentials: { key: credentials.key, secret: credentials.secret, passphrase: credentials.passphrase },
      baseUrl: guarded.value,
      clock,
      log,
    }),
  });
}

function keysOf({ environment }: Config) {
  const { kucoinApiKey: key, kucoinApiSecret: secret, kucoinApiPassphrase: passphrase } = environment;
  if (key === null || secret === null || passphrase === null) return null;
  return { key: key.reveal(), secret: secret.reveal(), passphrase: passphrase.reveal() };
}
