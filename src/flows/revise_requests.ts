/** What is asked of people must be what would be done: after a change of limits, open requests become a new version or are void. */
import { mark } from "../core/mark.ts";
import { readOutside } from "./gather_view.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { openApprovals, settle } from "./request_approval.ts";
import { revise } from "./settle_approval.ts";
import { showPrompts } from "./show_prompts.ts";

/** Orders that were decided before keep the digest, and with it the configuration, that they were decided under. */
export async function reviseRequests(needs: Needs, reason: string): Promise<void> {
  const open = openApprovals(needs.ledger.books());
  for (const approval of open) {
    if (approval.subject.kind !== "order") continue;
    const instrument = needs.memory.instruments.get(approval.subject.intent.instrumentId);
    if (instrument === undefined) continue;
    const outside = await readOutside(needs, instrument);
    await record(needs, (books, { wallAt }) => {
      const now = books.approvals[approval.approvalId];
      if (now?.state !== "pending") return { drafts: [], value: undefined };
      mark("G04.request_revised");
      const revision = revise(needs, books, now, outside);
      const fact =
        revision.kind === "revised"
          ? { ...revision.fact, reason }
          : settle(now, { to: "invalidated", by: ["house"], reason: `${reason}: ${revision.text}`, at: wallAt });
      return { drafts: [draft("house", fact, now.tradeId)], value: undefined };
    });
  }
  if (open.length > 0) await showPrompts(needs);
}
