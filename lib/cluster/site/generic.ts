/** Name of the profile that knows nothing: everything stays as it was asked for. */
export const GENERIC = "generic";
