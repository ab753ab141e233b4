/** Finds by itself everything that is due, whatever rings were lost: approved requests not yet executed, messages not handled, prompts and cards behind. */

import { addMs } from "../core/time.ts";
import { climbLadders } from "./climb_ladder.ts";
import { deliverOutbox } from "./deliver_outbox.ts";
import { executeApproval, invalidate } from "./execute_approval.ts";
import { executeFlatten } from "./flatten.ts";
import { forgetCards } from "./forget_cards.ts";
import { noteEars } from "./heard.ts";
import { finishLoosenings } from "./loosen_limit.ts";
import { finishLowerings } from "./lower_level.ts";
import type { Needs } from "./needs.ts";
import { finishRaises } from "./raise_role.ts";
import { handleWaiting } from "./receive_message.ts";
import { resolveUnknowns } from "./resolve_unknown.ts";
import { expireApprovals } from "./settle_approval.ts";
import { tendAccess } from "./show_access.ts";
import { showMenus } from "./show_menus.ts";
import { showPrompts } from "./show_prompts.ts";
import { tellReturn } from "./tell_return.ts";
import { valueSilence } from "./value_silence.ts";
import { tendVetoes } from "./veto_window.ts";
import { watchChats, watchQueue } from "./watch_sources.ts";
import { withdrawPrompts } from "./withdraw_prompts.ts";

/** A message younger than this is still being handled by the one who received it. */
const handledWithinMs = 5_000;

export async function sweep(needs: Needs): Promise<void> {
  if (needs.memory.isFenced) return;
  noteEars(needs);
  await needs.ledger.refresh();
  await expireApprovals(needs);
  await tendVetoes(needs);
  await climbLadders(needs);
  valueSilence(needs);
  await executeDue(needs);
  await finishLowerings(needs);
  await finishLoosenings(needs);
  await finishRaises(needs);
  await resolveUnknowns(needs);
  const oldest = Object.values(needs.ledger.books().chat.inbox).some(
    (row) => needs.clock.wall() > addMs(row.receivedAt, handledWithinMs),
  );
  if (oldest) await handleWaiting(needs);
  await watchQueue(needs);
  await watchChats(needs);
  await tellReturn(needs);
  showMenus(needs);
  forgetCards(needs);
  await Promise.all([showPrompts(needs), deliverOutbox(needs), tendAccess(needs), withdrawPrompts(needs)]);
}

async function executeDue(needs: Needs): Promise<void> {
  const due = Object.values(needs.ledger.books().approvals).filter((approval) => approval.state === "approved");
  for (const approval of due) {
    const isTooLate =
      approval.subject.kind === "order" &&
      approval.decidedAt !== null &&
      needs.clock.wall() > addMs(approval.decidedAt, approval.execDeadlineMs);
    if (isTooLate) await invalidate(needs, approval, "not executed within its deadline");
    else if (approval.subject.kind === "flatten")
      await executeFlatten(needs, approval.approvalId, approval.decidedBy[0] ?? "house");
    else if (approval.subject.kind === "order") await executeApproval(needs, approval.approvalId);
  }
}
