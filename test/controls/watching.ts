/** Controls while it runs: kill switch, watching, comparing, telling. */
import { type Control, procedure, tested, written } from "./control.ts";

const page = "test/controls/README.md";

export const watchControls: readonly Control[] = [
  {
    id: "L12",
    source: "RTS 6 12(1)-(3)",
    rule: "cancel any or all orders in one decision",
    ours: "three levels, one command each, also without chat, queue and database",
    evidence: [tested("O01", "X17", "P01")],
  },
  {
    id: "L16",
    source: "RTS 6 16(1)-(4)",
    rule: "monitoring by somebody independent",
    ours: "promises are held against books, venue and clocks each second by code that no strategy touches",
    evidence: [written("src/assertions/index.ts", "AssertionDefinition"), tested("O11")],
  },
  {
    id: "L17",
    source: "RTS 6 16(5)",
    rule: "alerts within 5 s",
    ours: "an alert is written in the transaction of its fact and delivered by a loop of one second",
    evidence: [tested("H08", "H11")],
  },
  {
    id: "L18",
    source: "RTS 6 17(1)",
    rule: "continuous post-trade control",
    ours: "breakers act by themselves; what a person must decide stays open until he has",
    evidence: [tested("O10", "V32")],
  },
  {
    id: "L19",
    source: "RTS 6 17(3)",
    rule: "own records against the venue's, in real time",
    ours: "a plan of 26 rows every 10 s; what can't be read ages and stops entries",
    evidence: [tested("V14", "V54", "V56")],
  },
  {
    id: "L33",
    source: "15c3-5(c)(2)(iv)",
    rule: "immediate execution reports",
    ours: "each fill is told through the outbox, kept until a chat has it",
    evidence: [tested("H11")],
  },
  {
    id: "L36",
    source: "FIA 2015 1.11",
    rule: "a kill switch apart from the trading application",
    ours: "Emergency is its own small process that reads the venue's truth",
    evidence: [tested("P01"), written("src/emergency/README.md", /journal/i)],
  },
  {
    id: "L37",
    source: "FIA 2024",
    rule: "drop copy and error-trade policy",
    ours: "fills are read back from the venue and compared; what is wrong after all has a procedure",
    evidence: [tested("V21", "V22"), procedure(page, "A trade that should not have been")],
  },
  {
    id: "L40",
    source: "Knight, Rel. 70694",
    rule: "orders out against orders meant, one version everywhere",
    ours: "one order per approved version, counted each second; a process of another configuration can't hold the epoch",
    evidence: [tested("R07", "H02"), written("src/assertions/index.ts", "signalToOrderMapping")],
  },
];
