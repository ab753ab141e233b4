/**
 * What is to be signed, drawn like a docket: the order, its chart, its facts one a line, the time that is left, two
 * buttons; and after the decision a signature line in place of the buttons.
 */
import { useState } from "react";
import type { CardMessage } from "../../src/adapters/desk/contract.ts";
import { Buttons, type ButtonsProps, Facts } from "./card_parts.tsx";
import { useNow } from "./clock.ts";
import { countdown, localTime, showPrice, utcTime } from "./format.ts";
import { CheckIcon, CrossIcon } from "./icons.tsx";
import { isOpenPrompt } from "./message_kind.ts";
import { PriceChart } from "./price_chart.tsx";

const lateMs = 30_000;

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
  const leftMs = card.expiresAt === undefined || !isWaiting ? null : card.expiresAt - now;
  const isOver = leftMs !== null && leftMs <= 0;
  return (
    <section
      aria-label={`${isWaiting ? "Waiting for a signature: " : "Closed: "}${card.title}`}
      className={`@container overflow-clip rounded-xl border bg-raised shadow-card ${isWaiting ? "border-brass/55" : "border-line"}`}
    >
      <Head message={message} leftMs={leftMs} isWaiting={isWaiting} />
      <div className="px-4 pt-3.5 pb-5 @md:px-5">
        {card.lines.map((line) => (
          <p key={line} className="mb-1 text-ink-2 [overflow-wrap:anywhere]">
            {line}
          </p>
        ))}
        <Order card={card} isOpen={isWaiting} />
        {leftMs !== null && card.expiresAt !== undefined && (
          <p className="figures mt-3 text-[13px] text-ink-3">
            {isOver
              ? "Time is up. The house closes this now."
              : `Until ${localTime(card.expiresAt)} here, ${utcTime(card.expiresAt)}. ${
                  card.isDoneBySilence === true
                    ? "It happens then, unless somebody stops it."
                    : "Silence means no trade."
                }`}
          </p>
        )}
        {isOpen && (
          <Actions
            buttons={buttons}
            tapping={tapping}
            isShut={!isLive || isOver || buttons.some(({ token }) => tapping.has(token))}
            onTap={(token) => onTap(messageId, token)}
          />
        )}
        <Foot message={message} isWaiting={isWaiting} onReply={onReply} />
      </div>
    </section>
  );
}

type HeadProps = { message: CardMessage; leftMs: number | null; isWaiting: boolean };

/** Stays in sight while a long docket scrolls, so that nobody signs without seeing what. */
function Head({ message, leftMs, isWaiting }: HeadProps) {
  const { card, postedAt } = message;
  const word = isWaiting ? "For your signature" : card.tone === "ok" ? "Signed" : "Closed";
  return (
    <div className={isWaiting ? "sticky top-0 z-10 bg-brass-soft" : "bg-panel"}>
      <div className="flex items-end gap-4 px-4 pt-2.5 pb-3 @md:px-5">
        <div className="min-w-0 flex-1">
          <p className={`text-[13px] font-semibold ${isWaiting ? "text-brass" : "text-ink-3"}`}>
            {word}
            <span className="figures ml-2 text-xs font-normal opacity-80 sm:hidden">{localTime(postedAt, false)}</span>
          </p>
          <h3 className="font-serif text-[22px] leading-tight tracking-tight [overflow-wrap:anywhere] sm:text-[26px]">
            {card.title}
          </h3>
        </div>
        {leftMs !== null && <TimeLeft leftMs={leftMs} />}
      </div>
      {leftMs !== null && card.expiresAt !== undefined && (
        <Drain share={leftMs / Math.max(1, card.expiresAt - postedAt)} isLate={leftMs < lateMs} />
      )}
    </div>
  );
}

/** The decision stays within reach while a long docket scrolls; the lesser buttons follow it in the flow. */
function Actions({ buttons, ...props }: ButtonsProps) {
  const plain = buttons.filter(({ style }) => style === "plain");
  return (
    <>
      <div className="sticky bottom-0 z-10 -mx-4 mt-1 @md:-mx-5 bg-gradient-to-t from-raised from-85% to-transparent px-4 pt-4 pb-2.5 @md:px-5">
        <Buttons {...props} buttons={buttons.filter(({ style }) => style !== "plain")} />
      </div>
      {plain.length > 0 && <Buttons {...props} buttons={plain} />}
    </>
  );
}

type FootProps = { message: CardMessage; isWaiting: boolean; onReply: (() => void) | null };

function Foot({ message: { card }, isWaiting, onReply }: FootProps) {
  if (!isWaiting) return card.footer === null ? null : <Signature footer={card.footer} isYes={card.tone === "ok"} />;
  return (
    <p className="figures mt-3.5 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 text-xs text-ink-3">
      {card.footer}
      {onReply !== null && (
        <button type="button" onClick={onReply} className="underline underline-offset-4 hover:text-ink">
          Answer with words
        </button>
      )}
    </p>
  );
}

function TimeLeft({ leftMs }: { leftMs: number }) {
  return (
    <span
      role="timer"
      aria-label="Time left"
      className={`figures text-[26px] leading-tight font-semibold ${leftMs < lateMs ? "text-no" : "text-brass"}`}
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

/** Chart and facts side by side where there is room. */
function Order({ card, isOpen }: { card: CardMessage["card"]; isOpen: boolean }) {
  const [isAsked, setAsked] = useState(false);
  const { chart } = card;
  const isDrawn = chart !== null && (isOpen || isAsked);
  return (
    <div className={`mt-2 gap-x-6 gap-y-3 ${isDrawn ? "grid @xl:grid-cols-2" : ""}`}>
      {isDrawn && (
        <PriceChart
          candles={chart.candles}
          order={chart}
          lastPrice={null}
          label={chartLabel(chart)}
          className="-mr-2 h-40 @xl:mr-0 @xl:h-full @xl:min-h-52"
        />
      )}
      <Facts fields={card.fields} isLarge={isOpen} />
      {chart !== null && !isDrawn && (
        <button
          type="button"
          onClick={() => setAsked(true)}
          className="mt-2 text-[13px] text-ink-2 underline decoration-line-strong underline-offset-4 hover:text-ink"
        >
          Show the chart
        </button>
      )}
    </div>
  );
}

function chartLabel({
  instrumentId,
  entryPrice,
  stopPrice,
  targetPrice,
}: NonNullable<CardMessage["card"]["chart"]>): string {
  const target = targetPrice === null ? "" : `, target ${showPrice(targetPrice)}`;
  return `Candles of ${instrumentId}: entry ${showPrice(entryPrice)}, stop ${showPrice(stopPrice)}${target}`;
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
