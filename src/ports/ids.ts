/** The only source of names for new things. Live: time-ordered and random; tests and simulation: counted. */
export interface Ids {
  /** `prefix` + "_" + a sortable unique rest of [0-9a-z], e.g. "trade_01jd…". At most 40 characters in all. */
  next(prefix: string): string;
}
