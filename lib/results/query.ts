import { parseCondition } from "../config/sweep_condition.ts";
import { ExpflowError, UsageError } from "../core/errors.ts";
import type { Params, ParamValue } from "../core/params.ts";
import { type Field, type Fields, fieldsOf } from "./fields.ts";
import type { ResultRecord } from "./records.ts";

/** Which runs are wanted, in which order. */
export interface Query {
  /** Conditions that must all hold, as in `lr > 0.01 and model = 'r50'`. */
  where?: readonly string[];
  /** Fields to order by, the first counts most; `-acc` is from the highest down. */
  sort?: readonly string[];
  /** At most so many; all unless told. */
  limit?: number;
}

/** The runs that were found. */
export interface Found {
  /** In the order asked for. */
  records: ResultRecord[];
  /** How many fulfil the conditions, before `limit`. */
  matched: number;
  /** Runs that lack what a condition asks for: whether they fulfil it is not known. */
  undecided: number;
}

/**
 * Finds runs. Conditions are those of sweeps, but a comparison of values of two kinds is an error.
 *
 * @throws {UsageError} for a name that no run has, or values that cannot be compared.
 */
export function findRuns(records: readonly ResultRecord[], query: Query): Found {
  const { where = [], sort = [], limit = Infinity } = query;
  if (records.length === 0 || (where.length === 0 && sort.length === 0)) {
    return { records: records.slice(0, limit), matched: records.length, undecided: 0 };
  }
  const fields = fieldsOf(records);
  const { kept, undecided } = filtered(records, where, fields);
  const sorted = sort.length === 0 ? kept : inOrder(kept, sort, fields);
  return { records: sorted.slice(0, limit), matched: kept.length, undecided };
}

function filtered(records: readonly ResultRecord[], where: readonly string[], fields: Fields) {
  const tests = where.map((text) => testOf(text, fields));
  const kept: ResultRecord[] = [];
  let undecided = 0;
  for (const record of records) {
    const answers = tests.map((test) => test(record));
    if (answers.every((answer) => answer === true)) kept.push(record);
    else if (!answers.includes(false)) undecided++;
  }
  return { kept, undecided };
}

function testOf(text: string, fields: Fields): (record: ResultRecord) => boolean | undefined {
  const condition = parseCondition(text, { typed: true });
  const needed = condition.names.map(fields);
  return (record) => {
    const scope: Params = {};
    for (const { name, value } of needed) {
      const found = value(record);
      if (found !== undefined) scope[name] = found;
    }
    try {
      return condition.holds(scope);
    } catch (error) {
      if (!(error instanceof ExpflowError)) throw error;
      const run = `${record.experiment}/${record.run}`;
      throw new UsageError(`${error.message}, in ${run}`, { hint: error.hint });
    }
  };
}

function inOrder(
  records: readonly ResultRecord[],
  sort: readonly string[],
  fields: Fields,
): ResultRecord[] {
  const keys = sort.map((given) => {
    const descending = given.startsWith("-");
    const field = fields(descending ? given.slice(1) : given);
    return { field, sign: descending ? -1 : 1 };
  });
  const rows = records.map((record) => ({
    record,
    values: keys.map(({ field }) => field.value(record)),
  }));
  return rows.sort((a, b) => {
    for (const [at, { field, sign }] of keys.entries()) {
      const order = compare(a.values[at], b.values[at], sign, field);
      if (order !== 0) return order;
    }
    return 0;
  }).map(({ record }) => record);
}

/** What is missing comes last either way, NaN before it. */
function compare(
  a: ParamValue | undefined,
  b: ParamValue | undefined,
  sign: number,
  field: Field,
): number {
  const last = lastness(a) - lastness(b);
  if (last !== 0 || lastness(a) > 0) return last;
  if (typeof a !== typeof b || typeof a === "object") {
    throw new UsageError(
      `Cannot sort by ${field.name}: found ${JSON.stringify(a)} and ${JSON.stringify(b)}, ` +
        "expected values of one kind that have an order",
      { hint: "leave the others out with --where, or sort by something else" },
    );
  }
  return a! < b! ? -sign : a! > b! ? sign : 0;
}

function lastness(value: ParamValue | undefined): number {
  if (value === undefined || value === null) return 2;
  return Number.isNaN(value) ? 1 : 0;
}
