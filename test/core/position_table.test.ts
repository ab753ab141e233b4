/** The life of a position: the table printed, the ranks of its exits, and that no story of facts ever leaves the table. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ExitReason,
  exitReasons,
  isOpenPosition,
  outranks,
  type PositionState,
  positionStates,
  positionTable,
  strongestFact,
} from "../../src/core/position.ts";
import { arbitraryStory, tellAll } from "../fixtures/arbitrary_story.ts";
import { printMatrix, reachableFrom } from "../fixtures/print_matrix.ts";
import { storyStart } from "../fixtures/story.ts";

test("the whole matrix: from the row to the column", () => {
  const matrix = printMatrix(positionStates, positionStates, (from, to) =>
    positionTable[from].includes(to) ? "x" : ".",
  );
  expect(`\n${matrix}\n`).toMatchInlineSnapshot(`
    "
                   entry monitoring stop_triggered tp_triggered expiry exit_requested exit_pending residual closed
    entry          .     x          .              .            .      x              .            .        x
    monitoring     .     .          x              x            x      x              x            .        x
    stop_triggered .     .          .              .            .      x              x            .        x
    tp_triggered   .     .          x              .            x      x              x            .        x
    expiry         .     .          x              .            .      x              x            .        x
    exit_requested .     .          x              x            x      .              x            .        x
    exit_pending   .     .          x              x            x      x              .            .        x
    residual       .     .          .              .            .      .              x            .        x
    closed         .     .          .              .            .      .              .            x        .
    "
  `);
});

test("every state can be reached from entry, and a closed position only comes back as a residual", () => {
  expect([...reachableFrom<PositionState>("entry", (state) => positionTable[state])].sort()).toEqual(
    [...positionStates].sort(),
  );
  expect(positionTable.closed).toEqual(["residual"]);
  expect(positionStates.filter((state) => positionTable[state].length === 0)).toEqual([]);
});

test("a position is open in every state but closed", () => {
  const at = (state: PositionState) => isOpenPosition({ state } as Parameters<typeof isOpenPosition>[0]);
  expect(positionStates.filter((state) => !at(state))).toEqual(["closed"]);
});

describe("reasons to leave", () => {
  test("highest first", () => {
    expect(exitReasons.join(" > ")).toMatchInlineSnapshot(
      `"emergency > kill_flatten > external > protection_failed > stop > expiry > operator > target > signal > time"`,
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
      tellAll(steps, (before, after) => {
        for (const [id, position] of Object.entries(after.positions)) {
          const from = before.positions[id]?.state ?? "entry";
          if (from !== position.state)
            expect(positionTable[from], `${from} to ${position.state}`).toContain(position.state);
        }
      });
    }),
    { numRuns: 300 },
  );
});
