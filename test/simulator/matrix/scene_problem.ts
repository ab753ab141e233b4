/** A scene in which its own matter does not happen, or nobody died who should have, proves nothing: that is a failure too. */
import type { Violation } from "../contract.ts";
import type { PlannedDoom } from "../doom.ts";
import type { Played } from "./play.ts";

export function problemOfScene({ scene, hook, nth }: Played, planned: PlannedDoom | null): readonly Violation[] {
  if (planned === null) return [];
  const evidence = { scene: `${scene.scenario}/${scene.name}` };
  if (hook !== null)
    return planned.struckAt() !== null
      ? []
      : [{ invariant: "SCENE", what: `nobody came to pass ${nth} of "${hook}", though the scout had`, evidence }];
  return scene.passes
    .filter((place) => !planned.passed.has(place))
    .map((place) => ({ invariant: "SCENE", what: `its own matter did not happen: no ${place}`, evidence }));
}
