/** Beside the conversation: what is open, what waits, how the house is. On a phone its two halves are rooms of their own. */
import type { CardMessage, DeskState } from "../../src/adapters/desk/contract.ts";
import { useNow } from "./clock.ts";
import { countdown } from "./format.ts";
import { Positions } from "./positions.tsx";
import { Section } from "./side_panel_section.tsx";
import type { Tab } from "./tab_bar.tsx";
import type { View } from "./wire/view.ts";

type SidePanelProps = {
  readonly view: View;
  readonly tab: Tab;
  readonly waiting: readonly CardMessage[];
  readonly onJump: (messageId: string) => void;
};

export function SidePanel({ view, tab, waiting, onJump }: SidePanelProps) {
  const { house } = view;
  return (
    <aside
      aria-label="State of the house"
      className={`min-h-0 overflow-y-auto overscroll-contain border-line bg-panel lg:block lg:border-l ${tab === "desk" ? "hidden" : ""}`}
    >
      {house === null ? (
        <p className="p-6 text-sm text-ink-3">
          {view.line.kind === "connecting"
            ? "Asking the house…"
            : "The house has no picture of itself just now; its log says why."}
        </p>
      ) : (
        <>
          <div className={tab === "house" ? "max-lg:hidden" : ""}>
            {waiting.length > 0 && <Waiting waiting={waiting} skewMs={view.skewMs} onJump={onJump} />}
            <Positions positions={house.positions} currency={house.money.currency} />
          </div>
          <div className={tab === "positions" ? "max-lg:hidden" : ""}>
            <Health health={house.health} />
            <People people={house.people} />
            <Colophon house={house} />
          </div>
        </>
      )}
    </aside>
  );
}

type WaitingProps = { waiting: readonly CardMessage[]; skewMs: number; onJump: (messageId: string) => void };

function Waiting({ waiting, skewMs, onJump }: WaitingProps) {
  const now = useNow() + skewMs;
  return (
    <Section title="Waits for a signature" aside={String(waiting.length)}>
      <ul className="-mx-2">
        {waiting.map(({ messageId, card }) => (
          <li key={messageId}>
            <button
              type="button"
              onClick={() => onJump(messageId)}
              className="flex w-full items-center gap-3 rounded-lg px-2 py-1.5 text-left hover:bg-line"
            >
              <span className="size-2 shrink-0 animate-breathe rounded-full bg-brass" />
              <span className="min-w-0 flex-1 truncate">{card.title}</span>
              {card.expiresAt !== undefined && (
                <span className="figures text-[13px] font-medium text-brass">{countdown(card.expiresAt - now)}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const lights = {
  good: { dot: "bg-up", word: "good" },
  unsure: { dot: "bg-warn", word: "unsure" },
  bad: { dot: "bg-no", word: "bad" },
} as const;

function Health({ health }: { health: DeskState["health"] }) {
  const groups = [
    ["House", [health.house]],
    ["Venues", health.venues],
    ["Chats", health.chats],
  ] as const;
  return (
    <Section title="Health">
      <div className="space-y-3">
        {groups.map(([title, parts]) => (
          <div key={title} className="grid grid-cols-[4.25rem_minmax(0,1fr)] gap-x-3">
            <span className="caption pt-[3px]">{title}</span>
            <ul className="space-y-1">
              {parts.map(({ name, light, note }) => (
                <li key={name} className="flex items-baseline gap-2 text-sm">
                  <span className={`size-2 shrink-0 -translate-y-px rounded-full ${lights[light].dot}`} />
                  <span className="shrink-0">{name}</span>
                  <span className="sr-only">is {lights[light].word}</span>
                  {note !== null && <span className="min-w-0 text-ink-3 [overflow-wrap:anywhere]">{note}</span>}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </Section>
  );
}

function People({ people }: { people: DeskState["people"] }) {
  return (
    <Section title="Who may sign">
      <ul className="space-y-1.5 text-sm">
        {people.map(({ displayName, role, platforms }) => (
          <li key={displayName} className="flex items-baseline justify-between gap-3">
            <span>
              {displayName} <span className="text-ink-3">{role}</span>
            </span>
            <span className="text-ink-3">{platforms.join(", ")}</span>
          </li>
        ))}
      </ul>
      {people.every(({ platforms }) => platforms.every((name) => name === "desk")) && (
        <p className="mt-3 text-[13px] text-ink-2">
          Link Telegram or Discord and the same prompts reach your phone: type <code className="font-mono">/link</code>.
        </p>
      )}
    </Section>
  );
}

function Colophon({ house }: { house: DeskState }) {
  return (
    <footer className="figures space-y-1 px-5 py-5 text-xs text-ink-3 lg:px-6">
      <p>
        Countersign {house.version} · epoch {house.epoch}
        {house.phase !== null && ` · phase ${house.phase}`}
      </p>
      <p>
        Charts drawn with{" "}
        <a
          className="underline underline-offset-2"
          href="https://www.tradingview.com/"
          rel="noreferrer"
          target="_blank"
        >
          TradingView Lightweight Charts™
        </a>
        , © TradingView, Inc., Apache License 2.0.
      </p>
    </footer>
  );
}
