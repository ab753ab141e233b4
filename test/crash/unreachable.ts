/**
 * Places that a real bot on paper can't pass within minutes, with the reason. `npm run sim` and its crash matrix kill the house
 * there. A place that is in neither list fails the run.
 */
export const unreachable: Readonly<Record<string, string>> = {
  order_declared_lost: "an order is given up by two owners, or by one after ten minutes",
  fill_reversed: "KuCoin, which the practice exchange speaks, never takes a trade back",
  position_reduced: "it takes a record of a withdrawal, and the adapter of KuCoin reads none",
  transfer_recorded: "it takes a record of a transfer, and the adapter of KuCoin reads none",
  stop_moved: "no strategy of the house asks for a trailing stop",
};
