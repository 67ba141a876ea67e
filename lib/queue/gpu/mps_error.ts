import { ExpflowError } from "../../core/errors.ts";

/** GPUs cannot be shared through MPS here; they can be shared without it, or not at all. */
export class MpsError extends ExpflowError {
  override name = "MpsError";
}
