// The conditions of find and wait-until: COLUMN[:KEY]RELATION VALUE. Relations in braces are about sets.

import { includesAll } from "../../ovsproto/ovsdb/condition.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import { compareDatums, findKey } from "../../ovsproto/ovsdb/datum.ts";
import type { TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { UNLIMITED } from "../../ovsproto/ovsdb/type.ts";
import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import { parseColumnArgument } from "./column-argument.ts";
import { Fatal } from "./command.ts";
import type { Context } from "./context.ts";

const RELATIONS = [
  "=",
  "!=",
  "<",
  ">",
  "<=",
  ">=",
  "{=}",
  "{!=}",
  "{<}",
  "{>}",
  "{<=}",
  "{>=}",
  "{in}",
  "{not-in}",
];

/** Errors: Fatal for a condition that is none. */
export function holds(context: Context, table: TableSchema, row: ReplicaRow, argument: string): boolean {
  const { column, key, operator, value = "" } = parseColumnArgument(table, argument, RELATIONS);
  const have = row.get(column.name);
  if (key === undefined) {
    return related(have, operator, context.datum(column.type, value));
  }
  const { value: valueType } = column.type;
  if (!valueType) throw new Fatal(`cannot specify key to check for non-map column ${column.name}`);
  const at = findKey(have, context.atom(column.type.key, key));
  const want = context.datum({ key: valueType, min: 0, max: UNLIMITED }, value);
  const atom = at < 0 ? undefined : have.values?.[at];
  if (atom === undefined && !operator.startsWith("{")) return false;
  return related({ keys: atom === undefined ? [] : [atom] }, operator, want);
}

function related(have: Datum, operator: string, want: Datum): boolean {
  const order = compareDatums(have, want);
  switch (operator) {
    case "=":
    case "{=}":
      return order === 0;
    case "!=":
    case "{!=}":
      return order !== 0;
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case "{<}":
      return have.keys.length < want.keys.length && includesAll(have, want);
    case "{>}":
      return have.keys.length > want.keys.length && includesAll(want, have);
    case "{<=}":
    case "{in}":
      return includesAll(have, want);
    case "{>=}":
      return includesAll(want, have);
    default:
      return !includesAll(have, want);
  }
}
