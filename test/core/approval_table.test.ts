/** The life of an approval: the table printed, and what a settled one in the books keeps. */
import { describe, expect, test } from "vitest";
import { type ApprovalState, approvalStates, approvalTable, isClosed, isOpen } from "../../src/core/approval.ts";
import { addMs } from "../../src/core/time.ts";
import { requested, revised, settledAs, vote } from "../fixtures/facts.ts";
import { printMatrix, reachableFrom } from "../fixtures/print_matrix.ts";
import { startStory, storyStart } from "../fixtures/story.ts";

test("the whole matrix: from the row to the column", () => {
  const matrix = printMatrix(approvalStates, approvalStates, (from, to) =>
    approvalTable[from].includes(to) ? "x" : ".",
  );
  expect(`\n${matrix}\n`).toMatchInlineSnapshot(`
    "
                 pending approved executing executed exec_failed exec_unknown declined expired canceled superseded invalidated
    pending      .       x        .         .        .           .            x        x       x        x          x
    approved     .       .        x         .        .           .            .        .       x        .          x
    executing    .       .        .         x        x           x            .        .       .        .          .
    executed     .       .        .         .        .           .            .        .       .        .          .
    exec_failed  .       .        .         .        .           .            .        .       .        .          .
    exec_unknown .       .        .         x        x           .            .        .       .        .          .
    declined     .       .        .         .        .           .            .        .       .        .          .
    expired      .       .        .         .        .           .            .        .       .        .          .
    canceled     .       .        .         .        .           .            .        .       .        .          .
    superseded   .       .        .         .        .           .            .        .       .        .          .
    invalidated  .       .        .         .        .           .            .        .       .        .          .
    "
  `);
});

test("every state can be reached from pending; what is closed never moves again", () => {
  expect([...reachableFrom<ApprovalState>("pending", (state) => approvalTable[state])].sort()).toEqual(
    [...approvalStates].sort(),
  );
  expect(approvalStates.filter((state) => approvalTable[state].length === 0)).toEqual(approvalStates.filter(isClosed));
});

test("open, committed, closed", () => {
  expect(approvalStates.filter(isOpen)).toEqual(["pending"]);
  expect(approvalStates.filter((state) => !isOpen(state) && !isClosed(state))).toEqual([
    "approved",
    "executing",
    "exec_unknown",
  ]);
});

test("nothing is executed without a decision, and nothing leads back to sending", () => {
  expect(approvalStates.filter((state) => approvalTable[state].includes("executing"))).toEqual(["approved"]);
  expect(approvalTable.exec_unknown).toEqual(["executed", "exec_failed"]);
});

describe("in the books", () => {
  const asked = () => {
    const story = startStory();
    story.tell(requested({ quorum: 2 }));
    return story;
  };
  const approvalIn = (story: ReturnType<typeof asked>) => story.books().approvals["apr-1"];

  test("a request begins pending, version 1, with nobody's yes", () => {
    expect(approvalIn(asked())).toMatchObject({
      state: "pending",
      version: 1,
      yes: [],
      tradeId: "trade-1",
      decidedAt: null,
    });
  });

  test("a person's yes counts once a version, a no never as a yes", () => {
    const story = asked();
    story.tell(vote("ana"), vote("ana"), vote("bo", { verdict: "no" }));
    expect(approvalIn(story)?.yes).toEqual(["ana"]);
  });

  test("a new version voids every yes, and a yes for the old one no longer counts", () => {
    const story = asked();
    story.tell(vote("ana"), revised(2), vote("bo"), vote("cy", { version: 2 }));
    expect(approvalIn(story)).toMatchObject({ version: 2, digest: "digest v2", yes: ["cy"] });
  });

  test("who decided and when survives execution; only the outcome and its reason are added", () => {
    const story = asked();
    const at = addMs(storyStart, 12_000);
    story.tell(
      settledAs("approved", { at }),
      settledAs("executing", { from: "approved", by: ["house"], at: addMs(at, 50) }),
      settledAs("exec_failed", {
        from: "executing",
        by: ["house"],
        reason: "the venue refused: no money",
        at: addMs(at, 90),
      }),
    );
    expect(approvalIn(story)).toMatchObject({
      state: "exec_failed",
      decidedAt: at,
      decidedBy: ["Ana (telegram)"],
      reason: "the venue refused: no money",
    });
  });

  test("a newer request leaves its name on the one it replaced", () => {
    const story = asked();
    story.tell(settledAs("superseded", { by: ["house"], supersededBy: "apr-2" }));
    expect(approvalIn(story)).toMatchObject({ state: "superseded", supersededBy: "apr-2" });
  });
});
