/** The life of a position: the table printed, the ranks of its exits, and that no story of facts ever leaves the table. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ExitReason,
  exitReasons,
  isOpenPosition,
  movePosition,
  outranks,
  type PositionState,
  positionEvents,
  positionStates,
  positionTable,
  strongestFact,
} from "../../src/core/position.ts";
import { arbitraryStory, tellAll } from "../fixtures/arbitrary_story.ts";
import { printMatrix, reachableFrom } from "../fixtures/print_matrix.ts";
import { storyStart } from "../fixtures/story.ts";

const after = (state: PositionState): readonly PositionState[] => Object.values(positionTable[state]);

test("the whole matrix: rows are states, columns what can happen, a dot is impossible", () => {
  const matrix = printMatrix(positionStates, positionEvents, (state, event) => positionTable[state][event] ?? ".");
  expect(`\n${matrix}\n`).toMatchInlineSnapshot(`
    "
                   filled         stop_hit       target_hit   time_over    exit_asked     exit_sent    back_to_stop   back_to_target back_to_expiry back_to_request back_to_watch all_gone
    entry          monitoring     .              .            .            exit_requested .            .              .              .              .               .             closed
    monitoring     monitoring     stop_triggered tp_triggered expiry       exit_requested exit_pending .              .              .              .               .             closed
    stop_triggered stop_triggered stop_triggered .            .            exit_requested exit_pending .              .              .              .               .             closed
    tp_triggered   tp_triggered   stop_triggered tp_triggered expiry       exit_requested exit_pending .              .              .              .               .             closed
    expiry         expiry         stop_triggered .            expiry       exit_requested exit_pending .              .              .              .               .             closed
    exit_requested exit_requested stop_triggered tp_triggered expiry       exit_requested exit_pending .              .              .              .               .             closed
    exit_pending   exit_pending   exit_pending   exit_pending exit_pending exit_pending   exit_pending stop_triggered tp_triggered   expiry         exit_requested  monitoring    closed
    residual       residual       residual       residual     residual     residual       exit_pending .              .              .              .               .             closed
    closed         residual       closed         closed       closed       closed         .            .              .              .              .               .             closed
    "
  `);
});

test("every state can be reached from entry, and a closed position only comes back as a residual", () => {
  expect([...reachableFrom<PositionState>("entry", after)].sort()).toEqual([...positionStates].sort());
  expect([...new Set(after("closed"))].sort()).toEqual(["closed", "residual"]);
  expect(positionStates.filter((state) => after(state).length === 0)).toEqual([]);
});

test("movePosition answers exactly what the table says, and names what is impossible", () => {
  for (const from of positionStates) {
    for (const event of positionEvents) {
      const to = positionTable[from][event];
      expect(movePosition(from, event)).toEqual(
        to === undefined ? { ok: false, problem: { from, event } } : { ok: true, value: to },
      );
    }
  }
});

test("a fill is never refused, whatever the state: money is a fact", () => {
  expect(positionStates.filter((state) => positionTable[state].filled === undefined)).toEqual([]);
  expect(positionStates.filter((state) => positionTable[state].all_gone !== "closed")).toEqual([]);
});

test("a position is open in every state but closed", () => {
  const at = (state: PositionState) => isOpenPosition({ state } as Parameters<typeof isOpenPosition>[0]);
  expect(positionStates.filter((state) => !at(state))).toEqual(["closed"]);
});

describe("reasons to leave", () => {
  test("highest first", () => {
    expect(exitReasons.join(" > ")).toMatchInlineSnapshot(
      `"emergency > kill_flatten > liquidated > external > protection_failed > stop > expiry > operator > target > signal > time"`,
    );
  });

  test("the strongest of all facts counts, and of two equal ones the first", () => {
    const reasons = fc.array(fc.constantFrom(...exitReasons), { maxLength: 8 });
    fc.assert(
      fc.property(reasons, (kinds) => {
        const facts = kinds.map((kind, index) => ({
          kind,
          observedPrice: null,
          at: storyStart,
          source: String(index),
        }));
        const strongest = strongestFact(facts);
        const best = exitReasons.find((reason) => kinds.includes(reason)) ?? null;
        expect(strongest?.kind ?? null).toBe(best);
        expect(strongest?.source ?? null).toBe(best === null ? null : String(kinds.indexOf(best)));
      }),
    );
  });

  test("outranks is a strict order", () => {
    const pairs = exitReasons.flatMap((left) =>
      exitReasons.map((right) => [left, right] as readonly [ExitReason, ExitReason]),
    );
    for (const [left, right] of pairs) {
      expect(outranks(left, right) && outranks(right, left)).toBe(false);
      expect(outranks(left, right) || outranks(right, left)).toBe(left !== right);
    }
  });
});

test("no story of facts moves a position past its table", () => {
  fc.assert(
    fc.property(arbitraryStory(), (steps) => {
      tellAll(steps, (before, next) => {
        for (const [id, position] of Object.entries(next.positions)) {
          const from = before.positions[id]?.state ?? "entry";
          if (from !== position.state) expect(after(from), `${from} to ${position.state}`).toContain(position.state);
        }
      });
    }),
    { numRuns: 300 },
  );
});
