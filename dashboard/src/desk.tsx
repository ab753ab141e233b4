/** The desk itself: header, conversation, side panel, command box; on a phone one of three at a time. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { CardMessage } from "../../src/adapters/desk/contract.ts";
import { Composer } from "./composer.tsx";
import { Conversation } from "./conversation.tsx";
import { Header } from "./header.tsx";
import { LineBanner } from "./line_banner.tsx";
import { isOpenPrompt } from "./message_kind.ts";
import { SidePanel } from "./side_panel.tsx";
import { type Tab, TabBar } from "./tab_bar.tsx";
import { Toasts } from "./toasts.tsx";
import { type DeskLine, openDeskLine } from "./wire/line.ts";
import { emptyView, type View } from "./wire/view.ts";

type DeskProps = { readonly onEnd: (because: string) => void; readonly onSignOut: () => Promise<void> };

/** Opens the line with the component and closes it with it, also under React's double mounting in development. */
function useDeskLine(): { line: DeskLine | null; view: View } {
  const [line, setLine] = useState<DeskLine | null>(null);
  useEffect(() => {
    const opened = openDeskLine();
    setLine(opened);
    return () => opened.close();
  }, []);
  const view = useSyncExternalStore(
    useMemo(() => line?.subscribe ?? (() => () => undefined), [line]),
    () => line?.read() ?? emptyView,
  );
  return { line, view };
}

export function Desk({ onEnd, onSignOut }: DeskProps) {
  const { line, view } = useDeskLine();
  const [tab, setTab] = useState<Tab>("desk");
  const [replyTo, setReplyTo] = useState<CardMessage | null>(null);
  const waiting = view.messages.filter(isOpenPrompt);

  const end = view.line.kind === "ended" ? view.line.because : null;
  const ending = useRef(onEnd);
  ending.current = onEnd;
  useEffect(() => {
    if (end !== null) ending.current(end);
  }, [end]);

  const mode = view.house?.mode;
  useEffect(() => {
    const count = waiting.length > 0 ? `(${waiting.length}) ` : "";
    document.title = `${count}Countersign${mode === undefined ? "" : ` · ${mode}`}`;
  }, [waiting.length, mode]);

  const jumpTo = (messageId: string): void => {
    setTab("desk");
    // The conversation may only now come back into sight on a phone.
    requestAnimationFrame(() => {
      const card = document.getElementById(`m-${messageId}`);
      card?.scrollIntoView({ behavior: "smooth", block: "center" });
      card?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    });
  };

  if (line === null) return null;
  const isLive = view.line.kind === "live";
  const hands = { onTap: line.tap, onForm: line.form, onReply: setReplyTo, onCommand: line.command };
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_auto_minmax(0,1fr)_auto] overflow-hidden">
      <Header view={view} onCommand={line.command} onSignOut={onSignOut} />
      <LineBanner view={view} onRetry={line.retryNow} />
      <div className="relative grid min-h-0 grid-cols-[minmax(0,1fr)] lg:grid-cols-[minmax(0,1fr)_23.5rem]">
        <main
          aria-label="Conversation"
          className={`min-h-0 min-w-0 grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto] ${tab === "desk" ? "grid" : "hidden lg:grid"}`}
        >
          <Conversation view={view} isLive={isLive} {...hands} />
          <Composer view={view} line={line} replyTo={replyTo} onReplyDone={() => setReplyTo(null)} />
        </main>
        <SidePanel view={view} tab={tab} waiting={waiting} onJump={jumpTo} />
        <Toasts toasts={view.toasts} onDismiss={line.dismiss} />
      </div>
      <TabBar
        tab={tab}
        onTab={setTab}
        waitingCount={waiting.length}
        positionCount={view.house?.positions.length ?? 0}
      />
    </div>
  );
}
