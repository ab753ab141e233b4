/** Follows the price of requests that nobody answered, to stop, target or the end of their time: one fact each, for the summary. */
import type { Approval } from "../core/approval.ts";
import type { Instrument } from "../core/instrument.ts";
import type { Price } from "../core/money.ts";
import { silenceValue } from "../core/silence.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";
import { takeBook } from "./take_book.ts";

/** An instrument is looked at no more often for this; nothing depends on it. */
const lookEveryMs = 10_000;

/** In the background, one look at a time: a venue that is slow holds nobody up. */
export function valueSilence(needs: Needs): void {
  void needs.locks
    .tryRun("silence", () => lookAtAll(needs))
    .catch((error: unknown) => needs.log.warn("What silence cost could not be measured now", { error: String(error) }));
}

const followed = ({ state, subject, isValued }: Approval): boolean =>
  state === "expired" && subject.kind === "order" && isValued !== true;

async function lookAtAll(needs: Needs): Promise<void> {
  if (needs.memory.isStopping) return;
  for (const approval of Object.values(needs.ledger.books().approvals).filter(followed)) {
    const instrumentId = approval.subject.kind === "order" ? approval.subject.intent.instrumentId : "";
    const instrument = needs.memory.instruments.get(instrumentId);
    const bid = instrument === undefined ? null : await bidNow(needs, instrument);
    if (instrument === undefined || bid === null) continue;
    const value = silenceValue(approval, bid, { wallAt: needs.clock.wall(), takerFee: instrument.takerFee });
    if (value === null) continue;
    await record(needs, (books) => {
      const now = books.approvals[approval.approvalId];
      return now === undefined || !followed(now)
        ? { drafts: [], value: undefined }
        : { drafts: [draft("house", value, now.tradeId)], value: undefined };
    });
  }
}

/** What somebody else read lately is as good; null = nothing newer can be had now. */
async function bidNow(
  { memory, clock, venue, log }: Needs,
  { instrumentId, symbol }: Instrument,
): Promise<Price | null> {
  const known = memory.books.get(instrumentId);
  if (known !== undefined && clock.wall() - known.receivedAt < lookEveryMs) return known.bids[0]?.price ?? null;
  const key = `silence:${instrumentId}`;
  if ((memory.notBefore.get(key) ?? 0) > clock.mono()) return null;
  memory.notBefore.set(key, clock.mono() + lookEveryMs);
  const book = await venue.orderBook(symbol);
  return book.ok ? (takeBook({ memory, clock, log }, book.value)?.bids[0]?.price ?? null) : null;
}
