/** What the acts of a scene may do to their world: people type, the venue changes, the weather turns, machines fail. */

import type { FaultFamily, WorldView } from "../contract.ts";
import { type Crowd, command } from "../people/acts.ts";
import { sweepMarket } from "../venue/engine.ts";
import { type Deed, humanDoes, liquidate, resolve } from "../venue/humans.ts";
import { move } from "../venue/market.ts";
import type { Market, VenueState } from "../venue/state.ts";

export type SceneStage = {
  readonly view: WorldView;
  /** A person of the house types a command on the first chat that is theirs, or on the one told. */
  says(personId: string, name: string, text?: string, on?: "telegram" | "discord" | "desk"): void;
  weather(family: FaultFamily, rate: number): void;
  /** From now on, for so many ms: requests arrive and answers don't; nothing arrives; it says that we have to wait. */
  mute(ms: number): void;
  away(ms: number): void;
  busy(ms: number): void;
  /** No order of ours is large enough for it. */
  asksForMore(ms: number): void;
  /** A person at the venue's own page. */
  atVenue(deed: Deed): void;
  /** The price of the first instrument moves by this share; what was waiting for it fires. */
  jump(share: number): void;
  liquidated(): void;
  resolved(): void;
  /** Whoever runs is gone at once, is asked to end, sleeps, loses its way to the database. */
  kill(): void;
  stop(): void;
  freeze(ms: number): void;
  cut(ms: number): void;
  /** Another process begins to try for the epoch. */
  standBy(): void;
};

type Machines = Pick<SceneStage, "kill" | "stop" | "freeze" | "cut" | "standBy">;

export function openStage(around: {
  readonly view: WorldView;
  readonly venue: VenueState;
  readonly crowd: Crowd;
  readonly machines: Machines;
  readonly weather: (family: FaultFamily, rate: number) => void;
}): SceneStage {
  const { view, venue, crowd } = around;
  const market = (): Market => {
    const [first] = venue.markets.values();
    if (first === undefined) throw new Error("The simulated venue lists nothing");
    return first;
  };
  return {
    ...around.machines,
    view,
    mute(ms) {
      venue.muteUntil = venue.scheduler.now() + ms;
    },
    away(ms) {
      venue.outageUntil = venue.scheduler.now() + ms;
    },
    busy(ms) {
      venue.busyUntil = venue.scheduler.now() + ms;
    },
    asksForMore(ms) {
      for (const one of venue.markets.values()) {
        const { notionalMin } = one.instrument;
        one.instrument = { ...one.instrument, notionalMin: "100000" as typeof notionalMin };
        venue.scheduler.after(ms, "scene: smaller orders are taken again", () => {
          one.instrument = { ...one.instrument, notionalMin };
        });
      }
    },
    weather: around.weather,
    says(personId, name, text = "", on = undefined) {
      const person = crowd.cast.find((one) => one.personId === personId);
      const account = person?.accounts.find((one) => on === undefined || one.platform === on);
      if (person === undefined || account === undefined) throw new Error(`Nobody is called ${personId} there`);
      command(crowd, { person, account }, name, text);
    },
    atVenue(deed) {
      humanDoes(venue, market(), deed);
      venue.ticks += 1;
    },
    jump(share) {
      move(market(), venue.chanceOf("market"), venue.scheduler.now(), share);
      sweepMarket(venue, market());
      venue.ticks += 1;
    },
    liquidated: () => liquidate(venue, market()),
    resolved: () => resolve(venue, market()),
  };
}
