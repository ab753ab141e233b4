/** The part of the books about consent: approvals, and the prompts that show them. */
import type { Approval, PromptVerb } from "./approval.ts";
import type { Books } from "./books.ts";
import { type Consent, withSignature } from "./consent.ts";
import type { Chat, FactOf, Recorded } from "./events.ts";
import { zeroNotional } from "./money.ts";

/** One message that shows one approval in one chat. Tokens of older revisions stay valid for orphans, but name their version. */
export type Prompt = {
  readonly promptId: string;
  readonly approvalId: string;
  readonly chat: Chat;
  readonly messageId: string | null;
  /** Revision that the chat certainly shows, and the newest one that was prepared. */
  readonly revShown: number;
  readonly revPrepared: number;
  readonly isLive: boolean;
  readonly tokens: Readonly<Record<string, { readonly verb: PromptVerb; readonly version: number }>>;
};

export type ApprovalBooks = {
  readonly approvals: Readonly<Record<string, Approval>>;
  readonly prompts: Readonly<Record<string, Prompt>>;
  /** By person: what he has signed lately. */
  readonly consents: Readonly<Record<string, Consent>>;
};

export function evolveApprovals(books: Books, recorded: Recorded): ApprovalBooks {
  return { ...evolveAsked(books, recorded), consents: evolveConsents(books, recorded) };
}

/** A yes that a new version made void stays counted: the cap is about what a person was ready to sign. */
function evolveConsents({ consents, approvals }: Books, { fact, wallAt }: Recorded): ApprovalBooks["consents"] {
  if (fact.type === "approver_cooled") {
    const old = withSignature(consents[fact.personId], zeroNotional, wallAt);
    return { ...consents, [fact.personId]: { ...old, cooledUntil: fact.until } };
  }
  if (fact.type !== "vote_cast" || fact.verdict === "no") return consents;
  const subject = approvals[fact.approvalId]?.subject;
  if (subject?.kind !== "order") return consents;
  return { ...consents, [fact.personId]: withSignature(consents[fact.personId], subject.terms.notional, wallAt) };
}

function evolveAsked(books: Books, { fact, tradeId }: Recorded): Omit<ApprovalBooks, "consents"> {
  const { approvals, prompts } = books;
  switch (fact.type) {
    case "approval_requested":
      return { prompts, approvals: { ...approvals, [fact.approvalId]: requested(fact, tradeId) } };
    case "approval_revised":
      return {
        prompts,
        approvals: change(approvals, fact.approvalId, (old) => revised(old, fact)),
      };
    case "vote_cast":
      if (fact.verdict === "no") return { approvals, prompts };
      return {
        prompts,
        approvals: change(approvals, fact.approvalId, (old) =>
          old.version === fact.version && !old.yes.includes(fact.personId)
            ? { ...old, yes: [...old.yes, fact.personId] }
            : old,
        ),
      };
    case "decline_explained":
      return {
        prompts,
        approvals: change(approvals, fact.approvalId, (old) => ({ ...old, declinedBecause: fact.reason })),
      };
    case "request_snoozed":
      return { prompts, approvals: change(approvals, fact.approvalId, (old) => snoozed(old, fact)) };
    case "request_escalated":
      return { prompts, approvals: change(approvals, fact.approvalId, (old) => ({ ...old, rung: fact.rung })) };
    case "silence_valued":
      return { prompts, approvals: change(approvals, fact.approvalId, (old) => ({ ...old, isValued: true })) };
    case "approval_settled":
      return { prompts, approvals: change(approvals, fact.approvalId, (old) => settled(old, fact)) };
    case "prompt_prepared":
      return { approvals, prompts: { ...prompts, [fact.promptId]: prepared(prompts[fact.promptId], fact) } };
    case "prompt_posted":
      return {
        approvals,
        prompts: change(prompts, fact.promptId, (old) => ({
          ...old,
          messageId: fact.messageId,
          revShown: Math.max(old.revShown, fact.rev),
          isLive: true,
        })),
      };
    case "prompt_lost":
      return {
        approvals,
        prompts: change(prompts, fact.promptId, (old) => ({ ...old, messageId: null, isLive: false })),
      };
    default:
      return { approvals, prompts };
  }
}

/** What belonged to the old version ends with it: every yes, every rest, every rung that was climbed. */
function revised(old: Approval, fact: FactOf<"approval_revised">): Approval {
  const { snoozed: _snoozed, rung: _rung, ...kept } = old;
  return {
    ...kept,
    version: fact.version,
    subject: fact.subject,
    digest: fact.digest,
    quorum: fact.quorum ?? old.quorum,
    tier: fact.tier ?? old.tier,
    ...(fact.quantityMax === undefined ? {} : { quantityMax: fact.quantityMax }),
    yes: [],
  };
}

function snoozed(old: Approval, fact: FactOf<"request_snoozed">): Approval {
  return old.version === fact.version ? { ...old, snoozed: { ...old.snoozed, [fact.personId]: fact.until } } : old;
}

function requested(fact: FactOf<"approval_requested">, tradeId: string | null): Approval {
  const { type: _type, ...terms } = fact;
  return {
    ...terms,
    tradeId,
    version: 1,
    state: "pending",
    yes: [],
    decidedAt: null,
    decidedBy: [],
    reason: null,
    supersededBy: null,
  };
}

function settled(old: Approval, fact: FactOf<"approval_settled">): Approval {
  // The decision of people stays on the card through execution: who approved and when is not overwritten by how it ended.
  const isDecision = old.state === "pending";
  return {
    ...old,
    state: fact.to,
    decidedAt: isDecision ? fact.settledAt : old.decidedAt,
    decidedBy: isDecision ? fact.by : old.decidedBy,
    // That nobody knew the outcome is no news any more once it is known.
    reason: old.state === "exec_unknown" ? fact.reason : (fact.reason ?? old.reason),
    supersededBy: fact.supersededBy,
  };
}

function prepared(old: Prompt | undefined, fact: FactOf<"prompt_prepared">): Prompt {
  const tokens = { ...old?.tokens };
  for (const token of fact.tokens) tokens[token.hash] = { verb: token.verb, version: fact.version };
  const { promptId, approvalId, chat } = fact;
  return {
    promptId,
    approvalId,
    chat,
    messageId: old?.messageId ?? null,
    revShown: old?.revShown ?? 0,
    revPrepared: fact.rev,
    isLive: old?.isLive ?? false,
    tokens,
  };
}

function change<Item>(
  record: Readonly<Record<string, Item>>,
  key: string,
  next: (old: Item) => Item,
): Readonly<Record<string, Item>> {
  const old = record[key];
  return old === undefined ? record : { ...record, [key]: next(old) };
}
