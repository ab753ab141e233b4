/** Tales about money, the record, time and other people: for each invariant one that keeps its promise, and those that break it. */
import { plainCard } from "../../../src/core/card.ts";
import type { Fact } from "../../../src/core/events.ts";
import type { Instant } from "../../../src/core/time.ts";
import {
  accountOpened,
  closed,
  exitTriggered,
  fillOf,
  houseStarted,
  intended,
  requested,
  settledAs,
  terms,
} from "../../fixtures/facts.ts";
import { makeEntry } from "../../fixtures/intent.ts";
import { askAndDecide, entryName, nameFor, nameOf, openHouse, openTrade, sell, send } from "./small_world.ts";

import {
  arm,
  type Case,
  chained,
  exit,
  level,
  protection,
  reset,
  said,
  sellUnseen,
  soldWell,
  sticky,
  unanswered,
  waitSteps,
} from "./tales.ts";

const refusedCard: Fact = {
  type: "card_queued",
  cardId: "card-1",
  chat: { platform: "telegram", chatId: "100", userId: "100" } as never,
  severity: "warning",
  alert: "exit_refused",
  foldKey: "trade-2",
  card: plainCard("warning", "The venue refuses a sale"),
};
const refusedSale: Fact = {
  type: "order_rejected",
  clientOrderId: nameFor(exit),
  code: "1",
  message: "no",
  reason: "other",
};

export const houseTales: readonly Case[] = [
  {
    id: "I13",
    keeps(world) {
      soldWell(world);
      const pnl = fillOf(entryName, { price: "1", quantity: "1", fee: "4.5" }).fee;
      world.tell(closed("trade-1", { pnl }));
    },
    breaks: {
      "a fill is recorded at another price": (world) => {
        openHouse(world);
        askAndDecide(world);
        send(world, makeEntry());
        world.fill(entryName, { price: "87.5", quantity: "4.5", id: "f1" });
        world.tell(fillOf(entryName, { price: "87.4", quantity: "4.5", id: "f1" }));
      },
      "the books count a fee twice": (world) => {
        openTrade(world);
        const { house } = world.view.books;
        if (house.account === null) throw new Error("The account was not opened");
        const deltas = { ...house.account.deltas, USDT: fillOf("x", { price: "1", quantity: "1", fee: "-400" }).fee };
        world.view.books = { ...world.view.books, house: { ...house, account: { ...house.account, deltas } } };
        world.finish();
      },
      "a profit out of nothing": (world) => {
        soldWell(world);
        world.tell(closed("trade-1"));
      },
      "money vanishes at the venue": (world) => {
        openHouse(world);
        world.fill(entryName, { price: "87.5", quantity: "4.5" });
        world.finish();
      },
    },
  },
  {
    id: "I14",
    keeps: openTrade,
    breaks: {
      "a float on the wire": (world) => world.create(entryName, makeEntry(), { quantity: "4.500000000000001" }),
      "an exponent on the wire": (world) => world.create(entryName, makeEntry(), { quantity: "1e-7" }),
      "a price between two ticks": (world) => world.create(entryName, makeEntry(), { price: "87.575" }),
      "a number on record": (world) => {
        openHouse(world);
        world.tell({ ...accountOpened("10"), equity: 10 as never });
      },
    },
  },
  {
    id: "I15",
    keeps: soldWell,
    breaks: {
      "an order is acknowledged before it was sent": (world) => {
        openHouse(world);
        askAndDecide(world);
        world.tell({ type: "order_acknowledged", clientOrderId: entryName, venueOrderId: "v", latencyMs: 1 });
      },
      "an approval that was declined is approved": (world) => {
        openHouse(world);
        world.tell(requested(), settledAs("declined"), settledAs("approved", { from: "declined" }));
      },
      "a level changes from where it was not": (world) => {
        openHouse(world);
        world.tell(level("pause", "none"));
      },
      "the books hold another state": (world) => {
        openTrade(world);
        sell(world, protection);
        const order = world.view.books.orders[nameFor(protection)];
        if (order === undefined) throw new Error("The stop was not sent");
        sellUnseen(world, () => {
          world.view.books = { ...world.view.books, orders: { [order.clientOrderId]: { ...order, state: "filled" } } };
        });
      },
    },
  },
  {
    id: "I16",
    keeps(world) {
      chained(world);
      world.finish();
    },
    breaks: {
      "a row was changed afterwards": (world) => {
        chained(world, (row) => (row.seq === 3 ? { ...row, actor: "mallory" } : row));
        world.step();
      },
      "the books are not what the facts fold to": (world) => {
        openTrade(world);
        world.view.books = { ...world.view.books, positions: {} };
        world.finish();
      },
      "a table lacks a row": (world) => {
        openTrade(world);
        world.view.tableRows = () => [];
        world.finish();
      },
      "one row stands for two cancels": (world) => {
        openTrade(world);
        sell(world, protection);
        const clientOrderId = nameFor(protection);
        world.tell({ type: "order_cancel_requested", clientOrderId, because: "test" });
        world.cancel(`venue ${clientOrderId}`);
        world.cancel(`venue ${clientOrderId}`);
      },
      "a cancel leaves long after its row": (world) => {
        openTrade(world);
        sell(world, protection);
        const clientOrderId = nameFor(protection);
        world.tell({ type: "order_cancel_requested", clientOrderId, because: "test" });
        world.wait(70_000);
        world.cancel(`venue ${clientOrderId}`);
      },
      "an order that the record does not know is canceled without a row": (world) => {
        openHouse(world);
        world.cancel("v-lost", { clientOrderId: nameOf("lost") });
      },
      "a cancel that nobody wished": (world) => {
        openTrade(world);
        world.cancel(`venue ${entryName}`);
      },
    },
  },
  {
    id: "I17",
    keeps: soldWell,
    breaks: {
      "a level is lowered twice by one command, behind a tap on an entry": (world) => {
        openTrade(world);
        world.act({ act: "command", what: "/resume why", approvalId: null, verb: null });
        for (let times = 0; times < 2; times += 1) {
          world.tell(level("none", "pause"));
          world.tellAs("person:ana", level("pause", "none"));
        }
      },
      "a message is taken in twice": (world) => {
        openHouse(world);
        const heard = { type: "message_received", eventKeys: ["telegram:1"], payload: "{}" } as const;
        world.tell({ ...heard, inboxId: "in1" }, { ...heard, inboxId: "in2" });
      },
      "a fill is recorded twice": (world) => {
        openTrade(world);
        world.tell(fillOf(entryName, { price: "87.5", quantity: "4.5" }));
      },
      "a signal leads to two entries": (world) => {
        openTrade(world);
        world.tell(intended(nameOf("again"), makeEntry({ tradeId: "trade-3" })));
      },
    },
  },
  {
    id: "I18",
    keeps(world) {
      unanswered(world);
      world.finish();
    },
    breaks: {
      "the books have forgotten what is due": (world) => {
        unanswered(world);
        world.view.books = { ...world.view.books, orders: {} };
        world.finish();
      },
      "something due is never done": (world) => {
        openHouse(world);
        world.tell({ type: "message_received", inboxId: "in1", eventKeys: ["telegram:1"], payload: "{}" });
        world.calm();
        world.wait(40_000);
        world.finish();
      },
    },
  },
  {
    id: "I20",
    keeps: openTrade,
    breaks: {
      "a house that is not ready decides": (world) => {
        world.tell(houseStarted, accountOpened("10000"));
        askAndDecide(world);
      },
      "the quote grew old": (world) => {
        openHouse(world);
        askAndDecide(world);
        world.wait(16_000);
        arm(world, entryName);
      },
      "a candle of the future": (world) => {
        openHouse(world);
        world.tell({
          type: "signal_raised",
          signalId: "s",
          strategy: "ema_trend",
          instrumentId: "kucoin:SOL/USDT",
          direction: "long",
          strength: terms.strength,
          because: "test",
          price: terms.quotedPrice,
          candleAt: world.now() as Instant,
          viewDigest: "d",
        });
      },
    },
  },
  {
    id: "I21",
    keeps(world) {
      openHouse(world);
      world.tell(sticky, { ...houseStarted, epoch: 8 });
      world.tellAs("person:ana", reset);
    },
    breaks: {
      "a viewer closed it": (world) => {
        openHouse(world);
        world.tell(sticky);
        world.tellAs("person:vic", reset);
      },
      "one person resets it for the fourth time within a day": (world) => {
        openHouse(world);
        for (let times = 0; times < 4; times += 1) {
          world.wait(60_000);
          world.tell(sticky);
          world.tellAs("person:ana", reset);
        }
      },
      "nobody closed it": (world) => {
        openHouse(world);
        world.tell(sticky, reset);
      },
      "an entry is armed under it": (world) => {
        openHouse(world);
        askAndDecide(world);
        world.tell(sticky);
        arm(world, entryName);
      },
      "a restart forgets it": (world) => {
        openHouse(world);
        world.tell(sticky);
        world.view.books = { ...world.view.books, house: { ...world.view.books.house, breakers: {} } };
        sellUnseen(world);
      },
    },
  },
  {
    id: "I22",
    keeps(world) {
      soldWell(world);
      world.calm();
      waitSteps(world, 70);
    },
    breaks: {
      "a refused sale is told of another trade only": (world) => {
        openTrade(world);
        world.tell(exitTriggered("trade-1", "operator"), refusedCard);
        world.tell(intended(nameFor(exit), exit, { exitReason: "operator" }));
        arm(world, nameFor(exit));
        world.tell(refusedSale);
        world.calm();
        waitSteps(world, 70);
      },
      "an exit never comes": (world) => {
        openTrade(world);
        world.tell(exitTriggered("trade-1", "operator"));
        world.calm();
        waitSteps(world, 70);
      },
    },
  },
  {
    id: "I23",
    keeps(world) {
      unanswered(world);
      world.calm();
      world.wait(500_000);
    },
    breaks: {
      "a doubt stays for ever": (world) => {
        unanswered(world);
        world.calm();
        world.wait(700_000);
      },
    },
  },
  {
    id: "I24",
    keeps: openTrade,
    breaks: {
      "a card tells it": (world) => said(world, { said: ["your key is canary-secret-1."] }),
      "a log line tells it": (world) => said(world, { logged: ["key=canary-secret-1"] }),
      "a fact keeps it": (world) =>
        world.tell({ type: "house_stopped", because: "canary-secret-1", openPositions: [] }),
    },
  },
  {
    id: "I25",
    keeps: openTrade,
    breaks: {
      "somebody else's order is canceled": (world) => {
        world.order("v-human", { owner: "human" });
        world.cancel("v-human", { verdict: "refused" });
      },
      "somebody else's fill is booked": (world) => {
        openHouse(world);
        askAndDecide(world);
        send(world, makeEntry());
        world.order("venue stranger", { owner: "human" });
        world.fill("stranger", { price: "87.5", quantity: "4.5", id: "f1" });
        world.tell(fillOf(entryName, { price: "87.5", quantity: "4.5", id: "f1" }));
      },
    },
  },
];
