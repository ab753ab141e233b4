/** The log of the desk: newest at the foot, times in the margin, open prompts impossible to miss. */
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { CardMessage, MessageView, SaidMessage } from "../../src/adapters/desk/contract.ts";
import { CardBody } from "./card_body.tsx";
import { EmptyDesk } from "./empty_desk.tsx";
import { localDay, localTime, utcTime } from "./format.ts";
import { DownIcon } from "./icons.tsx";
import { isOpenPrompt, kindOf } from "./message_kind.ts";
import { PromptCard } from "./prompt_card.tsx";
import type { View } from "./wire/view.ts";

export type ConversationProps = {
  readonly view: View;
  readonly isLive: boolean;
  readonly onTap: (messageId: string, token: string) => void;
  readonly onForm: (messageId: string, token: string, values: Readonly<Record<string, string>>) => void;
  readonly onReply: (message: CardMessage) => void;
  readonly onCommand: (name: string, text: string) => void;
};

/** Nearer than this to the foot counts as reading the newest. */
const nearPx = 120;

export function Conversation(props: ConversationProps) {
  const { messages } = props.view;
  const { list, onScroll, unseen, toFoot } = useFollowing(messages);
  const isEmpty = messages.length === 0;
  return (
    <div className="relative min-h-0">
      <div
        ref={list}
        onScroll={onScroll}
        role="log"
        aria-label="Messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable with the keyboard.
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain"
      >
        <div className="mx-auto flex min-h-full max-w-[55rem] flex-col justify-end px-3 pt-6 pb-5 sm:px-5">
          {isEmpty ? (
            <EmptyDesk view={props.view} onCommand={props.onCommand} />
          ) : (
            messages.map((message, index) => (
              <Row key={message.messageId} before={messages[index - 1]} message={message} {...props} />
            ))
          )}
        </div>
      </div>
      {unseen > 0 && (
        <button
          type="button"
          onClick={toFoot}
          className="absolute bottom-3 left-1/2 flex -translate-x-1/2 animate-arrive items-center gap-1.5 rounded-full border border-line-strong bg-raised px-3.5 py-1.5 text-sm shadow-card"
        >
          <DownIcon className="size-4" />
          {unseen === 1 ? "1 new message" : `${unseen} new messages`}
        </button>
      )}
    </div>
  );
}

/** Stays with the newest message while the reader is there, and counts what arrives while the reader is elsewhere. */
function useFollowing(messages: readonly MessageView[]) {
  const list = useRef<HTMLDivElement>(null);
  const isNear = useRef(true);
  const [seenId, setSeenId] = useState<string | null>(null);
  const lastId = messages.at(-1)?.messageId ?? null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: also an edit that made a card taller or shorter counts.
  useLayoutEffect(() => {
    if (list.current === null || !isNear.current) return;
    showNewest(list.current);
    setSeenId(lastId);
  }, [messages, lastId]);

  useEffect(() => {
    const box = list.current;
    if (box === null) return;
    // The command box or the keyboard of a phone may take room at the foot.
    const watch = new ResizeObserver(() => {
      if (isNear.current) showNewest(box);
    });
    watch.observe(box);
    return () => watch.disconnect();
  }, []);

  const onScroll = (): void => {
    if (list.current === null) return;
    isNear.current = isAtNewest(list.current);
    if (isNear.current) setSeenId(lastId);
  };
  const toFoot = (): void => {
    if (list.current !== null) showNewest(list.current, "smooth");
  };
  const seenIndex = messages.findLastIndex(({ messageId }) => messageId === seenId);
  return { list, onScroll, toFoot, unseen: seenId === null ? 0 : messages.length - 1 - seenIndex };
}

/** Distance from the top of the scrolled content to the newest message. */
function newestTop(box: HTMLElement): number {
  const newest = [...box.querySelectorAll("article")].at(-1);
  return newest === undefined
    ? 0
    : newest.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
}

/** The foot of the log, unless the newest message is taller than the window: that one is read from its beginning. */
function showNewest(box: HTMLElement, behavior: ScrollBehavior = "instant"): void {
  box.scrollTo({ top: Math.min(newestTop(box), box.scrollHeight - box.clientHeight), behavior });
}

function isAtNewest(box: HTMLElement): boolean {
  const isAtFoot = box.scrollHeight - box.scrollTop - box.clientHeight < nearPx;
  return isAtFoot || box.scrollTop >= newestTop(box) - nearPx;
}

function isNewDay(before: MessageView | undefined, message: MessageView): boolean {
  return before === undefined || localDay(before.postedAt) !== localDay(message.postedAt);
}

function DayRule({ at }: { at: number }) {
  return (
    <div className="my-3 flex items-center gap-4 sm:pl-19">
      <span className="h-px flex-1 bg-line" />
      <span className="font-serif text-sm text-ink-3 italic">{localDay(at)}</span>
      <span className="h-px flex-1 bg-line" />
    </div>
  );
}

function Row({
  message,
  before,
  ...props
}: ConversationProps & { message: MessageView; before: MessageView | undefined }) {
  return (
    <>
      {isNewDay(before, message) && <DayRule at={message.postedAt} />}
      <article
        id={`m-${message.messageId}`}
        className="grid animate-arrive grid-cols-[minmax(0,1fr)] py-2 sm:grid-cols-[3.75rem_minmax(0,1fr)] sm:gap-x-4"
      >
        <time
          dateTime={new Date(message.postedAt).toISOString()}
          title={utcTime(message.postedAt)}
          className="figures pt-2.5 text-xs text-ink-3 max-sm:hidden sm:text-right"
        >
          {localTime(message.postedAt, false)}
        </time>
        {message.kind === "said" ? <Said message={message} /> : <Card message={message} {...props} />}
      </article>
    </>
  );
}

const saidStatus = { sending: "sending…", received: "", not_received: "not received" } as const;

function Said({ message }: { message: SaidMessage }) {
  return (
    <div className="flex items-baseline justify-end gap-2.5">
      <span className={`text-xs ${message.status === "not_received" ? "text-no" : "text-ink-3"}`}>
        {saidStatus[message.status]}
      </span>
      <p className="max-w-[85%] rounded-2xl rounded-br-md bg-line px-3.5 py-1.5 font-mono text-[13.5px] [overflow-wrap:anywhere]">
        <span className="sr-only">You: </span>
        {message.text}
      </p>
    </div>
  );
}

function Card({ message, view, isLive, onTap, onForm, onReply }: ConversationProps & { message: CardMessage }) {
  const kind = kindOf(message);
  const shared = { message, isLive, tapping: view.tapping, onTap };
  if (kind === "prompt") {
    return (
      <PromptCard {...shared} skewMs={view.skewMs} onReply={isOpenPrompt(message) ? () => onReply(message) : null} />
    );
  }
  return (
    <CardBody {...shared} kind={kind} onForm={onForm} onReply={kind === "reply" ? () => onReply(message) : null} />
  );
}
