/** All controls in the order of their numbers. The rules are of market regulators and trade bodies; they don't bind us, so we meet them. */

import { conductControls } from "./conduct.ts";
import type { Control } from "./control.ts";
import { limitControls } from "./limits.ts";
import { watchControls } from "./watching.ts";

export const controls: readonly Control[] = [...limitControls, ...conductControls, ...watchControls].sort(
  (one, other) => (one.id < other.id ? -1 : 1),
);
