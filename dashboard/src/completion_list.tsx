/** The popover above the command box: names with what they do, or values of the option that is being typed. */
import { useEffect, useRef } from "react";
import type { Hint } from "./completion.ts";

export type Offer = {
  /** The whole line after taking it. */
  readonly text: string;
  readonly label: string;
  readonly aside: string | null;
  /** Enter takes it instead of sending. */
  readonly isUnfinished: boolean;
};

type CompletionListProps = {
  readonly id: string;
  readonly hint: Hint;
  readonly offers: readonly Offer[];
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
  readonly onTake: (offer: Offer) => void;
};

export function CompletionList({ id, hint, offers, chosen, onChoose, onTake }: CompletionListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <div className="absolute inset-x-3 bottom-full z-20 mb-1 animate-arrive overflow-hidden rounded-xl border border-line-strong bg-raised shadow-card sm:inset-x-5 sm:left-24">
      {hint.kind === "option" && (
        <p className="border-b border-line px-4 py-2 text-[13px] text-ink-2">
          <span className="font-mono text-brass">{hint.option.name}</span> {hint.option.description}
        </p>
      )}
      <div ref={list} id={id} role="listbox" aria-label="Completions" className="max-h-80 overflow-y-auto py-1">
        {offers.map((offer, index) => (
          <div
            key={offer.label}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onPointerMove={() => onChoose(index)}
            onPointerDown={(event) => {
              // Before the box loses its focus and the list with it.
              event.preventDefault();
              onTake(offer);
            }}
            className={`flex cursor-pointer items-baseline gap-3 px-4 py-2 ${index === chosen ? "bg-line/70" : ""}`}
          >
            <span className="shrink-0 font-mono text-[14.5px] font-medium">{offer.label}</span>
            {offer.aside !== null && <span className="min-w-0 truncate text-[13px] text-ink-2">{offer.aside}</span>}
          </div>
        ))}
      </div>
      <p className="hidden border-t border-line px-4 py-1.5 text-[11.5px] text-ink-3 sm:block" aria-hidden="true">
        ↑ ↓ to choose · Tab or Enter to take · Esc to close
      </p>
    </div>
  );
}
