/** Short words for this page only: what came of a tap, what did not arrive. */
import { CheckIcon, CrossIcon, InfoIcon } from "./icons.tsx";
import type { Toast } from "./wire/view.ts";

export function Toasts({ toasts, onDismiss }: { toasts: readonly Toast[]; onDismiss: (id: number) => void }) {
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none absolute inset-x-0 top-3 z-20 flex flex-col items-center gap-2 px-4 lg:right-[23.5rem]"
    >
      {toasts.map(({ id, text, isRefusal }) => (
        <div
          key={id}
          className="pointer-events-auto flex max-w-md animate-arrive items-center gap-3 rounded-lg bg-ink py-2.5 pr-2 pl-3.5 text-sm text-ground shadow-card"
        >
          {isRefusal ? <InfoIcon className="size-4.5 shrink-0" /> : <CheckIcon className="size-4.5 shrink-0" />}
          <span className="min-w-0 [overflow-wrap:anywhere]">{text}</span>
          <button
            type="button"
            aria-label="Dismiss"
            onClick={() => onDismiss(id)}
            className="rounded p-1 opacity-60 hover:opacity-100"
          >
            <CrossIcon className="size-4" />
          </button>
        </div>
      ))}
    </div>
  );
}
