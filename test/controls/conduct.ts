/** Controls of conduct: who may do what, how a change gets in, what is tried before it runs. */
import { type Control, procedure, tested, written } from "./control.ts";

const page = "test/controls/README.md";

export const conductControls: readonly Control[] = [
  {
    id: "L13",
    source: "RTS 6 12(3), 16",
    rule: "attribution of every order",
    ours: "strategy, signal, approvers, configuration and epoch are in the facts of each order, the epoch also in its name at the venue",
    evidence: [tested("V54", "P09"), written("src/core/client_order_id.ts", "epoch")],
  },
  {
    id: "L14",
    source: "RTS 6 13",
    rule: "surveillance for manipulation",
    ours: "one position an instrument and never both sides at once; an exit that meets an own order takes that one back first",
    evidence: [tested("V49")],
  },
  {
    id: "L15",
    source: "RTS 6 14(2)",
    rule: "continuity",
    ours: "restart and restore are tried in every run; a file with positions, stops and venue is written each minute",
    evidence: [procedure(page, "When this machine is lost"), tested("P11", "X17")],
  },
  {
    id: "L21",
    source: "RTS 6 18",
    rule: "access of persons",
    ours: "roles, one-time linking, refusals on record, the same authorisation on every surface",
    evidence: [tested("M01", "M02", "M10", "M11")],
  },
  {
    id: "L22",
    source: "RTS 6 6",
    rule: "conformance test per venue",
    ours: "one contract suite for every venue, run against the strict practice exchange at every change",
    evidence: [
      written("test/venues/kucoin_contract.test.ts", "contract"),
      procedure(page, "A venue for the first time"),
    ],
  },
  {
    id: "L23",
    source: "RTS 6 7",
    rule: "test and production apart",
    ours: "the mode is in every key, name and digest; a host guard per mode; keys are bound to their account",
    evidence: [tested("O06", "O07")],
  },
  {
    id: "L24",
    source: "RTS 6 9",
    rule: "self-assessment",
    ours: "this table, printed with evidence by one command",
    evidence: [written("package.json", "self-assessment"), procedure(page, "Before a release")],
  },
  {
    id: "L25",
    source: "RTS 6 10",
    rule: "stress at twice the highest load",
    ours: "thousands of facts a second where a busy day brings a few; measured by npm run bench",
    evidence: [written("bench/README.md", "facts a second"), tested("S03")],
  },
  {
    id: "L26",
    source: "RTS 6 11",
    rule: "review of material changes",
    ours: "another configuration hash asks for a new arming; open questions of before are asked anew",
    evidence: [tested("G04"), procedure(page, "A new version or another setting")],
  },
  {
    id: "L27",
    source: "RTS 6 5",
    rule: "an authorised person deploys",
    ours: "LIVE starts only with the typed phrase for exactly this venue, account, key and configuration",
    evidence: [tested("O06"), written("src/core/live_start.ts", "YES I AM SURE")],
  },
  {
    id: "L32",
    source: "15c3-5(c)(2)(iii)",
    rule: "access for authorised persons and accounts only",
    ours: "a key that can withdraw or belongs to another account is refused, at start and every hour",
    evidence: [tested("V51", "M10", "O07")],
  },
  {
    id: "L34",
    source: "15c3-5(d)",
    rule: "controls under direct and exclusive control",
    ours: "no bypass flag; limits change through settings or facts with actor and reason; strategies can't import a venue",
    evidence: [tested("G07"), written("test/house/dependency_rules.cjs", "leaves-are-pure")],
  },
  {
    id: "L35",
    source: "15c3-5(e)",
    rule: "yearly review and certification",
    ours: "the operator signs the printed table; the signature is a fact",
    evidence: [procedure(page, "Once a year")],
  },
];
