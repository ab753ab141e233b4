/** The part of the books about consent: approvals, and the prompts that show them. */
import type { Approval, PromptVerb } from "./approval.ts";
import type { Books } from "./books.ts";
import { chatKey, linkKey } from "./books_people.ts";
import { type Consent, withSignature } from "./consent.ts";
import type { Chat, FactOf, Recorded } from "./events.ts";
import { zeroNotional } from "./money.ts";
import { versionOfRevision } from "./prompt_card.ts";
import type { Instant } from "./time.ts";

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
  /** A second message in a chat that has one: our post arrived although its answer was lost. It is closed like the first. */
  readonly isCopy?: true;
  /** Its buttons are not those that should be there: who reads it may press others now, or the house has started since. */
  readonly isOutdated?: true;
  /** The chat refuses its text, and people elsewhere were told; absent = it does not, as far as we know. */
  readonly isRefused?: true;
  /** The version that it shows, and since when, wall time. Absent = before that was noted. */
  readonly shown?: { readonly version: number; readonly since: Instant };
  readonly tokens: Readonly<Record<string, PromptToken>>;
};

/** `isOfBefore`: made by a process that is gone; it still says no, but adds no risk any more. */
export type PromptToken = { readonly verb: PromptVerb; readonly version: number; readonly isOfBefore?: true };

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

function evolveAsked(books: Books, recorded: Recorded): Omit<ApprovalBooks, "consents"> {
  const { fact, tradeId, wallAt } = recorded;
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
          old.version === fact.version && !old.yes.includes(fact.personId) ? signed(old, fact) : old,
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
      return { prompts, approvals: change(approvals, fact.approvalId, (old) => valued(old, fact)) };
    case "approval_settled":
      return { prompts, approvals: change(approvals, fact.approvalId, (old) => settled(old, fact, recorded)) };
    case "prompt_prepared":
      return { approvals, prompts: { ...prompts, [fact.promptId]: prepared(prompts[fact.promptId], fact) } };
    case "prompt_posted":
      return { approvals, prompts: posted(prompts, fact, wallAt) };
    case "prompt_lost":
      return {
        approvals,
        prompts: change(prompts, fact.promptId, (old) => ({ ...old, messageId: null, isLive: false })),
      };
    case "prompt_refused":
      return { approvals, prompts: change(prompts, fact.promptId, (old) => ({ ...old, isRefused: true })) };
    case "person_set":
      return { approvals, prompts: withOtherReaders(books, fact) };
    case "house_started":
      return { approvals, prompts: ofBefore(books) };
    default:
      return { approvals, prompts };
  }
}

/** What belonged to the old version ends with it: every yes, every rest, every rung that was climbed. */
function revised(old: Approval, fact: FactOf<"approval_revised">): Approval {
  const { snoozed: _snoozed, rung: _rung, signedWith: _signedWith, ...kept } = old;
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

function signed(old: Approval, { personId, platform, userId }: FactOf<"vote_cast">): Approval {
  const signedWith = { ...old.signedWith, [personId]: linkKey(platform, userId) };
  return { ...old, yes: [...old.yes, personId], signedWith };
}

const valued = (old: Approval, { pnl, how }: FactOf<"silence_valued">): Approval => ({
  ...old,
  isValued: true,
  silence: { pnl, how },
});

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

function settled(old: Approval, fact: FactOf<"approval_settled">, { hash }: Recorded): Approval {
  // The decision of people stays on the card through execution: who approved and when is not overwritten by how it ended.
  const isDecision = old.state === "pending";
  return {
    ...old,
    state: fact.to,
    decidedAt: isDecision ? fact.settledAt : old.decidedAt,
    decidedBy: isDecision ? fact.by : old.decidedBy,
    ...(isDecision ? { decidedHash: hash.slice(0, 8) } : {}),
    // That nobody knew the outcome is no news any more once it is known.
    reason: old.state === "exec_unknown" ? fact.reason : (fact.reason ?? old.reason),
    supersededBy: fact.supersededBy,
  };
}

type Prompts = ApprovalBooks["prompts"];

function posted(prompts: Prompts, fact: FactOf<"prompt_posted">, wallAt: Instant): Prompts {
  const old = prompts[fact.promptId];
  if (old === undefined) return prompts;
  const isSecond = old.messageId !== null && old.messageId !== fact.messageId;
  const promptId = isSecond ? `${old.promptId}+${fact.messageId}` : old.promptId;
  // What stands beside the message that we know is a prompt of its own from now on: nobody closes it otherwise.
  const base: Prompt = isSecond ? { ...old, promptId, isCopy: true, revShown: 0, tokens: {} } : old;
  const { isOutdated: _isOutdated, isRefused: _isRefused, ...kept } = base;
  // Of a message that only a tap has told us of nobody knows what it shows: it is drawn anew.
  const revShown = fact.how === "adopted" ? kept.revShown : Math.max(kept.revShown, fact.rev);
  return {
    ...prompts,
    [promptId]: { ...kept, messageId: fact.messageId, revShown, isLive: true, ...shownSince(base, revShown, wallAt) },
  };
}

function shownSince({ shown }: Prompt, revShown: number, wallAt: Instant): Pick<Prompt, "shown"> {
  const version = versionOfRevision(revShown);
  if (shown?.version === version) return { shown };
  return version === 0 ? {} : { shown: { version, since: wallAt } };
}

/**
 * A role that changes changes the buttons of every open prompt in the chats of this person, and on every chat what is told of
 * the signatures where this person has signed: one that counts no more is not shown as given.
 */
function withOtherReaders({ prompts, people, approvals }: Books, { personId, role, isActive }: FactOf<"person_set">) {
  const before = people.persons[personId];
  if (before === undefined || (before.role === role && before.isActive === isActive)) return prompts;
  const links = Object.values(people.links).filter((link) => link.personId === personId);
  const chats = new Set(links.map((link) => chatKey(link.chat)));
  const isTheirs = ({ chat, approvalId, isLive }: Prompt) => {
    const approval = approvals[approvalId];
    if (approval?.state !== "pending" || !isLive) return false;
    return chats.has(chatKey(chat)) || approval.yes.includes(personId);
  };
  const changed = Object.values(prompts).filter(isTheirs);
  const marked = changed.map((prompt) => [prompt.promptId, { ...prompt, isOutdated: true }] as const);
  return marked.length === 0 ? prompts : { ...prompts, ...Object.fromEntries(marked) };
}

/** After a start every open question gets new buttons, also where its message is gone; those of before add no risk. */
function ofBefore({ prompts, approvals }: Books): Prompts {
  const open = Object.values(prompts).filter(({ approvalId }) => approvals[approvalId]?.state === "pending");
  const marked = open.map((prompt) => {
    const tokens = Object.entries(prompt.tokens).map(
      ([hash, token]) => [hash, { ...token, isOfBefore: true }] as const,
    );
    return [prompt.promptId, { ...prompt, isOutdated: true, tokens: Object.fromEntries(tokens) }] as const;
  });
  return open.length === 0 ? prompts : { ...prompts, ...Object.fromEntries(marked) };
}

function prepared(old: Prompt | undefined, fact: FactOf<"prompt_prepared">): Prompt {
  const tokens = { ...old?.tokens };
  for (const token of fact.tokens) tokens[token.hash] = { verb: token.verb, version: fact.version };
  const { promptId, approvalId, chat } = fact;
  const fresh = { promptId, approvalId, chat, messageId: null, revShown: 0, isLive: false };
  return { ...(old ?? fresh), revPrepared: fact.rev, tokens };
}

function change<Item>(
  record: Readonly<Record<string, Item>>,
  key: string,
  next: (old: Item) => Item,
): Readonly<Record<string, Item>> {
  const old = record[key];
  return old === undefined ? record : { ...record, [key]: next(old) };
}
