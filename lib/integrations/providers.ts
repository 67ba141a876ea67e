import { ConfigError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import type { AdviceProvider } from "./advice_provider.ts";
import { gemini, type GeminiOptions } from "./gemini.ts";

/** Everything that can write advice. */
const PROVIDERS: Record<string, (options: GeminiOptions) => AdviceProvider> = { gemini };

/** Which provider is to answer, and how it is reached. */
export interface ProviderOptions extends GeminiOptions {
  /** `gemini` unless told. */
  provider?: string;
}

/**
 * The provider that the settings name.
 *
 * @throws {ConfigError} for one that there is not.
 */
export function adviceProvider({ provider = "gemini", ...rest }: ProviderOptions): AdviceProvider {
  const make = Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined;
  if (make) return make(rest);
  const names = Object.keys(PROVIDERS);
  throw new ConfigError(
    `Cannot ask ${JSON.stringify(provider)} for advice: expected ${names.join(" or ")}`,
    { hint: didYouMean(provider, names) },
  );
}
