/** Parts that prompts, alerts and answers share: the facts of a card and its buttons. */
import type { ButtonView, CardView } from "../../src/adapters/desk/contract.ts";
import { splitValue } from "./format.ts";

export function Facts({ fields, isLarge }: { fields: CardView["fields"]; isLarge: boolean }) {
  return (
    <dl className={isLarge ? "text-[15px]" : "text-sm"}>
      {fields.map(({ name, value }) => {
        const { main, aside } = splitValue(value);
        return (
          <div key={name} className="flex items-end gap-2 py-[3px]">
            <dt className="shrink-0 text-ink-2">{name}</dt>
            <span className="leader mb-[7px] h-0.5 min-w-3 flex-1" aria-hidden="true" />
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
  yes: "bg-yes text-on-yes hover:bg-yes-hover font-semibold",
  no: "border border-no/55 text-no hover:bg-no/10 font-medium",
  plain: "border border-line-strong text-ink-2 hover:bg-line hover:text-ink",
} as const;

export function Buttons({ buttons, tapping, isShut, onTap }: ButtonsProps) {
  if (buttons.length === 0) return null;
  const isBusy = buttons.some(({ token }) => tapping.has(token));
  const [main, plain] = [
    buttons.filter(({ style }) => style !== "plain"),
    buttons.filter(({ style }) => style === "plain"),
  ];
  const button = ({ label, style, token }: ButtonView) => (
    <button
      key={token}
      type="button"
      disabled={isShut || isBusy}
      aria-busy={tapping.has(token)}
      onClick={() => onTap(token)}
      className={`relative rounded-lg px-4 transition-colors disabled:opacity-45 ${looks[style]} ${
        style === "plain" ? "h-10 text-sm" : "h-12 flex-1 text-base"
      }`}
    >
      {label}
      {tapping.has(token) && <span className="absolute inset-x-4 bottom-2 h-0.5 animate-breathe rounded bg-current" />}
    </button>
  );
  return (
    <div className="flex flex-wrap gap-2.5">
      {main.length > 0 && <div className="flex w-full gap-2.5">{main.map(button)}</div>}
      {plain.map(button)}
    </div>
  );
}
