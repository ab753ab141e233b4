/**
 * Asks people (or the named policy) for consent to one planned entry. The newest wish for an instrument replaces an older one.
 *
 *   planned --commit--> approval_requested [+ settled by policy:automatic] --> prompts on every chat | execution
 *                          '--automatic, but large--> veto window: shown, and done unless somebody says no (veto_window.ts)
 */
import { type Approval, isOpen } from "../core/approval.ts";
import { mayDecide } from "../core/authority.ts";
import type { Books } from "../core/books.ts";
import { quorumFor, tierOfOrder } from "../core/consent.ts";
import { digestOf } from "../core/digest.ts";
import type { Fact, FactOf } from "../core/events.ts";
import { toNumber } from "../core/money.ts";
import { slotHolder } from "../core/portfolio.ts";
import { isAtPeace } from "../core/quiet_hours.ts";
import { spreadOf } from "../core/quote.ts";
import { addMs } from "../core/time.ts";
import { opensWindow } from "../core/veto.ts";
import type { OrderBook } from "../ports/venue.ts";
import type { Needs } from "./needs.ts";
import type { PlannedEntry } from "./plan_entry.ts";
import { draft, record } from "./record.ts";

export type Asked = { readonly approvalId: string; readonly isApproved: boolean } | null;

/** @returns null when the slot was taken meanwhile, so that nothing was asked. */
export function requestApproval(needs: Needs, planned: PlannedEntry, book: OrderBook | null): Promise<Asked> {
  const { settings, clock } = needs;
  const { intent } = planned;
  const bands = bandsOf(needs, book);
  const { veto } = settings.approvals;
  const isVeto = settings.approvals.policy === "automatic" && opensWindow(planned.terms.notional, veto);
  return record<Asked>(needs, (books, { wallAt }) => {
    if (slotHolder(books, intent.instrumentId) !== null) return { drafts: [], value: null };
    const approvalId = needs.ids.next("apr");
    const dedupeKey = `${intent.account}|${intent.instrumentId}|${intent.leg}`;
    const older = Object.values(books.approvals).find(
      (approval) => isOpen(approval.state) && approval.dedupeKey === dedupeKey,
    );
    const requested: FactOf<"approval_requested"> = {
      type: "approval_requested",
      approvalId,
      tier: tierOfOrder(planned.terms, settings.approvals),
      requester: `strategy:${intent.strategy}`,
      mode: intent.mode,
      subject: { kind: "order", intent, terms: planned.terms },
      digest: digestOf(intent, boundOf(needs, 1), needs.vault.sha256),
      ...bands,
      quorum: quorumFor(planned.terms.notional, settings.approvals),
      createdAt: wallAt,
      expiresAt: addMs(wallAt, isVeto ? veto.windowMs : settings.approvals.expiresMs),
      execDeadlineMs: settings.approvals.execDeadlineMs,
      dedupeKey,
      ...(isVeto ? { isVeto } : {}),
    };
    const isAutomatic = settings.approvals.policy === "automatic" && !isVeto;
    const isDenied = !isAutomatic && !isVeto && isNightDenied(needs, books, requested, intent.strategy);
    const facts: Fact[] = [...(older === undefined ? [] : [superseded(older, approvalId, clock.wall())]), requested];
    if (isAutomatic)
      facts.push(
        settle({ approvalId, version: 1 }, { to: "approved", by: ["policy:automatic"], reason: null, at: wallAt }),
      );
    if (isDenied)
      facts.push(
        settle(
          { approvalId, version: 1 },
          {
            to: "declined",
            by: ["policy:quiet_hours"],
            reason: "everybody who could sign has quiet hours",
            at: wallAt,
          },
        ),
      );
    const drafts = facts.map((fact) => draft(`strategy:${intent.strategy}`, fact, intent.tradeId));
    return { drafts, value: { approvalId, isApproved: isAutomatic } };
  });
}

/** The strategy wants no small request asked while everybody who could sign it is left in peace. */
function isNightDenied(
  { settings, clock }: Needs,
  { people }: Books,
  { tier }: FactOf<"approval_requested">,
  strategy: string,
): boolean {
  const watched = settings.strategies.find((one) => one.name === strategy);
  if (watched?.quietPolicy !== "deny") return false;
  // Whoever was let in by chat signs too, and has no quiet hours.
  const linked = new Set(Object.values(people.links).map((link) => link.personId));
  const able = Object.values(people.persons).filter(
    ({ personId, role, isActive }) => isActive && linked.has(personId) && mayDecide(role, tier),
  );
  const hoursOf = (personId: string) => settings.people.find((one) => one.personId === personId)?.quietHours ?? null;
  const isLeftAlone = ({ personId, timeZone }: (typeof able)[number]): boolean =>
    isAtPeace({ timeZone, quietHours: hoursOf(personId) }, tier, clock.wall());
  return able.length > 0 && able.every(isLeftAlone);
}

/** What the digest binds besides the order itself. */
export function boundOf(needs: Needs, version: number): { version: number; strategyConfigHash: string; phase: number } {
  return { version, strategyConfigHash: needs.settings.configHash, phase: 1 };
}

function bandsOf(needs: Needs, book: OrderBook | null): { softBps: number; hardBps: number } {
  const spread = book === null ? null : spreadOf(book);
  const spreadBps = spread === null ? 0 : Math.ceil(toNumber(spread) * 10_000);
  const { softBps, hardBps } = needs.settings.approvals;
  return { softBps: Math.max(softBps, 2 * spreadBps), hardBps: Math.max(hardBps, 4 * spreadBps) };
}

function superseded(older: Approval, by: string, at: number): Fact {
  return {
    ...settle(older, { to: "superseded", by: ["house"], reason: "a newer request for the same instrument", at }),
    supersededBy: by,
  };
}

type Settled = Extract<Fact, { type: "approval_settled" }>;

/** The fact that ends or moves an approval. `from` defaults to pending. */
export function settle(
  approval: Pick<Approval, "approvalId" | "version"> & { readonly state?: Approval["state"] },
  how: { to: Approval["state"]; by: readonly string[]; reason: string | null; at: number },
): Settled {
  return {
    type: "approval_settled",
    approvalId: approval.approvalId,
    version: approval.version,
    from: approval.state ?? "pending",
    to: how.to,
    by: how.by,
    reason: how.reason,
    supersededBy: null,
    settledAt: how.at as Settled["settledAt"],
  };
}

export function openApprovals(books: Books): readonly Approval[] {
  return Object.values(books.approvals).filter((approval) => isOpen(approval.state));
}
