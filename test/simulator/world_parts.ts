/** What a world of one seed is made of before anything happens in it: venue, people, database, settings, and the oracle's view. */
import { createHash } from "node:crypto";
import type { Books } from "../../src/core/books.ts";
import type { Fact, Recorded } from "../../src/core/events.ts";
import type { HouseSettings } from "../../src/core/settings.ts";
import type { Chance, QuirkProfile, WorldView } from "./contract.ts";
import { climateOfScene, natureOf, settingsOfScene } from "./matrix/play.ts";
import type { Scene } from "./matrix/scene.ts";
import { openSimPeople } from "./people/sim_people.ts";
import type { SimProcess } from "./process.ts";
import { openScheduler, type World as Scheduler } from "./scheduler.ts";
import { type Climate, drawClimate, drawProfile, drawSettings } from "./seed_settings.ts";
import { openSimDatabase, type SimDatabase } from "./store/sim_database.ts";
import { openStory, type Story } from "./story.ts";
import { themeOf } from "./themes.ts";
import { openSimVenue } from "./venue/sim_venue.ts";

/** Friday, ten minutes before midnight, so that a run crosses into another day. */
const startsAt = Date.UTC(2026, 1, 6, 23, 50, 0);

export type Parts = {
  readonly scheduler: Scheduler;
  readonly climate: Climate;
  readonly story: Story;
  readonly database: SimDatabase;
  readonly venue: ReturnType<typeof openSimVenue>;
  readonly people: ReturnType<typeof openSimPeople>;
  readonly settings: HouseSettings;
  readonly facts: Recorded<Fact>[];
  readonly profile: QuirkProfile;
  /** Secrets that must never come out anywhere. */
  readonly canaries: readonly string[];
};

/** @param scene decides what otherwise is drawn; null = everything is drawn. */
export function openParts(seed: string, chance: Chance, scene: Scene | null = null): Parts {
  const scheduler = openScheduler(chance.fork("scheduler"), startsAt);
  const theme = themeOf(seed);
  const climate =
    scene === null ? drawClimate(chance.fork("climate"), { name: theme, now: scheduler.now }) : climateOfScene(scene);
  const story = openStory(() => scheduler.now(), startsAt);
  const profile = scene?.profile ?? drawProfile(chance.fork("profile"));
  const canaries = ["key", "secret", "passphrase", "token"].map((slot) => `canary-${slot}-${seed}-x7Q2`);
  const facts: Recorded<Fact>[] = [];
  const venue = openSimVenue({
    profile,
    scheduler,
    chance: chance.fork("venue"),
    weather: climate,
    onWire: (line) => story.tell("wire", line),
  });
  const people = openSimPeople({
    scheduler,
    chance: chance.fork("people"),
    weather: climate,
    canaries,
    approvalOf: (token) => approvalOfToken(facts, token),
    ...(scene === null ? {} : { nature: natureOf(scene) }),
  });
  const drawn = drawSettings(chance.fork("settings"), {
    venue: venue.definition.name,
    instruments: venue.instruments,
    people,
    seed,
    theme,
  });
  const symbols = venue.instruments.map((instrument) => instrument.symbol);
  const settings = scene === null ? drawn : settingsOfScene(scene, drawn, symbols);
  const database = openSimDatabase(scheduler);
  return { scheduler, climate, story, database, venue, people, settings, facts, profile, canaries };
}

export type View = { -readonly [Key in keyof WorldView]: WorldView[Key] };

/** Everything that the oracle may look at; what changes is read when it looks. */
export function openView(
  seed: string,
  { scheduler, database, venue, people, settings, facts, profile, canaries }: Parts,
  around: {
    readonly processes: readonly SimProcess[];
    readonly logged: readonly string[];
    readonly books: () => Books;
  },
): View {
  return {
    seed,
    step: 0,
    now: scheduler.now(),
    profile,
    settings,
    definition: venue.definition,
    get instruments() {
      return venue.instruments;
    },
    get books() {
      return around.books();
    },
    facts,
    durableAt: database.durableAt,
    rows: database.events,
    tableRows: (table) => database.tables().rows(table),
    venue: venue.truth,
    acts: people.acts,
    said: people.said,
    logged: around.logged,
    get processes() {
      return around.processes.map((process) => ({
        processId: process.processId,
        epoch: process.epoch,
        isAlive: process.life.isAlive(),
        isFrozen: process.life.isFrozen(),
        startedAt: process.startedAt,
        hasStore: !process.link.isCut(),
        clockErrorMs: process.clock.error(),
      }));
    },
    calmSince: null,
    canaries,
  };
}

/** The tokens of a prompt are on record, as hashes, before it leaves: the newest prompt with this one tells. */
function approvalOfToken(facts: readonly Recorded<Fact>[], token: string): string | null {
  const hash = createHash("sha256").update(token, "utf8").digest("hex");
  const prepared = facts.findLast(
    ({ fact }) => fact.type === "prompt_prepared" && fact.tokens.some((one) => one.hash === hash),
  );
  return prepared?.fact.type === "prompt_prepared" ? prepared.fact.approvalId : null;
}
