import { PbfReader } from "pbf";

/** `DataType` of the tensors that are read → how one number is read from bytes. */
const TYPES: Record<number, { bytes: number; read(view: DataView): number }> = {
  1: { bytes: 4, read: (view) => view.getFloat32(0, true) },
  2: { bytes: 8, read: (view) => view.getFloat64(0, true) },
  3: { bytes: 4, read: (view) => view.getInt32(0, true) },
  9: { bytes: 8, read: (view) => Number(view.getBigInt64(0, true)) },
  10: { bytes: 1, read: (view) => view.getUint8(0) },
  19: { bytes: 2, read: (view) => view.getFloat16(0, true) },
};

const TENSOR = { type: 1, shape: 2, content: 4, float: 5, double: 6, ints: [7, 10, 11] };

/** The number in a `TensorProto` that holds exactly one; `undefined` for any other tensor. */
export function tensorScalar(bytes: Uint8Array): number | undefined {
  const pbf = new PbfReader(bytes);
  let type = 0;
  let single = true;
  let content: Uint8Array | undefined;
  let value: number | undefined;
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    if (field === TENSOR.type) type = pbf.readVarint();
    else if (field === TENSOR.shape) single = elements(pbf.readBytes()) === 1;
    else if (field === TENSOR.content) content = pbf.readBytes();
    else if (field === TENSOR.float) value = pbf.readPackedFloat()[0];
    else if (field === TENSOR.double) value = pbf.readPackedDouble()[0];
    else if (TENSOR.ints.includes(field)) value = pbf.readPackedVarint([], true)[0];
    else pbf.skip(pbf.type);
  }
  const known = TYPES[type];
  if (!known || !single) return undefined;
  if (!content || content.length === 0) return value;
  if (content.length !== known.bytes) return undefined;
  return known.read(new DataView(content.buffer, content.byteOffset, content.length));
}

/** How many numbers a `TensorShapeProto` has room for; a shape without dimensions is a scalar. */
function elements(shape: Uint8Array): number {
  const pbf = new PbfReader(shape);
  let count = 1;
  for (let field = pbf.nextField(); field !== 0; field = pbf.nextField()) {
    if (field !== 2) {
      pbf.skip(pbf.type);
      continue;
    }
    const dimension = new PbfReader(pbf.readBytes());
    let size = 0;
    for (let part = dimension.nextField(); part !== 0; part = dimension.nextField()) {
      if (part === 1) size = dimension.readVarint(true);
      else dimension.skip(dimension.type);
    }
    count *= size;
  }
  return count;
}
