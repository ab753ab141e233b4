/** The states that something went through. The database checks each step of it, also where one commit made several. */
import type { OrderState } from "./order.ts";
import type { PositionState } from "./position.ts";

export type Trail<State extends OrderState | PositionState> = {
  /** How many steps there were in all. */
  readonly moves: number;
  /** The newest states, the present one last. */
  readonly path: readonly State[];
};

/** More steps than one commit ever makes: whoever writes them all can be checked from the state before. */
export const pathMax = 32;

type Walker<State extends OrderState | PositionState> = { readonly state: State; readonly trail?: Trail<State> };

export function trailOf<State extends OrderState | PositionState>({ state, trail }: Walker<State>): Trail<State> {
  return trail ?? { moves: 0, path: [state] };
}

export function trailAfter<State extends OrderState | PositionState>(old: Walker<State>, next: State): Trail<State> {
  const before = trailOf(old);
  if (next === old.state) return before;
  return { moves: before.moves + 1, path: [...before.path.slice(1 - pathMax), next] };
}
