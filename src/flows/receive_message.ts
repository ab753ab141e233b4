/**
 * Everything that a chat sends comes in here. Stored first, acknowledged second, decided third.
 *
 *   receive --commit inbox row (a repetition ends here)--> returns to the adapter, which may confirm it
 *      '--> handle: tap -> handle_tap, command -> answer_command, form or text -> answer_question  --> message_handled
 */
import { personBehind } from "../core/books_people.ts";
import { canonicalJson } from "../core/canonical.ts";
import { plainCard } from "../core/card.ts";
import { mark } from "../core/mark.ts";
import { LedgerUnavailable } from "../ports/ledger.ts";
import type { Incoming } from "../ports/messenger.ts";
import { answerCommand, isSecret } from "./answer_command.ts";
import { answerQuestion } from "./answer_question.ts";
import { handleTap } from "./handle_tap.ts";
import type { Needs } from "./needs.ts";
import { draft, record, recordFacts } from "./record.ts";
import { tellAsker } from "./tell_asker.ts";
import { noteLateTap } from "./tell_return.ts";

/** Longest text of a person that is kept. */
const textMax = 4_000;

export async function receiveMessage(needs: Needs, incoming: Incoming): Promise<void> {
  if (isNoise(needs, incoming))
    return void needs.messengers.get(incoming.chat.platform)?.acknowledge(incoming.answerRef, null);
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
  mark("H01.repeated_delivery");
  // The first delivery decides; the repetition is only told that it arrived, so that no spinner stays.
  void needs.messengers.get(incoming.chat.platform)?.acknowledge(incoming.answerRef, null);
}

/** What one account that is not linked may put on record within a minute; enough for /link, too little for a flood. */
const strangerMessagesPerMinute = 6;

/** Chatter of strangers is not kept: it would grow the ledger at their pace. Linked people are always heard. */
function isNoise(needs: Needs, incoming: Incoming): boolean {
  const { platform } = incoming.chat;
  if (personBehind(needs.ledger.books().people, platform, incoming.sender.userId) !== null) return false;
  if (incoming.kind === "text" || incoming.kind === "form") return true;
  const minute = Math.floor(needs.clock.mono() / 60_000);
  const key = `${platform}:${incoming.sender.userId}`;
  const seen = needs.memory.strangers.get(key);
  const count = seen?.minute === minute ? seen.count + 1 : 1;
  if (needs.memory.strangers.size > 10_000) needs.memory.strangers.clear();
  needs.memory.strangers.set(key, { minute, count });
  const isTooMuch = count > strangerMessagesPerMinute;
  if (isTooMuch) mark("M15.flood_of_a_stranger_is_shed");
  return isTooMuch;
}

function trimmed(incoming: Incoming): Incoming {
  switch (incoming.kind) {
    case "tap":
      return incoming;
    case "form":
      return { ...incoming, values: Object.fromEntries(Object.entries(incoming.values).map(kept)) };
    case "text":
      return { ...incoming, text: withoutCodes(incoming.text.slice(0, textMax)) };
    default:
      return { ...incoming, text: keptOfCommand(incoming) };
  }
}

const kept = ([name, text]: [string, string]): [string, string] => [
  name,
  name === "code" ? withoutCodes(text) : text.slice(0, textMax),
];

function keptOfCommand({ name, text }: { readonly name: string; readonly text: string }): string {
  return name === "code" ? withoutCodes(text) : text.slice(0, textMax);
}

/** A code of an authenticator app is proof for a minute and a half; the record is for ever. An answer that a crash left is late anyway. */
function withoutCodes(text: string): string {
  return text.replace(/(?<![\d.])(\d{3})[ -]?(\d{3})(?![\d.])/g, "••••••");
}

/** Messages that were stored but not handled (a crash in between) are handled now; what adds risk among them is asked again. */
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
  // One that is being handled now, however slowly, must not keep whoever looks again from all that is due beside it.
  const hold = how.isReplay ? needs.locks.tryRun : needs.locks.run;
  await hold(`inbox:${inboxId}`, async () => {
    const { handled } = needs.memory;
    if (needs.ledger.books().chat.inbox[inboxId] === undefined) return void handled.delete(inboxId);
    const outcome =
      handled.get(inboxId) ??
      (await handle(needs, incoming, { ...how, inboxId }).catch((error: unknown) => failed(needs, incoming, error)));
    // A database that was away: the message stays in the inbox, and the sweep looks at it again when it is back.
    if (outcome === null) return;
    handled.set(inboxId, outcome);
    if (incoming.kind === "tap" && incoming.arrivedLate) noteLateTap(needs, outcome);
    await recordFacts(needs, "house", [{ type: "message_handled", inboxId, outcome }]).then(
      () => handled.delete(inboxId),
      (error: unknown) =>
        needs.log.warn("A handled message could not be marked; that is done again, the message is not", {
          inboxId,
          error: String(error),
        }),
    );
  });
}

/** @returns null when the message should be handled again later. */
async function failed(needs: Needs, incoming: Incoming, error: unknown): Promise<string | null> {
  needs.log.error("A message could not be handled", {
    platform: incoming.chat.platform,
    kind: incoming.kind,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  if (error instanceof LedgerUnavailable) return null;
  // What failed may have followed a commit: nobody knows here how far it came.
  const card = plainCard("warning", "That did not come to its end.", [
    "Look at /status and /orders before you try again.",
  ]);
  await tellAsker(needs, incoming, card);
  return "failed";
}

function handle(needs: Needs, incoming: Incoming, how: { isReplay: boolean; inboxId: string }): Promise<string> {
  switch (incoming.kind) {
    case "tap":
      return handleTap(needs, incoming, how);
    case "command":
      return how.isReplay && isSecret(needs, incoming.name)
        ? skipSecret(needs, incoming)
        : answerCommand(needs, incoming, how);
    case "form":
    case "text":
      return answerQuestion(needs, incoming, how);
    default:
      return incoming satisfies never;
  }
}

/** A code must reach only the one who asked, and after a restart nobody may wait for it any more: that it was not done is said. */
async function skipSecret(needs: Needs, incoming: Extract<Incoming, { kind: "command" }>): Promise<string> {
  const card = plainCard("warning", `I was interrupted before /${incoming.name} was done.`, ["Send it again."]);
  await tellAsker(needs, incoming, card);
  return "skipped";
}
