import { PbfReader } from "pbf";
import type { Sink } from "../series.ts";
import { gatherEventFiles } from "./event_folders.ts";
import { HPARAMS_PLUGIN, readHparams } from "./hparams_plugin.ts";
import { Problems } from "./problems.ts";
import type { Reader } from "./reader.ts";
import { tensorScalar } from "./tensor.ts";
import { eachTfRecord } from "./tf_record.ts";

/**
 * TensorBoard event files: scalars in both of their forms, and the parameters of the HParams plugin.
 * Images, histograms and texts are passed over.
 */
export const tensorboardReader: Reader = {
  format: "tensorboard",
  usual: [{ name: "events.out.tfevents.*", path: /(^|\/)events\.out\.tfevents\.[^/]+$/ }],
  series: true,
  gather: gatherEventFiles,
  read(file, sink) {
    const problems = new Problems(file.name);
    let found = 0;
    eachTfRecord(file.path, problems, (bytes) => {
      try {
        found += readEvent(bytes, sink);
      } catch (error) {
        problems.add(`an event is malformed: ${error instanceof Error ? error.message : error}`);
      }
    });
    const said = problems.list();
    return found + said.length > 0 ? said : [`${file.name}: holds no scalars`];
  },
};

const EVENT = { step: 2, summary: 5 };
const SUMMARY_VALUE = 1;
const VALUE = { tag: 1, simple: 2, tensor: 8, metadata: 9 };

/** @returns how many scalars and sets of parameters there are. */
function readEvent(bytes: Uint8Array, sink: Sink): number {
  const pbf = new PbfReader(bytes);
  const values: Value[] = [];
  let step = 0;
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    if (field === EVENT.step) step = pbf.readVarint(true);
    else if (field === EVENT.summary) readSummary(pbf, values);
    else pbf.skip(pbf.type);
  }
  let found = 0;
  for (const { tag, value, hparams } of values) {
    if (hparams) sink.params?.(readHparams(hparams));
    else if (value !== undefined && tag !== "") sink.row({ [tag]: value, step });
    else continue;
    found++;
  }
  return found;
}

interface Value {
  tag: string;
  value?: number;
  hparams?: Uint8Array;
}

function readSummary(pbf: PbfReader, values: Value[]): void {
  const end = pbf.readVarint() + pbf.pos;
  for (let field = pbf.nextField(end); field !== 0; field = pbf.nextField(end)) {
    if (field === SUMMARY_VALUE) values.push(readValue(pbf));
    else pbf.skip(pbf.type);
  }
}

function readValue(pbf: PbfReader): Value {
  const found: Value = { tag: "" };
  const end = pbf.readVarint() + pbf.pos;
  for (let field = pbf.nextField(end); field !== 0; field = pbf.nextField(end)) {
    if (field === VALUE.tag) found.tag = pbf.readString();
    else if (field === VALUE.simple) found.value = pbf.readFloat();
    else if (field === VALUE.tensor) found.value = tensorScalar(pbf.readBytes());
    else if (field === VALUE.metadata) found.hparams = hparamsIn(pbf.readBytes());
    else pbf.skip(pbf.type);
  }
  return found;
}

/** The content of the metadata of a value, if it is the HParams plugin's. */
function hparamsIn(metadata: Uint8Array): Uint8Array | undefined {
  const outer = new PbfReader(metadata);
  for (let field = outer.nextField(); field !== 0; field = outer.nextField()) {
    if (field !== 1) {
      outer.skip(outer.type);
      continue;
    }
    const plugin = new PbfReader(outer.readBytes());
    let name = "";
    let content: Uint8Array | undefined;
    for (let part = plugin.nextField(); part !== 0; part = plugin.nextField()) {
      if (part === 1) name = plugin.readString();
      else if (part === 2) content = plugin.readBytes();
      else plugin.skip(plugin.type);
    }
    if (name === HPARAMS_PLUGIN) return content ?? new Uint8Array();
  }
  return undefined;
}
