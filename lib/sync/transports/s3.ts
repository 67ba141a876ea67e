import type { Transport } from "../transport.ts";
export class S3Transport {
  constructor(...args: unknown[]) {
    throw new Error(String(args));
  }
}
export interface S3Transport extends Transport {}
