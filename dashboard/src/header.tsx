/** The top line: which money, whether it trades, how it stands, and the way to stop it. */
import type { DeskState } from "../../src/adapters/desk/contract.ts";
import { useNow } from "./clock.ts";
import {
  localTime,
  showAmount,
  showChange,
  showPercent,
  showPercentChange,
  type Trend,
  trendOf,
  utcTime,
} from "./format.ts";
import { LeaveIcon, Mark } from "./icons.tsx";
import { StopMenu } from "./stop_menu.tsx";
import type { View } from "./wire/view.ts";

type HeaderProps = {
  readonly view: View;
  readonly onCommand: (name: string, text: string) => void;
  readonly onSignOut: () => Promise<void>;
};

export function Header({ view, onCommand, onSignOut }: HeaderProps) {
  const { house, person } = view;
  // Old figures look old.
  const age = view.line.kind === "live" ? "" : "opacity-50";
  return (
    <header className="z-30 border-b border-line bg-panel pt-[env(safe-area-inset-top)]">
      <div className="flex h-14 items-center gap-2.5 px-4 sm:gap-3 lg:px-6">
        <Mark className="size-7 shrink-0" />
        <span className="hidden font-serif text-xl tracking-tight sm:inline">Countersign</span>
        {house !== null && <ModeBadge mode={house.mode} phase={house.phase} />}
        {house !== null && <LevelChip level={house.level} because={house.levelBecause} />}
        <div className={`ml-auto hidden items-center gap-7 md:flex ${age}`}>
          {house !== null && <Figures house={house} />}
        </div>
        <div className="ml-auto flex items-center gap-2 md:ml-3">
          <LineDot view={view} />
          <StopMenu commands={view.commands} onCommand={onCommand} />
          <button
            type="button"
            onClick={() => void onSignOut()}
            title={person === null ? "Sign out" : `${person.displayName}, ${person.role}: sign out`}
            aria-label="Sign out"
            className="grid size-9 place-items-center rounded-lg text-ink-3 hover:bg-line hover:text-ink"
          >
            <LeaveIcon className="size-4.5" />
          </button>
        </div>
      </div>
      {house !== null && (
        <div className={`flex justify-between gap-4 overflow-x-auto border-t border-line px-4 py-2 md:hidden ${age}`}>
          <Figures house={house} />
        </div>
      )}
    </header>
  );
}

const modeNames = { PAPER: "Paper", DRY_RUN: "Dry run", LIVE: "Live" } as const;
const modeMeanings = {
  PAPER: "Practice money: every order goes to the practice exchange",
  DRY_RUN: "Everything happens except the last step: no order leaves",
  LIVE: "Real money",
} as const;

function ModeBadge({ mode, phase }: { mode: DeskState["mode"]; phase: number | null }) {
  const look = mode === "LIVE" ? "bg-no text-ground border-no" : "hatched border-brass/60 text-brass";
  return (
    <span
      title={modeMeanings[mode]}
      className={`flex h-7 shrink-0 items-center gap-1.5 rounded-md border px-2.5 text-[13px] font-bold tracking-[0.12em] uppercase ${look}`}
    >
      {modeNames[mode]}
      {phase !== null && (
        <span className="hidden font-normal tracking-normal normal-case xl:inline">phase {phase}</span>
      )}
    </span>
  );
}

const levels = {
  none: { name: "Trading", look: "text-ink-2", dot: "bg-up" },
  pause: { name: "Paused", look: "text-warn font-semibold", dot: "bg-warn" },
  flatten: { name: "Flattening", look: "text-warn font-semibold", dot: "bg-warn" },
  emergency: { name: "Emergency", look: "text-no font-semibold", dot: "bg-no" },
} as const;

function LevelChip({ level, because }: { level: DeskState["level"]; because: string | null }) {
  const { name, look, dot } = levels[level];
  return (
    <span className={`flex items-center gap-1.5 text-[13px] ${look}`} title={because ?? undefined} role="status">
      <span className={`size-2 rounded-full ${dot}`} />
      {name}
    </span>
  );
}

const trendLook: Readonly<Record<Trend, string>> = { up: "text-up", down: "text-down", flat: "text-ink" };

function Figures({ house: { money } }: { house: DeskState }) {
  const trend = trendOf(money.dayPnl);
  const [currency, unknown] = [money.currency, "unknown"];
  return (
    <>
      <Figure name="Equity" value={money.equity === null ? unknown : showAmount(money.equity, 2)} aside={currency} />
      <Figure
        name="Today"
        value={money.dayPnl === null ? unknown : showChange(money.dayPnl, 2)}
        aside={money.dayPnlRatio === null ? null : showPercentChange(money.dayPnlRatio)}
        look={trendLook[trend]}
      />
      <Figure
        name="Drawdown"
        value={money.drawdown === null ? unknown : showPercent(money.drawdown)}
        aside={money.drawdownMax === null ? null : `of ${showPercent(money.drawdownMax, 0)}`}
      />
    </>
  );
}

type FigureProps = { name: string; value: string; aside: string | null; look?: string };

function Figure({ name, value, aside, look = "" }: FigureProps) {
  return (
    <div className="shrink-0 leading-tight">
      <div className="caption">{name}</div>
      <div className={`figures whitespace-nowrap ${look}`}>
        <span className="text-[15px] font-semibold md:text-[17px]">{value}</span>
        {aside !== null && (
          <span className={`ml-1.5 text-xs md:text-[13px] ${look === "" ? "text-ink-3" : ""}`}>{aside}</span>
        )}
      </div>
    </div>
  );
}

function LineDot({ view }: { view: View }) {
  const now = useNow() + view.skewMs;
  const isLive = view.line.kind === "live";
  const market = view.house?.market;
  const isFast = market !== undefined && market.speed !== 1;
  const house = market === undefined || view.house === null ? 0 : market.now + (now - view.house.at) * market.speed;
  return (
    <div className="figures mr-2 hidden text-right text-xs leading-tight text-ink-3 xl:block" aria-hidden="true">
      <div className="flex items-center justify-end gap-1.5 text-ink-2">
        <span className={`size-1.5 rounded-full ${isLive ? "bg-up" : "animate-breathe bg-warn"}`} />
        {localTime(now)}
      </div>
      <div>{isFast ? `house ${utcTime(house, false)} ×${market.speed}` : utcTime(now)}</div>
    </div>
  );
}
