/** Tales about time: what I19 keeps, and every way in which a clock that was set, or a claim that is not true, breaks it. */
import type { Fact } from "../../../src/core/events.ts";
import type { Instant } from "../../../src/core/time.ts";
import { exitTriggered, fillOf } from "../../fixtures/facts.ts";
import { makeEntry } from "../../fixtures/intent.ts";
import { askAndDecide, entryName, openHouse, openTrade, send } from "./small_world.ts";
import { arm, type Case, confirmedFlatten, rewriteNewest, sticky, verifiedFlat } from "./tales.ts";

const [raised, confirmed] = confirmedFlatten as readonly [Fact, Fact];

export const timeTales: readonly Case[] = [
  {
    id: "I19",
    keeps(world) {
      openTrade(world);
      world.tell(sticky, raised);
      world.wait(31_000);
      world.tellAs("policy:flatten_on_silence", confirmed);
      world.wait(2_000);
      world.tell(verifiedFlat);
    },
    breaks: {
      "a fact names a moment that has not come": (world) => {
        openTrade(world);
        rewriteNewest(world, ({ wallAt, ...rest }) => ({ ...rest, wallAt: (wallAt + 3_600_000) as Instant }));
      },
      "a fill is dated in the future": (world) => {
        openHouse(world);
        askAndDecide(world);
        send(world, makeEntry());
        const fill = fillOf(entryName, { price: "87.5", quantity: "4.5" });
        world.tell({ ...fill, filledAt: (world.now() + 5_000) as Instant });
      },
      "silence is taken for a yes too soon": (world) => {
        openTrade(world);
        world.tell(raised);
        world.wait(10_000);
        world.tellAs("policy:flatten_on_silence", confirmed);
      },
      "two looks are called apart and are not": (world) => {
        openTrade(world);
        world.tell(raised, confirmed);
        world.wait(500);
        world.tell(verifiedFlat);
      },
      "the sweep is ended by a clock that was set": (world) => {
        openTrade(world);
        world.tell(raised, confirmed);
        world.wait(3_000);
        world.tell(verifiedFlat);
        world.wait(60_000);
        world.tell({ type: "flatten_step", procedureId: "kill-1", step: "halted", because: "test", left: [] });
      },
      "an order is called unanswered at once": (world) => {
        openHouse(world);
        askAndDecide(world);
        arm(world, entryName);
        world.tell({ type: "order_answer_lost", clientOrderId: entryName, because: "no answer within 5 s" });
      },
      "a cause is called gone for longer than its breaker stands": (world) => {
        openHouse(world);
        world.tell(sticky);
        world.wait(20_000);
        world.tell({ type: "breaker_half_opened", scope: "global", cause: "two_writers", clearMs: 60_000 });
      },
      "a young position is called bare for long": (world) => {
        openTrade(world);
        world.wait(2_000);
        world.tell({ ...exitTriggered("trade-1", "protection_failed"), note: "without a stop for 40 s" });
      },
      "an entry is stamped half a minute ahead": (world) => {
        openHouse(world);
        askAndDecide(world);
        arm(world, entryName, world.now() + 30_000);
      },
      "an entry is stamped in the past": (world) => {
        openHouse(world);
        askAndDecide(world);
        arm(world, entryName, world.now() - 30_000);
      },
    },
  },
];
