/** Tales about who may, how much, and whether at all: for each invariant one that keeps its promise, and those that break it. */
import { quantity } from "../../../src/core/money.ts";
import type { Instant } from "../../../src/core/time.ts";
import { closed, fillOf, houseStarted, intended, requested, settledAs, vote } from "../../fixtures/facts.ts";
import { limitAt, makeEntry } from "../../fixtures/intent.ts";
import {
  askAndDecide,
  digestIn,
  entryName,
  nameFor,
  nameOf,
  openHouse,
  openTrade,
  sell,
  settings,
} from "./small_world.ts";

import {
  absent,
  arm,
  type Case,
  confirmedFlatten,
  exit,
  flattenConfirmed,
  level,
  second,
  unanswered,
  verifiedFlat,
  waitSteps,
} from "./tales.ts";

export const consentTales: readonly Case[] = [
  {
    id: "I08",
    keeps(world) {
      openTrade(world);
      world.tell({ ...houseStarted, epoch: 8 });
    },
    breaks: {
      "an epoch comes again": (world) => {
        openHouse(world);
        world.tell(houseStarted);
      },
      "two processes hold one epoch": (world) => {
        openHouse(world);
        world.process({ processId: "p2" });
        world.step();
      },
      "a fact is missing": (world) => {
        openHouse(world);
        const facts = world.view.facts;
        world.view.facts = [facts[0], facts[2]].flatMap((fact) => fact ?? []);
        world.step();
      },
    },
  },
  {
    id: "I09",
    keeps(world) {
      openHouse(world);
      askAndDecide(world);
      arm(world, entryName);
      world.tell(level("none", "pause"));
      world.wait(400);
      world.create(entryName, makeEntry());
      world.fill(entryName, { price: "87.5", quantity: "4.5" });
      world.tell(fillOf(entryName, { price: "87.5", quantity: "4.5" }), level("pause", "flatten"), ...confirmedFlatten);
      sell(world, exit);
      world.fill(nameFor(exit), { price: "88.5", quantity: "4.5", side: "sell" });
      world.tell(fillOf(nameFor(exit), { price: "88.5", quantity: "4.5" }), closed("trade-1"), verifiedFlat);
      world.calm();
      waitSteps(world, 60);
    },
    breaks: {
      "an entry is armed at pause": (world) => {
        openHouse(world);
        askAndDecide(world);
        world.tell(level("none", "pause"));
        arm(world, entryName);
      },
      "an entry arrives long after the halt": (world) => {
        openHouse(world);
        askAndDecide(world);
        arm(world, entryName);
        world.tell(level("none", "pause"));
        world.wait(9_000);
        world.create(entryName, makeEntry());
      },
      "verified flat is told while a trade is held": (world) => {
        openTrade(world);
        world.tell(...flattenConfirmed, verifiedFlat);
      },
      "verified flat is told while an order of ours works that was there before the looks": (world) => {
        openHouse(world);
        world.order("v-lost", { clientOrderId: nameOf("lost"), side: "buy" });
        world.tell(...flattenConfirmed);
        world.wait(20_000);
        world.tell(verifiedFlat);
      },
      "verified flat stays on record when the venue shows a late purchase": (world) => {
        unanswered(world);
        world.tell(absent, ...flattenConfirmed, verifiedFlat);
        world.wait(20_000);
        world.fill(entryName, { price: "87.5", quantity: "4.5" });
        world.calm();
        waitSteps(world, 40);
      },
      "a confirmed sale of everything never ends": (world) => {
        openTrade(world);
        world.tell(...flattenConfirmed);
        world.calm();
        waitSteps(world, 200);
      },
      "the level is raised and no procedure begins": (world) => {
        openHouse(world);
        world.tell(level("none", "flatten"));
        world.calm();
        waitSteps(world, 200);
      },
      "the level is forgotten": (world) => {
        openHouse(world);
        world.tell(level("none", "pause"));
        world.view.books = { ...world.view.books, house: { ...world.view.books.house, level: "none" } };
        world.step();
      },
    },
  },
  {
    id: "I10",
    keeps: openTrade,
    breaks: {
      "an entry is decided without knowing what is free": (world) => {
        openHouse(world);
        const evidence = { equity: "10000", freeQuote: "unknown", notional: "393.75", quotedPrice: "87.5" };
        world.tell({ type: "intent_cleared", intentId: "intent-1", approvalId: "apr-1", digest: "d", evidence });
      },
      "two trades in one instrument": (world) => {
        unanswered(world);
        world.wait(61_000);
        askAndDecide(world, second, "apr-2");
        arm(world, nameFor(second));
      },
      "an order is too large": (world) => {
        openHouse(world);
        const large = makeEntry({ quantity: quantity("45") });
        askAndDecide(world, large);
        arm(world, nameFor(large));
      },
    },
  },
  {
    id: "I11",
    keeps: openTrade,
    breaks: {
      "an entry without an approval": (world) => {
        openHouse(world);
        world.tell(intended(entryName, makeEntry()));
      },
      "an approval is used twice": (world) => {
        openTrade(world);
        const again = makeEntry({ attempt: 2 });
        world.tell(
          intended(nameOf("again"), again, { digest: digestIn(again), approvalId: "apr-1", approvalVersion: 1 }),
        );
      },
      "another order than the approved one": (world) => {
        openHouse(world);
        const other = makeEntry({ shape: limitAt("88") });
        const digest = digestIn(makeEntry());
        world.tell(requested({ digest }));
        world.act({});
        world.tell(vote("ana", { digest }), settledAs("approved"), settledAs("executing", { from: "approved" }));
        world.tell(intended(entryName, other, { digest, approvalId: "apr-1", approvalVersion: 1 }));
      },
      "a tap that nobody made": (world) => {
        openHouse(world);
        world.tell(requested({ digest: digestIn(makeEntry()) }), vote("ana", { digest: digestIn(makeEntry()) }));
      },
      "a viewer decides": (world) => {
        openHouse(world);
        world.act({ personId: "vic" });
        world.tell(requested({ digest: digestIn(makeEntry()) }), vote("vic", { digest: digestIn(makeEntry()) }));
      },
      "it had expired": (world) => {
        openHouse(world);
        const digest = digestIn(makeEntry());
        world.tell(requested({ digest }));
        world.wait(301_000);
        world.act({});
        world.tell(vote("ana", { digest }), settledAs("approved", { at: world.now() as Instant }));
      },
      "its deadline of execution had passed": (world) => {
        openHouse(world);
        const digest = digestIn(makeEntry());
        world.tell(requested({ digest }));
        world.act({});
        world.tell(vote("ana", { digest }), settledAs("approved"));
        world.wait(11_000);
        world.tell(settledAs("executing", { from: "approved" }));
        world.tell(intended(entryName, makeEntry(), { digest, approvalId: "apr-1", approvalVersion: 1 }));
      },
      "the digest is of another order": (world) => {
        openHouse(world);
        world.tell(requested({ digest: digestIn(second) }));
      },
    },
  },
  {
    id: "I12",
    keeps: openTrade,
    breaks: {
      "a rehearsal writes": (world) => {
        world.view.settings = { ...settings, mode: "dry_run" };
        world.create(nameOf("ghost"), makeEntry());
      },
      "an order of another mode": (world) => world.tell(intended("xcsl7zentry", makeEntry({ mode: "live" }))),
    },
  },
];
