/** All that the page knows, as one value; every frame of the house makes the next one. Pure. */
import type {
  CommandView,
  DeskState,
  MessageView,
  PersonView,
  ServerFrame,
} from "../../../src/adapters/desk/contract.ts";

export type Line =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** `since` and `retryAt` in milliseconds of this device. */
  | { readonly kind: "lost"; readonly since: number; readonly retryAt: number; readonly because: string }
  | { readonly kind: "ended"; readonly because: string };

export type Toast = { readonly id: number; readonly text: string; readonly isRefusal: boolean };

export type View = {
  readonly line: Line;
  readonly person: PersonView | null;
  /** Oldest first. */
  readonly messages: readonly MessageView[];
  readonly commands: readonly CommandView[];
  readonly house: DeskState | null;
  /** Wall time of the house minus the clock of this device. */
  readonly skewMs: number;
  readonly toasts: readonly Toast[];
  /** Buttons on their way to the house, by token. */
  readonly tapping: ReadonlySet<string>;
};

export const emptyView: View = {
  line: { kind: "connecting" },
  person: null,
  messages: [],
  commands: [],
  house: null,
  skewMs: 0,
  toasts: [],
  tapping: new Set(),
};

const messagesKept = 300;
const toastsKept = 3;
let toastCount = 0;

export function withToast(view: View, text: string, isRefusal: boolean): View {
  toastCount += 1;
  return { ...view, toasts: [...view.toasts, { id: toastCount, text, isRefusal }].slice(-toastsKept) };
}

export function withoutToast(view: View, id: number): View {
  return { ...view, toasts: view.toasts.filter((toast) => toast.id !== id) };
}

/** Marks a button as on its way to the house, or frees it again. */
export function withTap(view: View, token: string, isUnderWay: boolean): View {
  const others = [...view.tapping].filter((known) => known !== token);
  return { ...view, tapping: new Set(isUnderWay ? [...others, token] : others) };
}

/** `deviceNow` in milliseconds since 1970 by this device's clock. */
export function applyFrame(view: View, frame: ServerFrame, deviceNow: number): View {
  switch (frame.kind) {
    case "hello":
      return {
        ...view,
        line: { kind: "live" },
        person: frame.person,
        messages: frame.messages,
        commands: frame.commands,
        house: frame.state,
        skewMs: frame.at - deviceNow,
      };
    case "message":
      return { ...view, messages: placeMessage(view.messages, frame.message) };
    case "state":
      return { ...view, house: frame.state, skewMs: frame.at - deviceNow };
    case "notice":
      return withToast(view, frame.text, frame.isRefusal);
    case "problem":
      return withToast(view, frame.because, true);
    case "received":
    case "not_received":
    case "completions":
      return view;
    default:
      return frame satisfies never;
  }
}

/** An edit takes the place of its older self; an edit that was overtaken is dropped. */
export function placeMessage(messages: readonly MessageView[], message: MessageView): readonly MessageView[] {
  const index = messages.findLastIndex(({ messageId }) => messageId === message.messageId);
  const known = messages[index];
  if (known === undefined) return [...messages, message].slice(-messagesKept);
  return known.revision >= message.revision ? messages : messages.with(index, message);
}
