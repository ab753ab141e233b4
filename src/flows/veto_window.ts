/**
 * Watches veto windows from their first second, and ends them: approved when silence may count and every check still passes,
 * expired otherwise. What this process has not watched from the beginning executes nothing, so a restart ends every window.
 */
import type { Approval } from "../core/approval.ts";
import type { Books } from "../core/books.ts";
import { mark } from "../core/mark.ts";
import type { Instant } from "../core/time.ts";
import { seenMsDefault, vetoPolicy, whyNotSilence } from "../core/veto.ts";
import type { Platform } from "../ports/messenger.ts";
import { peaceOf } from "./chat_peace.ts";
import { executeApproval } from "./execute_approval.ts";
import { type Outside, readOutside } from "./gather_view.ts";
import { judgePrice, otherAccount, refusedAtTap } from "./judge_request.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { settle } from "./request_approval.ts";
import { isDeclinedInInbox } from "./stored_no.ts";

/** What this process has seen of one window. Times are mono(). */
export type VetoWatch = {
  readonly bornMono: number;
  lookedMono: number;
  readonly deaf: Set<string>;
  /** Since when somebody who looks at a page has had this version before him, by platform, person and version. */
  readonly seenSince: Map<string, number>;
};

/** Looks come once a second; a process that stood still for longer heard nobody meanwhile. */
const stillMaxMs = 10_000;

export async function tendVetoes(needs: Needs): Promise<void> {
  const open = Object.values(needs.ledger.books().approvals).filter(isOpenWindow);
  for (const id of needs.memory.vetoes.keys())
    if (!open.some((approval) => approval.approvalId === id)) needs.memory.vetoes.delete(id);
  for (const approval of open) {
    const watch = watchOf(needs, approval);
    look(needs, watch);
    noteWatchers(needs, approval, watch);
    if (isOver(needs, approval, watch)) await endWindow(needs, approval);
  }
}

const isOpenWindow = ({ state, isVeto }: Approval): boolean => state === "pending" && isVeto === true;

/** Windows of an earlier process were ended by the start of this one: whatever is open began within the last second. */
function watchOf({ memory, clock }: Needs, { approvalId }: Approval): VetoWatch {
  const known = memory.vetoes.get(approvalId);
  if (known !== undefined) return known;
  const now = clock.mono();
  const watch: VetoWatch = { bornMono: now, lookedMono: now, deaf: new Set(), seenSince: new Map() };
  memory.vetoes.set(approvalId, watch);
  return watch;
}

function look({ messengers, clock }: Needs, watch: VetoWatch): void {
  const now = clock.mono();
  const stoodStill = now - watch.lookedMono > stillMaxMs;
  watch.lookedMono = now;
  for (const messenger of messengers.values())
    if (stoodStill || !messenger.health().isHearing) watch.deaf.add(messenger.platform);
}

/** A prompt on a page is before nobody while no page is open: whoever opens one has seen it from that look on. */
function noteWatchers({ messengers, clock, ledger }: Needs, { approvalId, version }: Approval, watch: VetoWatch): void {
  const prompts = Object.values(ledger.books().prompts).filter((prompt) => prompt.approvalId === approvalId);
  const shown = prompts.filter((prompt) => prompt.isLive && prompt.shown?.version === version);
  for (const platform of new Set(shown.map(({ chat }) => chat.platform)))
    for (const personId of messengers.get(platform as Platform)?.watchers?.() ?? []) {
      const key = seenKey(platform, personId, version);
      if (!watch.seenSince.has(key)) watch.seenSince.set(key, clock.mono());
    }
}

const seenKey = (platform: string, personId: string, version: number): string => `${platform}:${personId}:v${version}`;

function hasSeen({ messengers, clock }: Needs, { version }: Approval, watch: VetoWatch | undefined, seenMs: number) {
  return (platform: string, personId: string): boolean => {
    if (messengers.get(platform as Platform)?.watchers === undefined) return true;
    const since = watch?.seenSince.get(seenKey(platform, personId, version));
    return since !== undefined && clock.mono() - since >= seenMs;
  };
}

/** By both clocks: one that was set forward shortens nobody's time to say no. */
function isOver({ clock }: Needs, { createdAt, expiresAt }: Approval, watch: VetoWatch): boolean {
  return clock.wall() >= expiresAt && clock.mono() - watch.bornMono >= expiresAt - createdAt;
}

async function endWindow(needs: Needs, approval: Approval): Promise<void> {
  const { approvalId, subject } = approval;
  if (subject.kind !== "order") return;
  const instrument = needs.memory.instruments.get(subject.intent.instrumentId);
  const outside = instrument === undefined ? null : await readOutside(needs, instrument);
  const isApproved = await record(needs, (books, { wallAt }) => {
    const now = books.approvals[approvalId];
    if (now === undefined || !isOpenWindow(now)) return { drafts: [], value: false };
    const because = whyNot(needs, books, { approval: now, outside, wallAt });
    mark(because === null ? "H03.nobody_vetoed" : "H03.silence_is_no_consent");
    const how =
      because === null
        ? { to: "approved" as const, by: [vetoPolicy], reason: null, at: wallAt }
        : { to: "expired" as const, by: ["house"], reason: `not done by itself: ${because}`, at: wallAt };
    return { drafts: [draft("house", settle(now, how), now.tradeId)], value: because === null };
  });
  if (isApproved) await executeApproval(needs, approvalId, outside);
}

type Ending = { readonly approval: Approval; readonly outside: Outside | null; readonly wallAt: Instant };

function whyNot(needs: Needs, books: Books, { approval, outside, wallAt }: Ending): string | null {
  if (isDeclinedInInbox(needs, books, approval)) return "somebody said no at the last moment";
  const watch = needs.memory.vetoes.get(approval.approvalId);
  const seenMs = needs.settings.approvals.veto?.seenMs ?? seenMsDefault;
  const silence = whyNotSilence(approval, books, {
    peace: peaceOf(needs),
    wallAt,
    seenMs,
    deaf: watch?.deaf ?? null,
    hasSeen: hasSeen(needs, approval, watch, seenMs),
  });
  if (silence !== null) return silence;
  if (outside === null) return "no fresh price";
  const priced = judgePrice(needs, approval, outside);
  if (priced.kind === "none") return "no fresh price";
  if (priced.kind !== "within") return "the price moved";
  return otherAccount(needs, books, approval, outside) ?? refusedAtTap(needs, books, approval, outside)?.text ?? null;
}
