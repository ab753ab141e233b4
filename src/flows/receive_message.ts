/**
 * Everything that a chat sends comes in here. Stored first, acknowledged second, decided third.
 *
 *   receive --commit inbox row (a repetition ends here)--> returns to the adapter, which may confirm it
 *      '--> handle: tap -> handle_tap, command -> answer_command, text -> link code or a hint  --> message_handled
 */
import { canonicalJson } from "../core/canonical.ts";
import type { Incoming } from "../ports/messenger.ts";
import { answerCommand } from "./answer_command.ts";
import { handleTap } from "./handle_tap.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";

/** Longest text of a person that is kept. */
const textMax = 4_000;

export async function receiveMessage(needs: Needs, incoming: Incoming): Promise<void> {
  const inboxId = needs.ids.next("in");
  const eventKeys = incoming.eventIds.map((id) => `${incoming.chat.platform}:${id}`);
  const payload = canonicalJson(trimmed(incoming));
  const isNew = await record(needs, (books) => {
    if (eventKeys.some((key) => books.chat.seen[key] !== undefined)) return { drafts: [], value: false };
    return {
      drafts: [
        draft(`${incoming.chat.platform}:${incoming.sender.userId}`, {
          type: "message_received",
          inboxId,
          eventKeys,
          payload,
        }),
      ],
      value: true,
    };
  });
  if (isNew) {
    void handleMessage(needs, inboxId, incoming, { isReplay: false });
    return;
  }
  // The first delivery decides; the repetition is only told that it arrived, so that no spinner stays.
  void needs.messengers.get(incoming.chat.platform)?.acknowledge(incoming.answerRef, null);
}

function trimmed(incoming: Incoming): Incoming {
  return incoming.kind === "tap" ? incoming : { ...incoming, text: incoming.text.slice(0, textMax) };
}

/** Messages that were stored but not handled (a crash in between) are handled now; taps among them no longer add risk. */
export async function handleWaiting(needs: Needs): Promise<number> {
  const waiting = Object.entries(needs.ledger.books().chat.inbox);
  for (const [inboxId, row] of waiting) {
    const incoming = JSON.parse(row.payload) as Incoming;
    await handleMessage(needs, inboxId, { ...incoming, arrivedLate: true }, { isReplay: true });
  }
  return waiting.length;
}

export async function handleMessage(
  needs: Needs,
  inboxId: string,
  incoming: Incoming,
  how: { isReplay: boolean },
): Promise<void> {
  await needs.locks.run(`inbox:${inboxId}`, async () => {
    if (needs.ledger.books().chat.inbox[inboxId] === undefined) return;
    const outcome = await handle(needs, incoming, how).catch((error: unknown) => {
      needs.log.error("A message could not be handled", {
        platform: incoming.chat.platform,
        kind: incoming.kind,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      return "failed";
    });
    await recordFacts(needs, "house", [{ type: "message_handled", inboxId, outcome }]).catch((error: unknown) =>
      needs.log.warn("A handled message could not be marked; it will be looked at again", {
        inboxId,
        error: String(error),
      }),
    );
  });
}

function handle(needs: Needs, incoming: Incoming, how: { isReplay: boolean }): Promise<string> {
  switch (incoming.kind) {
    case "tap":
      return handleTap(needs, incoming, how);
    case "command":
      return answerCommand(needs, incoming);
    case "text":
      return Promise.resolve("ignored");
    default:
      return incoming satisfies never;
  }
}
