/** The only source of chance. Live: the system's; tests and simulation: seeded. */
export interface Dice {
  /** A number in [0, 1). */
  roll(): number;
}
