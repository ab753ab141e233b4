/** Holds the page's present view for React, and takes toasts away again after a while. */
import { emptyView, type View, withoutToast } from "./view.ts";

const toastMs = 6_000;

export type ViewStore = {
  read(): View;
  subscribe(listener: () => void): () => void;
  /** Replaces the view by what `next` makes of it. */
  change(next: (view: View) => View): void;
};

export function openViewStore(): ViewStore {
  const listeners = new Set<() => void>();
  let view: View = emptyView;
  const change = (next: (view: View) => View): void => {
    const before = view;
    view = next(before);
    for (const { id } of view.toasts.filter((toast) => !before.toasts.includes(toast))) {
      setTimeout(() => change((later) => withoutToast(later, id)), toastMs);
    }
    for (const listener of listeners) listener();
  };
  return {
    read: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change,
  };
}
