/** Opens the desk: the page's server, the desk's chat, and what it showed before the restart. */
import { join } from "node:path";
import type pg from "pg";
import { openDesk } from "../adapters/desk/desk.ts";
import { registerBeacon } from "../adapters/http/beacon.ts";
import { openHttpServer } from "../adapters/http/server.ts";
import { keepBeaconKey, sealWith } from "../adapters/system/seal.ts";
import type { House } from "../assemble.ts";
import type { Config } from "../config.ts";
import type { Card } from "../core/card.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { instant } from "../core/time.ts";
import type { AnyCommand } from "../define/command.ts";
import { showBeacon } from "../flows/show_beacon.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { Log } from "../ports/log.ts";
import type { Messenger } from "../ports/messenger.ts";
import type { Vault } from "../ports/vault.ts";
import { deskDoor, deskSight } from "./desk_sight.ts";
import { packageRoot } from "./root.ts";

export type DeskServer = {
  readonly messenger: Messenger;
  /** @returns the address of the page, or a sentence for the terminal. */
  listen(): Promise<Result<string, string>>;
  /** Where people reach the page; null before it listens. */
  address(): string | null;
  /** Shows again what the desk showed before: the newest cards that it was sent. */
  restore(pool: pg.Pool): Promise<void>;
  close(): Promise<void>;
};

const restoredMax = 100;

export async function openDeskServer(opening: {
  config: Config;
  house: () => House;
  commands: readonly AnyCommand[];
  clock: Clock;
  ids: Ids;
  vault: Vault;
  log: Log;
}): Promise<DeskServer> {
  const { config, house, ...tools } = opening;
  const publicUrl = config.environment.deskUrl;
  let address: string | null = null;
  const desk = openDesk({ door: deskDoor(house), sight: deskSight(house), ...tools });
  const http = await openHttpServer({
    host: config.environment.deskHost,
    port: config.environment.deskPort,
    publicOrigins: publicUrl === null ? [] : [publicUrl],
    dashboardFolder: join(packageRoot(), "dist", "dashboard"),
    health: () => healthOf(house()),
    log: tools.log,
  });
  await http.app.register(desk.routes);
  const key = config.environment.beaconKey?.reveal() ?? keepBeaconKey(config.environment.countersignHome);
  if (key === null) tools.log.warn("There is no key for a watchdog: the home folder can't hold one");
  else registerBeacon(http.app, { seal: sealWith(key), clock: tools.clock, read: () => showBeacon(house().needs) });
  return {
    messenger: desk,
    address: () => address,
    async listen() {
      const listening = await http.listen();
      if (!listening.ok) return fail(listening.problem.because);
      const here = `http://${config.environment.deskHost}:${listening.value.port}`;
      address = publicUrl?.replace(/\/+$/, "") ?? here;
      return ok(here);
    },
    async restore(pool) {
      const rows = await pool.query<{ message_id: string; card: Card; queued_at: number }>(
        "select message_id, card, queued_at from outbox where platform = 'desk' and state = 'sent' order by queued_at desc limit $1",
        [restoredMax],
      );
      desk.restore(
        rows.rows
          .reverse()
          .map((row) => ({ messageId: row.message_id, card: row.card, buttons: [], postedAt: instant(row.queued_at) })),
      );
    },
    close: () => http.close(),
  };
}

function healthOf({ needs }: House): { isHealthy: boolean; status: string } {
  const { house } = needs.ledger.books();
  const isHearing = [...needs.messengers.values()].every((messenger) => messenger.health().isHearing);
  const isWhole = Object.keys(house.gone).length === 0 && Object.keys(house.breakers).length === 0;
  const isHealthy = house.isReady && isHearing && isWhole;
  return { isHealthy, status: isHealthy ? "ok" : house.isReady ? "degraded" : "starting" };
}
