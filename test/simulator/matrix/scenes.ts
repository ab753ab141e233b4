/** All scenes of the matrix. */

import type { ScenarioName, Scene } from "./scene.ts";
import { entryScenes, stopScenes } from "./scenes_of_entries.ts";
import { cancelScenes, exitScenes } from "./scenes_of_exits.ts";
import { approvalScenes, flattenScenes, reconcileScenes, shutdownScenes } from "./scenes_of_the_house.ts";

export const scenes: readonly Scene[] = [
  ...entryScenes,
  ...stopScenes,
  ...exitScenes,
  ...cancelScenes,
  ...reconcileScenes,
  ...flattenScenes,
  ...shutdownScenes,
  ...approvalScenes,
];

export function findScene(scenario: ScenarioName, name: string): Scene {
  const scene = scenes.find((one) => one.scenario === scenario && one.name === name);
  if (scene === undefined) throw new Error(`No scene is called ${scenario}/${name}`);
  return scene;
}
