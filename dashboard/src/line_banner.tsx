/** Says what is happening while the line to the house is down, and that what stands below is old. */
import { useNow } from "./clock.ts";
import { localTime } from "./format.ts";
import type { View } from "./wire/view.ts";

export function LineBanner({ view, onRetry }: { view: View; onRetry: () => void }) {
  const { line } = view;
  return (
    <div role="status" aria-live="polite">
      {line.kind === "lost" && (
        <Lost since={line.since} retryAt={line.retryAt} because={line.because} onRetry={onRetry} />
      )}
    </div>
  );
}

type LostProps = { since: number; retryAt: number; because: string; onRetry: () => void };

function Lost({ since, retryAt, because, onRetry }: LostProps) {
  const seconds = Math.ceil((retryAt - useNow()) / 1000);
  return (
    <div className="flex animate-arrive items-center gap-4 border-b border-warn/40 bg-warn/12 px-4 py-2 text-sm lg:px-6">
      <span className="size-2 shrink-0 animate-breathe rounded-full bg-warn" />
      <p className="min-w-0 flex-1 text-ink-2">
        <b className="font-semibold text-ink">{because}</b> What you see is from {localTime(since)}. Nothing can be
        signed until it is back.{" "}
        <span aria-hidden="true" className="whitespace-nowrap">
          {seconds > 0 ? `Next try in ${seconds} s.` : "Trying now…"}
        </span>
      </p>
      <button type="button" onClick={onRetry} className="shrink-0 font-medium underline underline-offset-4">
        Try now
      </button>
    </div>
  );
}
