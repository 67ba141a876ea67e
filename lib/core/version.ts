/** Version of expflow, the one of deno.json (a test compares). */
export const VERSION = "0.1.0";
