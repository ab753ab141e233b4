/** Parts that prompts, alerts and answers share: the facts of a card and its buttons. */
import type { ButtonView, CardView } from "../../src/adapters/desk/contract.ts";
import { splitValue } from "./format.ts";

export function Facts({ fields, isLarge }: { fields: CardView["fields"]; isLarge: boolean }) {
  return (
    <dl className={isLarge ? "text-sm @md:text-[15px]" : "text-sm"}>
      {fields.map(({ name, value }) => {
        const { main, aside } = splitValue(value);
        return (
          <div key={name} className="flex items-baseline gap-2 py-[3px]">
            <dt className="shrink-0 text-ink-2">{name}</dt>
            <span className="leader h-0.5 min-w-3 flex-1" aria-hidden="true" />
            <dd className="figures text-right [overflow-wrap:anywhere]">
              <span className="font-medium">{main}</span>
              {aside !== null && <span className="ml-1.5 inline-block text-ink-2">{aside}</span>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

export type ButtonsProps = {
  readonly buttons: readonly ButtonView[];
  readonly tapping: ReadonlySet<string>;
  /** The line is down or the time is up: nothing can be decided now. */
  readonly isShut: boolean;
  readonly onTap: (token: string) => void;
};

const looks = {
  yes: "h-12 flex-1 bg-yes text-on-yes hover:bg-yes-hover text-base font-semibold",
  no: "h-12 flex-1 border border-no/55 text-no hover:bg-no/10 text-base font-medium",
  plain: "h-10 border border-line-strong text-sm text-ink-2 hover:bg-line hover:text-ink",
} as const;

/** The buttons of one card that stand in one row; a tap on one closes them all until the house has answered. */
export function Buttons({ buttons, tapping, isShut, onTap }: ButtonsProps) {
  return (
    <div className="flex flex-wrap gap-2.5">
      {buttons.map(({ label, style, token }) => (
        <button
          key={token}
          type="button"
          disabled={isShut}
          aria-busy={tapping.has(token)}
          onClick={() => onTap(token)}
          className={`relative rounded-lg px-4 transition-colors disabled:opacity-45 ${looks[style]}`}
        >
          {label}
          {tapping.has(token) && (
            <span className="absolute inset-x-4 bottom-2 h-0.5 animate-breathe rounded bg-current" />
          )}
        </button>
      ))}
    </div>
  );
}
