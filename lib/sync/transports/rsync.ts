import type { Transport } from "../transport.ts";
export class RsyncTransport {
  constructor(...args: unknown[]) {
    throw new Error(String(args));
  }
}
export interface RsyncTransport extends Transport {}
