/** One vote: every row of the rules, then that no order of votes ever approves what it should not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Approval, approvalStates, countVote, type Vote } from "../../src/core/approval.ts";
import { addMs, between, instant } from "../../src/core/time.ts";
import { makeApproval } from "../fixtures/facts.ts";
import { storyStart } from "../fixtures/story.ts";

const asked = makeApproval({ quorum: 1 });
const yes = (change: Partial<Vote> = {}): Vote => ({
  personId: "ana",
  verdict: "yes",
  version: 1,
  at: addMs(storyStart, 10_000),
  isAlone: false,
  ...change,
});
const no = (change: Partial<Vote> = {}): Vote => yes({ verdict: "no", ...change });
const deadline = asked.expiresAt;
const before = addMs(deadline, -1);

/** The answer as one word. */
function answer(approval: Approval, vote: Vote): string {
  const counted = countVote(approval, vote);
  return counted.ok ? counted.value : counted.problem.kind;
}

describe("row by row", () => {
  test.each([
    ["a yes with a quorum of one approves", asked, yes(), "approved"],
    ["the first yes of two is counted", makeApproval({ quorum: 2 }), yes(), "counted"],
    ["the second of two persons approves", makeApproval({ quorum: 2, yes: ["bo"] }), yes(), "approved"],
    ["one person is never two", makeApproval({ quorum: 2, yes: ["ana"] }), yes(), "voted_already"],
    ["a yes one millisecond before the deadline counts", asked, yes({ at: before }), "approved"],
    ["[H03] a yes at the deadline is too late", asked, yes({ at: deadline }), "too_late"],
    ["[H03] a yes after the deadline is too late", asked, yes({ at: addMs(deadline, 1) }), "too_late"],
    ["a yes for an older version is told so", makeApproval({ version: 2 }), yes(), "other_version"],
    ["a yes for a version that does not exist yet is told so", asked, yes({ version: 2 }), "other_version"],
    ["nobody approves an own request", makeApproval({ requester: "person:ana" }), yes(), "own_request"],
    ["another person may", makeApproval({ requester: "person:ana" }), yes({ personId: "bo" }), "approved"],
    ["unless there is nobody else", makeApproval({ requester: "person:ana" }), yes({ isAlone: true }), "approved"],
    [
      "a strategy that shares a person's name is no person",
      makeApproval({ requester: "strategy:ana" }),
      yes(),
      "approved",
    ],
    ["one no declines, whatever the quorum", makeApproval({ quorum: 3, yes: ["bo", "cy"] }), no(), "declined"],
    ["a no on an old version declines", makeApproval({ version: 3 }), no(), "declined"],
    ["a no at the deadline declines", asked, no({ at: deadline }), "declined"],
    [
      "a no long after the deadline declines what is still open",
      asked,
      no({ at: addMs(deadline, 60_000) }),
      "declined",
    ],
    ["a no after one's own yes declines", makeApproval({ quorum: 2, yes: ["ana"] }), no(), "declined"],
    ["a no on an own request declines", makeApproval({ requester: "person:ana" }), no(), "declined"],
  ] as const)("%s", (_, approval, vote, expected) => {
    expect(answer(approval, vote)).toBe(expected);
  });

  test.each(approvalStates.filter((state) => state !== "pending"))(
    "on one that is %s every vote is told what was decided, by whom and when",
    (state) => {
      const settled = makeApproval({ state, decidedBy: ["Bo (desk)"], decidedAt: storyStart });
      for (const vote of [yes(), no()]) {
        expect(countVote(settled, vote)).toEqual({
          ok: false,
          problem: { kind: "already_settled", state, by: ["Bo (desk)"], at: storyStart },
        });
      }
    },
  );

  test("the new version is named, so that the chat can show it", () => {
    expect(countVote(makeApproval({ version: 4 }), yes())).toEqual({
      ok: false,
      problem: { kind: "other_version", version: 4 },
    });
  });
});

type Event = { readonly kind: "vote"; readonly vote: Vote } | { readonly kind: "revise" };

const arbitraryEvents: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .record({
          personId: fc.constantFrom("ana", "bo", "cy", "di"),
          verdict: fc.constantFrom("yes", "yes", "yes", "yes", "no"),
          version: fc.integer({ min: 1, max: 3 }),
          afterMs: fc.integer({ min: 0, max: 310_000 }),
          isAlone: fc.boolean(),
        })
        .map(
          ({ afterMs, ...vote }): Event => ({
            kind: "vote",
            vote: { ...(vote as Vote), at: addMs(storyStart, afterMs) },
          }),
        ),
    },
    { weight: 1, arbitrary: fc.constant<Event>({ kind: "revise" }) },
  ),
  { maxLength: 25 },
);

/** Plays events as the flow does: what countVote says is what happens. */
function play(
  approval: Approval,
  events: readonly Event[],
  seen: (before: Approval, vote: Vote, said: string) => void,
): Approval {
  let now = approval;
  for (const event of events) {
    if (event.kind === "vote") {
      const said = answer(now, event.vote);
      seen(now, event.vote, said);
      now = afterAnswer(now, event.vote, said);
    } else if (now.state === "pending") now = { ...now, version: now.version + 1, yes: [] };
  }
  return now;
}

function afterAnswer(now: Approval, { personId, at }: Vote, said: string): Approval {
  if (said === "declined") return { ...now, state: "declined", decidedBy: [personId], decidedAt: at };
  if (said !== "approved" && said !== "counted") return now;
  const grown = { ...now, yes: [...now.yes, personId] };
  return said === "approved" ? { ...grown, state: "approved", decidedBy: [personId], decidedAt: at } : grown;
}

describe("in any order of votes", () => {
  const start = fc
    .record({ quorum: fc.integer({ min: 1, max: 4 }), requester: fc.constantFrom("strategy:ema_trend", "person:ana") })
    .map((change) => makeApproval(change));

  test("approved means: enough distinct persons said yes to this very version before its deadline, and nobody said no", () => {
    fc.assert(
      fc.property(start, arbitraryEvents, (approval, events) => {
        let sinceRevision: Vote[] = [];
        let version = 1;
        const end = play(approval, events, (now, vote, said) => {
          if (now.version !== version) sinceRevision = [];
          version = now.version;
          if (said === "counted" || said === "approved") sinceRevision.push(vote);
        });
        if (end.state !== "approved") return;
        expect(new Set(sinceRevision.map((vote) => vote.personId)).size).toBeGreaterThanOrEqual(approval.quorum);
        expect(new Set(end.yes).size).toBe(end.yes.length);
        for (const vote of sinceRevision) {
          expect([vote.verdict, vote.version]).toEqual(["yes", end.version]);
          expect(between(vote.at, approval.expiresAt)).toBeGreaterThan(0);
          expect(vote.isAlone || approval.requester !== `person:${vote.personId}`).toBe(true);
        }
      }),
    );
  });

  test("one no always declines what is open, and nothing changes after settling", () => {
    fc.assert(
      fc.property(start, arbitraryEvents, (approval, events) => {
        play(approval, events, (now, vote, said) => {
          if (now.state !== "pending") expect(said).toBe("already_settled");
          else if (vote.verdict === "no") expect(said).toBe("declined");
        });
      }),
    );
  });

  test("a deadline of the beginning of time lets no yes through", () => {
    expect(answer(makeApproval({ expiresAt: instant(0) }), yes({ at: instant(0) }))).toBe("too_late");
  });
});
