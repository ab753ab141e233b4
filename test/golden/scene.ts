/** One golden file and how its text comes to be. */
export type Scene = {
  /** Below `texts/`, without ending. */
  readonly file: string;
  draw(): Promise<string>;
};
