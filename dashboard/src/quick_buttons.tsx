/** One-tap commands above the box. Only those that exist and that this person may use. */
import { PauseIcon } from "./icons.tsx";
import { isOpenPrompt } from "./message_kind.ts";
import type { View } from "./wire/view.ts";

const quick = ["status", "positions", "approvals", "pnl", "why"] as const;

type QuickButtonsProps = {
  readonly view: View;
  readonly onCommand: (name: string, text: string) => void;
  readonly onType: (words: string) => void;
};

export function QuickButtons({ view, onCommand, onType }: QuickButtonsProps) {
  const knows = (name: string): boolean => view.commands.some((command) => command.name === name);
  const isStopped = view.house !== null && view.house.level !== "none";
  // A small screen belongs to what is to be signed; pausing stays in the header.
  const hasPrompt = view.messages.some(isOpenPrompt);
  const look = "flex h-8 shrink-0 items-center gap-1 rounded-full border px-3 text-[13px]";
  return (
    <div
      className={`-mx-3 mb-2 flex gap-1.5 overflow-x-auto px-3 [scrollbar-width:none] ${hasPrompt ? "max-sm:hidden" : ""}`}
    >
      {!isStopped && knows("pause") && (
        <button
          type="button"
          onClick={() => onCommand("pause", "")}
          className={`${look} border-no/45 font-medium text-no hover:bg-no/10`}
        >
          <PauseIcon className="size-4" />
          Pause
        </button>
      )}
      {isStopped && knows("resume") && (
        <button
          type="button"
          onClick={() => onType("/resume ")}
          className={`${look} border-brass/60 font-medium text-brass hover:bg-brass/10`}
        >
          Resume…
        </button>
      )}
      {quick.filter(knows).map((name) => (
        <button
          key={name}
          type="button"
          onClick={() => onCommand(name, "")}
          className={`${look} border-line-strong text-ink-2 hover:bg-line hover:text-ink`}
        >
          {name === "pnl" ? "P&L" : name.charAt(0).toUpperCase() + name.slice(1)}
        </button>
      ))}
    </div>
  );
}
