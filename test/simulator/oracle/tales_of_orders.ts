/** Tales about orders and what they make of a position: for each invariant one that keeps its promise, and those that break it. */
import { quantity } from "../../../src/core/money.ts";
import { ended, exitTriggered, fillOf, houseStarted, intended } from "../../fixtures/facts.ts";
import { makeEntry, makeExit, makeProtection } from "../../fixtures/intent.ts";
import { askAndDecide, digestIn, entryName, nameFor, nameOf, openHouse, openTrade, sell, send } from "./small_world.ts";

import {
  absent,
  arm,
  type Case,
  exit,
  lost,
  probed,
  protection,
  sellUnseen,
  soldWell,
  unanswered,
  waitSteps,
} from "./tales.ts";

export const ordersTales: readonly Case[] = [
  {
    id: "I01",
    keeps: openTrade,
    breaks: {
      "one name is sent twice": (world) => {
        openTrade(world);
        world.create(entryName, makeEntry(), { verdict: "duplicate" });
      },
      "two names stand for one consent": (world) => {
        openHouse(world);
        askAndDecide(world);
        send(world, makeEntry());
        world.tell(
          intended(nameOf("again"), makeEntry({ attempt: 2 }), { digest: digestIn(makeEntry()), approvalId: "apr-1" }),
        );
        world.create(nameOf("again"), makeEntry());
      },
      "more is filled than was approved": (world) => {
        openTrade(world);
        world.fill(entryName, { price: "87.5", quantity: "0.1" });
      },
    },
  },
  {
    id: "I02",
    keeps: openTrade,
    breaks: {
      "an order without a record arrives": (world) => world.create(nameOf("ghost"), makeEntry()),
      "it was decided but not armed": (world) => {
        openHouse(world);
        askAndDecide(world);
        world.create(entryName, makeEntry());
      },
      "the wire says another digit": (world) => {
        openHouse(world);
        askAndDecide(world);
        send(world, makeEntry(), { quantity: "4.50" });
      },
    },
  },
  {
    id: "I03",
    keeps(world) {
      unanswered(world);
      world.wait(15_000);
      for (let look = 0; look < 3; look += 1) {
        world.tell(probed(entryName));
        world.wait(5_000);
      }
      world.tell(absent);
    },
    breaks: {
      "one look is enough": (world) => {
        unanswered(world);
        world.wait(30_000);
        world.tell(probed(entryName), absent);
      },
      "looks count before it could no longer arrive": (world) => {
        unanswered(world);
        for (let look = 0; look < 3; look += 1) {
          world.wait(5_000);
          world.tell(probed(entryName));
        }
        world.tell(absent);
      },
      "one list is enough": (world) => {
        unanswered(world);
        world.wait(15_000);
        for (let look = 0; look < 3; look += 1) {
          world.tell(probed(entryName, ["by_client_id"]));
          world.wait(5_000);
        }
        world.tell(absent);
      },
      "it is called refused while it works": (world) => {
        openHouse(world);
        askAndDecide(world);
        send(world, makeEntry());
        world.tell({ type: "order_rejected", clientOrderId: entryName, code: "1", message: "no", reason: "other" });
      },
      "a cancel that was only taken counts as done": (world) => {
        openTrade(world);
        sell(world, protection);
        world.tell({ type: "order_cancel_requested", clientOrderId: nameFor(protection), because: "test" });
        world.tell(ended(nameFor(protection)));
      },
      "it comes to life after its end": (world) => {
        unanswered(world);
        world.tell({ type: "order_not_sent", clientOrderId: entryName, because: "test", retryAfterMs: null });
        world.wait(1_000);
        world.create(entryName, makeEntry());
      },
    },
  },
  {
    id: "I04",
    keeps(world) {
      openTrade(world);
      world.calm();
      world.wait(40_000);
      world.finish();
    },
    breaks: {
      "the books hold another quantity than the fills": (world) => {
        openTrade(world);
        const position = world.view.books.positions["trade-1"];
        if (position === undefined) throw new Error("The trade was not opened");
        world.view.books = { ...world.view.books, positions: { "trade-1": { ...position, quantity: quantity("9") } } };
        // Any news of the trade makes it be looked at again; it is told to the facts only.
        const kept = world.view.books;
        world.tell(exitTriggered("trade-1", "time"));
        world.view.books = kept;
        sellUnseen(world);
      },
      "a fill is invented": (world) => {
        openHouse(world);
        askAndDecide(world);
        send(world, makeEntry());
        world.tell(fillOf(entryName, { price: "87.5", quantity: "4.5" }));
      },
      "a fill is never learned of": (world) => {
        openHouse(world);
        askAndDecide(world);
        send(world, makeEntry());
        world.fill(entryName, { price: "87.5", quantity: "4.5" });
        world.calm();
        world.wait(40_000);
        world.finish();
      },
    },
  },
  {
    id: "I05",
    keeps(world) {
      openTrade(world);
      world.wait(3_000);
      sell(world, protection);
      world.wait(60_000);
    },
    breaks: {
      "no stop is placed": (world) => {
        openTrade(world);
        waitSteps(world, 15);
      },
      "somebody took the stop away": (world) => {
        openTrade(world);
        sell(world, protection);
        world.wait(1_000);
        world.order(`venue ${nameFor(protection)}`, { isLive: false });
        waitSteps(world, 15);
      },
      "the stop covers half of it": (world) => {
        openTrade(world);
        sell(world, makeProtection({ quantity: quantity("2") }));
        waitSteps(world, 15);
      },
    },
  },
  {
    id: "I06",
    keeps: soldWell,
    breaks: {
      "a sale is sent while the stop works": (world) => {
        openTrade(world);
        sell(world, protection);
        world.tell(exitTriggered("trade-1", "operator"));
        sell(world, exit, "operator");
      },
      "a second sale while the first is unknown": (world) => {
        openTrade(world);
        world.tell(exitTriggered("trade-1", "operator"));
        world.tell(intended(nameFor(exit), exit, { exitReason: "operator" }));
        arm(world, nameFor(exit));
        world.tell(lost(nameFor(exit)));
        sell(world, makeExit({ attempt: 2 }), "operator");
      },
      "more is sold than is held": (world) => {
        openTrade(world);
        world.tell(exitTriggered("trade-1", "operator"));
        sell(world, makeExit({ quantity: quantity("5") }), "operator");
      },
      "the weaker reason sells": (world) => {
        openTrade(world);
        world.tell(exitTriggered("trade-1", "operator"), exitTriggered("trade-1", "stop"));
        world.wait(2_000);
        sell(world, exit, "operator");
      },
    },
  },
  {
    id: "I07",
    keeps: openTrade,
    breaks: {
      "a deposed process writes": (world) => {
        openHouse(world);
        askAndDecide(world);
        arm(world, entryName);
        world.process({ processId: "p2", epoch: 8 });
        world.tell({ ...houseStarted, epoch: 8 }, { type: "house_ready", openPositions: 0 });
        world.wait(1_000);
        world.create(entryName, makeEntry());
      },
      "a deposed process writes after the quarantine of one that never got ready": (world) => {
        openHouse(world);
        askAndDecide(world);
        arm(world, entryName);
        world.process({ processId: "p2", epoch: 8 });
        const takeover = { kind: "lease_ran_out", from: "p1", quarantineMs: 14_500 };
        world.tell({ ...houseStarted, epoch: 8, takeover });
        world.wait(17_000);
        world.create(entryName, makeEntry());
      },
    },
  },
];
