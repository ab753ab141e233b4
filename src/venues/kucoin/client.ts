/**
 * The ccxt instance for KuCoin spot, pinned so that it never guesses: classic account, high-frequency orders, spot only,
 * no partner marks, no retries, numbers as texts. ccxt is imported here and only when a venue is opened (0.4 s, 80 MB).
 */
import type { kucoin as KucoinExchange } from "ccxt";
import type { VenueCredentials } from "../../define/venue.ts";

export type KucoinClient = KucoinExchange;

export async function createClient(credentials: VenueCredentials, baseUrl: string): Promise<KucoinClient> {
  const ccxt = await import("ccxt");
  const client = new ccxt.kucoin({
    apiKey: credentials.key,
    secret: credentials.secret,
    password: credentials.passphrase,
    options: {
      uta: false,
      hf: true,
      maxRetriesOnFailure: 0,
      adjustForTimeDifference: false,
      fetchMarkets: { types: ["spot"], fetchTickersFees: false },
    },
  });
  client.options["partner"] = {}; // after construction: ccxt merges its own marks back in before that
  client.has["fetchCurrencies"] = false;
  client.commonCurrencies = {}; // ccxt renames some coins; then an instrument would not be called what the venue calls it
  client.number = String as unknown as NumberConstructor; // ccxt documents String as a value; its type does not
  for (const name of Object.keys(client.urls["api"] as Record<string, string>)) {
    (client.urls["api"] as Record<string, string>)[name] = baseUrl;
  }
  return client;
}
