/** Whether the things we depend on answer: a source that fails for a while is gone, said once; when it answers again, that is said too. */
import { chatKey, linkedChats } from "../core/books_people.ts";
import type { Chat } from "../core/events.ts";
import { between } from "../core/time.ts";
import { linkedPlatforms } from "./alerts_heard.ts";
import type { Needs } from "./needs.ts";
import { draft, record } from "./record.ts";

/** Real ms of nothing but failures after which a source counts as gone. */
const goneAfterMs = 5_000;
/** A chat that connects anew is deaf for a moment, which is nobody's business. */
const deafAfterMs = 30_000;

export async function sourceFailed(needs: Needs, source: string, because: string): Promise<void> {
  if (failingMs(needs, source) >= goneAfterMs) await noteGone(needs, source, because);
}

/** How long nothing but failures came under this key; the first one begins it. */
function failingMs({ memory, clock }: Needs, key: string): number {
  const since = memory.failingSince.get(key) ?? clock.mono();
  memory.failingSince.set(key, since);
  return clock.mono() - since;
}

async function noteGone(needs: Needs, source: string, because: string): Promise<void> {
  if (needs.ledger.books().house.gone[source] !== undefined) return;
  await record(needs, (books) =>
    books.house.gone[source] === undefined
      ? { drafts: [draft("house", { type: "source_gone", source, because })], value: undefined }
      : { drafts: [], value: undefined },
  );
}

export async function sourceAnswered(needs: Needs, source: string): Promise<void> {
  needs.memory.failingSince.delete(source);
  if (needs.ledger.books().house.gone[source] === undefined) return;
  await record(needs, (books, { wallAt }) => {
    const gone = books.house.gone[source];
    return gone === undefined
      ? { drafts: [], value: undefined }
      : {
          drafts: [draft("house", { type: "source_back", source, goneMs: between(gone.since, wallAt) })],
          value: undefined,
        };
  });
}

/** One chat refuses while others of its platform may take everything: the platform is well again when all of them do. */
export function chatRefused(needs: Needs, chat: Chat, because: string): Promise<void> {
  needs.memory.telling.refusingChats.add(chatKey(chat));
  return sourceFailed(needs, `chat:${chat.platform}`, `${because} (chat ${chat.chatId})`);
}

export async function chatAnswered(needs: Needs, chat: Chat): Promise<void> {
  const { refusingChats } = needs.memory.telling;
  refusingChats.delete(chatKey(chat));
  const isRefused = namedChats(needs).some((one) => one.platform === chat.platform && refusingChats.has(chatKey(one)));
  if (!isRefused) await sourceAnswered(needs, `chat:${chat.platform}`);
}

/** Chats that somebody wants to be told in: linked ones, and those of the settings. */
export function namedChats({ ledger, settings }: Needs): readonly Chat[] {
  return [...linkedChats(ledger.books().people), ...(settings.routes ?? []).flatMap(({ chats }) => chats)];
}

/** The doorbell: what is wrong with it costs seconds and no order, and a person should still know. */
export function watchQueue(needs: Needs): Promise<void> {
  const { problem } = needs.queue.health();
  return problem === null ? sourceAnswered(needs, "queue") : sourceFailed(needs, "queue", problem);
}

/** A chat that nobody writes to would be deaf unnoticed: whoever relies on it has to hear of it in another one. */
export async function watchChats(needs: Needs): Promise<void> {
  const linked = linkedPlatforms(needs);
  for (const [platform, messenger] of needs.messengers) {
    if (!linked.has(platform)) continue;
    const source = `chat:${platform}`;
    // Counted apart from refused messages: a chat that refuses them may hear perfectly well.
    const key = `deaf:${platform}`;
    const { isHearing, problem } = messenger.health();
    if (isHearing && needs.memory.failingSince.delete(key)) await sourceAnswered(needs, source);
    if (!isHearing && failingMs(needs, key) >= deafAfterMs) await noteGone(needs, source, problem ?? "not connected");
  }
}
