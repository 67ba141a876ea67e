import { PbfReader } from "pbf";

/** Name of TensorBoard's plugin that keeps hyperparameters. */
export const HPARAMS_PLUGIN = "hparams";

const SESSION_START = 3;
const HPARAMS = 1;

/** The hyperparameters that a `SessionStartInfo` of the plugin holds; none for its other messages. */
export function readHparams(content: Uint8Array): Record<string, unknown> {
  const found = new Map<string, unknown>();
  eachMessage(content, SESSION_START, (session) =>
    eachMessage(session, HPARAMS, (entry) => {
      const pbf = new PbfReader(entry);
      let key = "";
      let value: unknown = null;
      for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
        if (field === 1) key = pbf.readString();
        else if (field === 2) value = plainValue(pbf.readBytes());
        else pbf.skip(pbf.type);
      }
      found.set(key, value);
    }));
  return Object.fromEntries(found);
}

function eachMessage(bytes: Uint8Array, wanted: number, take: (message: Uint8Array) => void) {
  const pbf = new PbfReader(bytes);
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    if (field === wanted) take(pbf.readBytes());
    else pbf.skip(pbf.type);
  }
}

/** A `google.protobuf.Value` that is no list and no mapping. */
function plainValue(bytes: Uint8Array): unknown {
  const pbf = new PbfReader(bytes);
  let value: unknown = null;
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    if (field === 2) value = pbf.readDouble();
    else if (field === 3) value = pbf.readString();
    else if (field === 4) value = pbf.readBoolean();
    else pbf.skip(pbf.type);
  }
  return value;
}
