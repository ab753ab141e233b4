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
    <div className="flex animate-arrive flex-wrap items-center gap-x-3 gap-y-1 border-b border-warn/40 bg-warn/12 px-4 py-2 text-sm lg:px-6">
      <span className="size-2 animate-breathe rounded-full bg-warn" />
      <span className="font-medium">{because}</span>
      <span className="text-ink-2" aria-hidden="true">
        {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying now…"}
      </span>
      <span className="text-ink-2">
        What you see is from {localTime(since)}; nothing can be signed until it is back.
      </span>
      <button type="button" onClick={onRetry} className="ml-auto font-medium text-ink underline underline-offset-4">
        Try now
      </button>
    </div>
  );
}
