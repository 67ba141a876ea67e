import { ExpflowError } from "../core/errors.ts";

/** A service that writes advice from a text. */
export interface AdviceProvider {
  /** As it stands in `ai.provider`. */
  readonly name: string;
  /** Which of its models answers. */
  readonly model: string;
  /**
   * Sends the prompt, nothing else, and waits a bounded time.
   *
   * @throws {ProviderError} for everything that is no answer.
   */
  advise(prompt: string): Promise<WrittenAdvice>;
}

/** What a service wrote. */
export interface WrittenAdvice {
  text: string;
  /** Whether it ended before the service was done with it. */
  cut: boolean;
}

/** A service gave no advice: no key, no network, a refusal, an answer that says nothing. */
export class ProviderError extends ExpflowError {
  override name = "ProviderError";
}
