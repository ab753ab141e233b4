/** The first minutes: what this page is for, and what will happen next. */
import { Mark } from "./icons.tsx";
import type { View } from "./wire/view.ts";

type EmptyDeskProps = { readonly view: View; readonly onCommand: (name: string, text: string) => void };

const steps = [
  ["A strategy proposes", "The house watches the market and sizes a trade that fits every limit."],
  [
    "You countersign",
    "The exact order, its chart and its risk in money appear here. One tap decides; silence means no.",
  ],
  ["The house executes and guards", "Entry, then stop and target at the venue. You can say /pause at any time."],
] as const;

export function EmptyDesk({ view, onCommand }: EmptyDeskProps) {
  const isPaper = view.house?.mode === "PAPER";
  const tries = ["help", "status", "positions"].filter((name) => view.commands.some((known) => known.name === name));
  if (view.line.kind === "connecting") {
    return <p className="m-auto animate-breathe text-ink-3">Opening the desk…</p>;
  }
  return (
    <div className="m-auto max-w-lg py-5 sm:pl-19">
      <Mark className="-ml-1.5 size-12" />
      <h2 className="mt-2 font-serif text-3xl tracking-tight">Nothing to sign yet</h2>
      <p className="mt-2 text-ink-2">
        {isPaper
          ? "Your first approval prompt arrives within a minute. All of it is practice money, so try everything."
          : "The next approval prompt appears here as soon as a strategy finds a trade that passes every check."}
      </p>
      <ol className="mt-7 ml-3 border-l border-line-strong">
        {steps.map(([title, text], index) => (
          <li key={title} className="relative pb-5 pl-7 last:pb-0">
            <span className="figures absolute top-0.5 -left-3 grid size-6 place-items-center rounded-full border border-line-strong bg-ground font-serif text-[13px]">
              {index + 1}
            </span>
            <span className="font-semibold">{title}</span>
            <span className="block text-[14.5px] text-ink-2">{text}</span>
          </li>
        ))}
      </ol>
      {tries.length > 0 && (
        <p className="mt-7 flex flex-wrap items-center gap-2 text-sm text-ink-2">
          Meanwhile, try
          {tries.map((name) => (
            <button
              key={name}
              type="button"
              onClick={() => onCommand(name, "")}
              className="rounded-md border border-line-strong px-2.5 py-1 font-mono text-ink hover:bg-line"
            >
              /{name}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}
