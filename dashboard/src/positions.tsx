/** The open positions: where each price stands between its stop and its target, and a live chart of the chosen one. */
import { useEffect, useState } from "react";
import type { CandleView, PositionView } from "../../src/adapters/desk/contract.ts";
import { useNow } from "./clock.ts";
import { duration, showAmount, showChange, showPercentChange, showPrice, trendOf } from "./format.ts";
import { PriceChart } from "./price_chart.tsx";
import { Section } from "./side_panel_section.tsx";
import { readCandles } from "./wire/session.ts";

type PositionsProps = { readonly positions: readonly PositionView[]; readonly currency: string };

const candlesEveryMs = 10_000;

export function Positions({ positions, currency }: PositionsProps) {
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = positions.find(({ positionId }) => positionId === chosenId) ?? positions[0];
  return (
    <Section title="Positions" aside={positions.length === 0 ? "none" : String(positions.length)}>
      {chosen === undefined ? (
        <p className="text-sm text-ink-2">
          No money is in the market. After an approval the position appears here with its stop and target.
        </p>
      ) : (
        <>
          <LiveChart key={chosen.instrumentId} position={chosen} />
          <ul className="-mx-2.5 mt-2 space-y-1">
            {positions.map((position) => (
              <li key={position.positionId}>
                <PositionRow
                  position={position}
                  currency={currency}
                  isChosen={position.positionId === chosen.positionId}
                  onChoose={() => setChosenId(position.positionId)}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

function LiveChart({ position }: { position: PositionView }) {
  const { instrumentId, symbol, entryPrice, stopPrice, targetPrice, lastPrice } = position;
  const [candles, setCandles] = useState<readonly CandleView[] | null>(null);
  useEffect(() => {
    let isGone = false;
    const read = async (): Promise<void> => {
      const fresh = await readCandles(instrumentId).catch(() => null);
      // While the house is away the last candles stay; the banner above says that they are old.
      if (!isGone && fresh !== null) setCandles(fresh);
    };
    void read();
    const timer = setInterval(() => void read(), candlesEveryMs);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, [instrumentId]);
  if (candles === null) return <div className="h-44 animate-breathe rounded-lg bg-line/40" />;
  if (candles.length === 0) return <p className="py-4 text-sm text-ink-3">No candles of {symbol} yet.</p>;
  return (
    <PriceChart
      candles={candles}
      order={{ entryPrice, stopPrice, targetPrice }}
      lastPrice={lastPrice}
      label={`Live candles of ${symbol} with entry, stop and target`}
      className="-mr-3 h-48 max-lg:h-60"
    />
  );
}

const trendLook = { up: "text-up", down: "text-down", flat: "text-ink-2" } as const;

type PositionRowProps = { position: PositionView; currency: string; isChosen: boolean; onChoose: () => void };

function PositionRow({ position, currency, isChosen, onChoose }: PositionRowProps) {
  const now = useNow();
  const look = trendLook[trendOf(position.pnl)];
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onChoose}
      className={`w-full rounded-lg px-2.5 py-2.5 text-left ${isChosen ? "bg-raised shadow-card" : "hover:bg-line/60"}`}
    >
      <span className="flex items-baseline justify-between gap-3">
        <span className="font-semibold">
          {position.symbol} <span className="font-normal text-ink-3">{position.direction}</span>
        </span>
        <span className={`figures font-semibold ${look}`}>
          {position.pnl === null ? "price unknown" : `${showChange(position.pnl, 2)} ${currency}`}
          {position.pnlRatio !== null && (
            <span className="ml-1.5 text-[13px] font-normal">{showPercentChange(position.pnlRatio)}</span>
          )}
        </span>
      </span>
      <Track position={position} />
      <span className="figures flex justify-between gap-3 text-[12.5px] text-ink-3">
        <span>
          {position.quantity} @ {showPrice(position.entryPrice)}
        </span>
        <span>
          {showAmount(position.notional, 2)} · {duration(now - position.openedAt)}
        </span>
      </span>
      <span className="block truncate text-[12.5px] text-ink-3">
        {position.strategy} · {position.venue}
        {position.state !== "monitoring" && (
          <b className="font-medium text-warn"> · {position.state.replaceAll("_", " ")}</b>
        )}
      </span>
    </button>
  );
}

/** Stop on the left, target on the right, whichever way the position points; a tick at entry, a dot at the last price. */
function Track({ position }: { position: PositionView }) {
  const { stopPrice, targetPrice, entryPrice, lastPrice } = position;
  if (stopPrice === null) return <span className="my-1.5 block text-[12.5px] font-medium text-no">No stop known</span>;
  const [stop, entry] = [Number(stopPrice), Number(entryPrice)];
  // Without a target the track ends as far above entry as three times the risk.
  const end = targetPrice === null ? entry + 3 * (entry - stop) : Number(targetPrice);
  const place = (price: number): number => Math.min(100, Math.max(0, ((price - stop) / (end - stop)) * 100));
  const entryAt = place(entry);
  const lastAt = lastPrice === null ? null : place(Number(lastPrice));
  const isGain = lastAt !== null && lastAt >= entryAt;
  return (
    <span className="my-2 block">
      <span className="relative block h-[5px] rounded-full bg-line">
        {lastAt !== null && (
          <span
            className={`absolute inset-y-0 rounded-full transition-[left,width] duration-300 ${isGain ? "bg-up" : "bg-down"}`}
            style={{ left: `${Math.min(entryAt, lastAt)}%`, width: `${Math.abs(lastAt - entryAt)}%` }}
          />
        )}
        <span className="absolute -inset-y-[3px] w-0.5 -translate-x-1/2 bg-brass" style={{ left: `${entryAt}%` }} />
        {lastAt !== null && (
          <span
            className={`absolute top-1/2 size-3 -translate-1/2 rounded-full border-2 border-panel transition-[left] duration-300 ${isGain ? "bg-up" : "bg-down"}`}
            style={{ left: `${lastAt}%` }}
          />
        )}
      </span>
      <span className="figures mt-1 flex justify-between text-[11.5px]">
        <span className="text-down">stop {showPrice(stopPrice)}</span>
        {lastPrice !== null && <span className="text-ink">{showPrice(lastPrice)}</span>}
        <span className="text-up">{targetPrice === null ? "no target" : `target ${showPrice(targetPrice)}`}</span>
      </span>
    </span>
  );
}
