/**
 * I11: every entry stands on one consent to exactly this order, given in time, by somebody who may, and used once. Votes
 * are held against what people of the world truly did.
 */
import { mayDecide } from "../../../src/core/authority.ts";
import type { FactOf } from "../../../src/core/events.ts";
import type { OrderIntent } from "../../../src/core/intent.ts";
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { ownDigest, sortedJson } from "./own_digest.ts";
import { type ApprovalTrail, type OrderTrail, type Told, trailOf } from "./trail.ts";
import { openCursor, violated } from "./verdict.ts";

export const approvalBinding: Invariant = {
  id: "I11",
  name: "ApprovalBinding",
  statement:
    "Each entry maps to exactly one consumed, unexpired, unsuperseded approval with the same digest and the same order, settled by authorised distinct persons who truly tapped, or by the policy that the settings name",
  open() {
    const told = openCursor();
    return {
      check: (view) => told(trailOf(view).told).flatMap((one) => judge(view, one)),
    };
  },
};

function judge(view: WorldView, one: Told): readonly Violation[] {
  const { fact, approval, order } = one;
  switch (fact.type) {
    case "order_intended":
      return fact.intent.leg === "entry" && order !== null ? entryWithoutConsent(view, fact, order, approval, one) : [];
    case "vote_cast":
      return strangeVote(view, fact, approval, one);
    case "approval_settled":
      return approval === null || fact.to !== "approved" ? [] : wronglyApproved(view, fact, approval, one);
    case "approval_requested":
    case "approval_revised":
      return fact.subject.kind === "order" ? wrongDigest(view, fact, fact.subject.intent) : [];
    default:
      return [];
  }
}

function entryWithoutConsent(
  view: WorldView,
  fact: FactOf<"order_intended">,
  order: OrderTrail,
  approval: ApprovalTrail | null,
  { recorded, index }: Told,
): readonly Violation[] {
  const about = { clientOrderId: fact.clientOrderId, approvalId: fact.approvalId, version: fact.approvalVersion };
  if (approval === null) return [violated("I11", "an entry was decided without an approval", about)];
  const bad: string[] = [];
  const version = approval.versions.get(fact.approvalVersion ?? -1);
  if (version === undefined || version.digest !== fact.digest)
    bad.push("its digest is not that of the approved version");
  if (version?.intent === null || version === undefined || sortedJson(version.intent) !== sortedJson(fact.intent))
    bad.push("its values are not those of the approved version");
  if (approval.orders.filter((one) => one.intendedSeq <= order.intendedSeq).length > 1)
    bad.push("its approval was used before");
  const { approved } = approval;
  if (approved === null) bad.push("its approval was never given");
  else {
    if (approved.version !== fact.approvalVersion) bad.push("another version was approved");
    if (recorded.wallAt > approved.wallAt + approval.request.execDeadlineMs)
      bad.push("its execution deadline had passed");
  }
  // Consumed in the same commit at the latest: the fact before it in the record says executing.
  const consumed = view.facts
    .slice(Math.max(0, index - 40), index)
    .some(
      ({ fact: before }) =>
        before.type === "approval_settled" && before.approvalId === fact.approvalId && before.to === "executing",
    );
  if (!consumed) bad.push("its approval was not used up");
  return bad.map((because) => violated("I11", `an entry stands on no valid consent: ${because}`, about));
}

function strangeVote(
  view: WorldView,
  vote: FactOf<"vote_cast">,
  approval: ApprovalTrail | null,
  { trueAt, recorded }: Told,
): readonly Violation[] {
  const about = { approvalId: vote.approvalId, personId: vote.personId, verdict: vote.verdict, event: vote.eventId };
  const bad: string[] = [];
  const person = view.settings.people.find((one) => one.personId === vote.personId);
  if (approval === null) bad.push("nobody was asked that");
  else if (person === undefined) bad.push("the person is not known");
  else if (!mayDecide(person.role, vote.verdict === "no" ? "T0" : approval.request.tier))
    bad.push(`a ${person.role} may not decide it`);
  const verb = vote.verdict === "yes" ? "approve" : "decline";
  const didTap = view.acts.some(
    (act) =>
      act.at <= trueAt &&
      act.personId === vote.personId &&
      act.isAllowed &&
      act.approvalId === vote.approvalId &&
      act.verb === verb,
  );
  if (!didTap) bad.push(`this person never tapped ${verb} on it where that counts`);
  if (approval !== null && vote.verdict === "yes") {
    if (vote.version !== approval.version) bad.push("it is for another version");
    if (vote.digest !== approval.versions.get(approval.version)?.digest) bad.push("it is for another digest");
    if (recorded.wallAt >= approval.request.expiresAt) bad.push("the time to answer was over");
  }
  return bad.map((because) => violated("I11", `a vote was counted that is none: ${because}`, about));
}

function wronglyApproved(
  view: WorldView,
  fact: FactOf<"approval_settled">,
  approval: ApprovalTrail,
  { recorded }: Told,
): readonly Violation[] {
  const about = { approvalId: fact.approvalId, version: fact.version, by: fact.by.join(", ") };
  const bad: string[] = [];
  const isBySilence = fact.by.includes("policy:veto_window");
  const isOver = recorded.wallAt >= approval.request.expiresAt;
  if (isBySilence && approval.request.isVeto !== true) bad.push("silence is no consent to it");
  if (isBySilence !== isOver) bad.push(isOver ? "it had expired" : "its veto window was not over");
  if (fact.version !== approval.version) bad.push("a newer version stands");
  const votes = approval.votes.filter((vote) => vote.fact.version === fact.version);
  if (approval.votes.some((vote) => vote.fact.verdict === "no")) bad.push("somebody had said no");
  const yes = new Set(votes.filter((vote) => vote.fact.verdict === "yes").map((vote) => vote.fact.personId));
  const isPolicy = fact.by.some((who) => who.startsWith("policy:"));
  if (isPolicy && view.settings.approvals.policy !== "automatic") bad.push("no policy may decide it");
  if (!isPolicy && yes.size < approval.request.quorum)
    bad.push(`${yes.size} of ${approval.request.quorum} persons said yes`);
  return bad.map((because) => violated("I11", `an approval was settled wrongly: ${because}`, about));
}

/** The digest on record must be that of the values on record; tokens and votes bind to nothing else. */
function wrongDigest(
  view: WorldView,
  fact: FactOf<"approval_requested"> | FactOf<"approval_revised">,
  intent: OrderIntent,
): readonly Violation[] {
  const version = fact.type === "approval_revised" ? fact.version : 1;
  const expected = ownDigest(intent, { version, configHash: view.settings.configHash });
  if (expected === fact.digest) return [];
  return [
    violated("I11", "a digest is not that of the order which is shown", { approvalId: fact.approvalId, version }),
  ];
}
