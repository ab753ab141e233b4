/**
 * What is to be signed, drawn like a docket: the order, its chart, its facts one a line, the time that is left, two
 * buttons; and after the decision a signature line in place of the buttons.
 */
import { useState } from "react";
import type { CardMessage } from "../../src/adapters/desk/contract.ts";
import { Buttons, Facts } from "./card_parts.tsx";
import { useNow } from "./clock.ts";
import { countdown, localTime, showPrice, utcTime } from "./format.ts";
import { CheckIcon, CrossIcon } from "./icons.tsx";
import { isOpenPrompt } from "./message_kind.ts";
import { PriceChart } from "./price_chart.tsx";

type PromptCardProps = {
  readonly message: CardMessage;
  readonly skewMs: number;
  readonly isLive: boolean;
  readonly tapping: ReadonlySet<string>;
  readonly onTap: (messageId: string, token: string) => void;
  readonly onReply: (() => void) | null;
};

export function PromptCard({ message, skewMs, isLive, tapping, onTap, onReply }: PromptCardProps) {
  const { card, buttons, messageId } = message;
  const isOpen = isOpenPrompt(message);
  const isWaiting = isOpen || card.tone === "waiting";
  const now = useNow() + skewMs;
  const leftMs = card.expiresAt === undefined ? null : card.expiresAt - now;
  const isOver = leftMs !== null && leftMs <= 0;
  return (
    <section
      aria-label={`${isWaiting ? "Waiting for a signature: " : "Closed: "}${card.title}`}
      className={`overflow-hidden rounded-xl border bg-raised shadow-card ${isWaiting ? "border-brass/55" : "border-line"}`}
    >
      <div
        className={`flex items-center gap-3 px-5 py-2.5 text-[13px] ${isWaiting ? "bg-brass-soft text-brass" : "bg-panel text-ink-3"}`}
      >
        <span className="font-semibold">{isWaiting ? "For your signature" : "Settled"}</span>
        <span className="figures text-xs opacity-80 sm:hidden">{localTime(message.postedAt, false)}</span>
        {isWaiting && leftMs !== null && <TimeLeft leftMs={leftMs} />}
      </div>
      {isWaiting && leftMs !== null && card.expiresAt !== undefined && (
        <Drain share={leftMs / Math.max(1, card.expiresAt - message.postedAt)} isLate={leftMs < 30_000} />
      )}
      <div className="px-5 pt-4 pb-5">
        <h3 className="font-serif text-[26px] leading-tight tracking-tight [overflow-wrap:anywhere]">{card.title}</h3>
        {card.lines.map((line) => (
          <p key={line} className="mt-1.5 text-ink-2 [overflow-wrap:anywhere]">
            {line}
          </p>
        ))}
        <OrderChart card={card} isOpen={isWaiting} />
        <div className="mt-3">
          <Facts fields={card.fields} isLarge={isWaiting} />
        </div>
        {isWaiting && card.expiresAt !== undefined && (
          <p className="figures mt-3 text-[13px] text-ink-3">
            Counts until {localTime(card.expiresAt)} here, {utcTime(card.expiresAt)}. Silence means no trade.
          </p>
        )}
        {isOpen && (
          <div className="mt-4">
            <Buttons
              buttons={buttons}
              tapping={tapping}
              isShut={!isLive || isOver}
              onTap={(token) => onTap(messageId, token)}
            />
          </div>
        )}
        {isOver && isOpen && <p className="mt-3 text-sm text-warn">Time is up. The house closes this now.</p>}
        {card.footer !== null &&
          (isWaiting ? (
            <p className="mt-3.5 text-xs text-ink-3">{card.footer}</p>
          ) : (
            <Signature footer={card.footer} isYes={card.tone === "ok"} />
          ))}
        {onReply !== null && (
          <button
            type="button"
            onClick={onReply}
            className="mt-2 text-xs text-ink-3 underline underline-offset-4 hover:text-ink"
          >
            Answer with words
          </button>
        )}
      </div>
    </section>
  );
}

function TimeLeft({ leftMs }: { leftMs: number }) {
  return (
    <span
      role="timer"
      aria-label="Time left"
      className={`figures ml-auto text-lg leading-none font-semibold ${leftMs < 30_000 ? "text-no" : ""}`}
    >
      {countdown(leftMs)}
    </span>
  );
}

function Drain({ share, isLate }: { share: number; isLate: boolean }) {
  const left = Math.min(1, Math.max(0, share));
  return (
    <div className="h-[3px] bg-brass/15" aria-hidden="true">
      <div
        className={`h-full origin-left transition-transform duration-500 ease-linear ${isLate ? "bg-no" : "bg-brass"}`}
        style={{ transform: `scaleX(${left})` }}
      />
    </div>
  );
}

function OrderChart({ card, isOpen }: { card: CardMessage["card"]; isOpen: boolean }) {
  const [isShown, setShown] = useState(false);
  const { chart } = card;
  if (chart === null) return null;
  const target = chart.targetPrice === null ? "" : `, target ${showPrice(chart.targetPrice)}`;
  const label = `Candles of ${chart.instrumentId}: entry ${showPrice(chart.entryPrice)}, stop ${showPrice(chart.stopPrice)}${target}`;
  if (!isOpen && !isShown) {
    return (
      <button
        type="button"
        onClick={() => setShown(true)}
        className="mt-3 text-[13px] text-ink-2 underline decoration-line-strong underline-offset-4 hover:text-ink"
      >
        Show the chart
      </button>
    );
  }
  return (
    <PriceChart
      candles={chart.candles}
      order={chart}
      lastPrice={null}
      label={label}
      className="-mr-3 mt-3.5 h-48 sm:h-56"
    />
  );
}

/** "APPROVED 14:03:22Z by Ana (desk) · v1 · filled ..." on a line, like a name on paper. */
function Signature({ footer, isYes }: { footer: string; isYes: boolean }) {
  const [what = "", ...rest] = footer.split(" · ");
  return (
    <div className="mt-5 flex items-end gap-3">
      <span
        className={`grid size-9 shrink-0 place-items-center rounded-full border-[1.5px] ${isYes ? "border-yes text-yes" : "border-ink-3 text-ink-3"}`}
      >
        {isYes ? <CheckIcon className="size-5" /> : <CrossIcon className="size-4.5" />}
      </span>
      <div className="min-w-0 flex-1">
        <p
          className={`animate-sign border-b border-line-strong pb-1 font-serif text-lg leading-snug italic ${isYes ? "text-yes" : "text-ink-2"}`}
        >
          {what}
        </p>
        <p className="figures mt-1 min-h-4 text-[13px] text-ink-2">{rest.join(" · ")}</p>
      </div>
    </div>
  );
}
