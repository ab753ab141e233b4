/** The real, unmodified ccxt client, pointed at a loopback address, with the start-up traffic cut to one call. */
import ccxt from "ccxt";
import { KEY } from "./bench_exchange.ts";

export type KucoinClient = InstanceType<typeof ccxt.kucoin>;

export const pointAt = (client: KucoinClient, url: string): KucoinClient => {
  const api = client.urls["api"] as Record<string, string>;
  for (const name of Object.keys(api)) api[name] = url;
  return client;
};

export const ccxtClient = async (url: string, now: () => number): Promise<KucoinClient> => {
  const client = pointAt(new ccxt.kucoin({ apiKey: KEY.key, secret: KEY.secret, password: KEY.passphrase }), url);
  client.nonce = now;
  client.options["partner"] = {};
  client.options["uta"] = false;
  client.options["hf"] = true;
  client.options["fetchMarkets"] = { types: ["spot"], fetchTickersFees: false };
  client.has["fetchCurrencies"] = false;
  await client.loadMarkets(false, { marginables: false });
  return client;
};
