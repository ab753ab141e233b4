/** Alerts, answers and notes: everything in the conversation that asks for no signature. */
import type { CardMessage } from "../../src/adapters/desk/contract.ts";
import { CardForm, Square } from "./card_form.tsx";
import { Buttons, Facts } from "./card_parts.tsx";
import { localTime } from "./format.ts";
import { CheckIcon, InfoIcon, ReplyIcon, WarningIcon } from "./icons.tsx";
import type { CardKind } from "./message_kind.ts";

type CardBodyProps = {
  readonly message: CardMessage;
  readonly kind: Exclude<CardKind, "prompt">;
  readonly isLive: boolean;
  readonly tapping: ReadonlySet<string>;
  readonly onTap: (messageId: string, token: string) => void;
  readonly onForm: (messageId: string, token: string, values: Readonly<Record<string, string>>) => void;
  readonly onReply: (() => void) | null;
};

const tones = {
  ok: { bar: "bg-up", text: "text-up", Icon: CheckIcon, word: "" },
  info: { bar: "bg-info", text: "text-info", Icon: InfoIcon, word: "" },
  waiting: { bar: "bg-brass", text: "text-brass", Icon: InfoIcon, word: "Waiting" },
  warning: { bar: "bg-warn", text: "text-warn", Icon: WarningIcon, word: "Warning" },
  critical: { bar: "bg-no", text: "text-no", Icon: WarningIcon, word: "Critical" },
  closed: { bar: "bg-line-strong", text: "text-ink-3", Icon: InfoIcon, word: "" },
} as const;

export function CardBody({ message, kind, isLive, tapping, onTap, onForm, onReply }: CardBodyProps) {
  const { card, buttons, messageId } = message;
  const { bar, text, Icon, word } = tones[card.tone];
  const tint =
    card.tone === "critical"
      ? "border-no/45 bg-[color-mix(in_srgb,var(--no)_9%,var(--panel))]"
      : kind === "alert"
        ? "border-warn/35 bg-[color-mix(in_srgb,var(--warn)_7%,var(--panel))]"
        : "bg-panel border-line";
  return (
    <div className={`group relative overflow-hidden rounded-xl border py-3 pr-4 pl-5 ${tint}`}>
      <span className={`absolute inset-y-0 left-0 w-1 ${bar}`} />
      <div className="flex items-start gap-2.5">
        <Icon className={`mt-[3px] size-4.5 shrink-0 ${text}`} />
        <h3
          className={`min-w-0 flex-1 text-[15px] font-semibold [overflow-wrap:anywhere] ${card.tone === "critical" ? "text-no" : ""}`}
        >
          {word !== "" && <span className="sr-only">{word}: </span>}
          {card.title}
        </h3>
        <span className="figures shrink-0 pt-0.5 text-xs text-ink-3 sm:hidden">
          {localTime(message.postedAt, false)}
        </span>
      </div>
      <div className="space-y-2.5 pl-7">
        {card.lines.map((line) => (
          <p key={line} className="mt-0.5 text-[14.5px] text-ink-2 [overflow-wrap:anywhere]">
            {line}
          </p>
        ))}
        {card.fields.length > 0 && <Facts fields={card.fields} isLarge={false} />}
        <Writing message={message} isLive={isLive} onForm={onForm} />
        {buttons.length > 0 && (
          <Buttons
            buttons={buttons}
            tapping={tapping}
            isShut={!isLive || buttons.some(({ token }) => tapping.has(token))}
            onTap={(token) => onTap(messageId, token)}
          />
        )}
        {card.file !== undefined && <CardFile period={card.file.period} />}
        {card.footer !== null && <p className="text-xs text-ink-3">{card.footer}</p>}
        <CardFoot isPrivate={message.isPrivate} onReply={onReply} />
      </div>
    </div>
  );
}

type CardFootProps = { readonly isPrivate: boolean; readonly onReply: CardBodyProps["onReply"] };

function CardFoot({ isPrivate, onReply }: CardFootProps) {
  if (!isPrivate && onReply === null) return null;
  return (
    <p className="flex items-center gap-3 text-xs text-ink-3">
      {isPrivate && "Only you see this"}
      {onReply !== null && (
        <button
          type="button"
          onClick={onReply}
          className="flex items-center gap-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:text-ink focus-visible:opacity-100 max-lg:opacity-100"
        >
          <ReplyIcon className="size-3.5" />
          Reply
        </button>
      )}
    </p>
  );
}

/** A plain link: the browser's session opens it, and it is saved like every other file. */
function CardFile({ period }: { readonly period: string }) {
  const name = `countersign_${period}.csv`;
  return (
    <a
      href={`/api/reports/${encodeURIComponent(period)}.csv`}
      download={name}
      className="inline-flex h-9 items-center rounded-lg border border-line-strong px-3 text-sm text-ink-2 hover:bg-line hover:text-ink"
    >
      {name}
    </a>
  );
}

/** What is to be scanned or written, where the card asks for it. */
function Writing({ message, isLive, onForm }: Pick<CardBodyProps, "message" | "isLive" | "onForm">) {
  const { card, form, messageId } = message;
  return (
    <>
      {card.qr !== undefined && <Square rows={card.qr} />}
      {form !== undefined && (
        <CardForm
          key={form.token}
          form={form}
          isShut={!isLive}
          onSend={(values) => onForm(messageId, form.token, values)}
        />
      )}
    </>
  );
}
