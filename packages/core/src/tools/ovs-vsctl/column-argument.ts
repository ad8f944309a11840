// Arguments of the form COLUMN[:KEY][OPERATOR VALUE] (ovs-vsctl(8), "Database Command Syntax").

import type { ColumnSchema, TableSchema } from "../../ovsproto/ovsdb/schema.ts";
import { nextToken } from "../../ovsproto/ovsdb/token.ts";
import { Fatal } from "./command.ts";
import { orFatal } from "./context.ts";
import { columnNamed } from "./watched.ts";

export interface ColumnArgument {
  readonly column: ColumnSchema;
  readonly key: string | undefined;
  readonly operator: string;
  /** Undefined if no operator is allowed. */
  readonly value: string | undefined;
}

/** The column that an argument begins with. Errors: Fatal. */
export function columnOf(table: TableSchema, argument: string): ColumnSchema {
  const { token } = orFatal(() => nextToken(argument, 0));
  if (token === "") throw new Fatal(`${argument}: missing column name`);
  return columnNamed(table, token);
}

/** With `operators`, one of them and a value must follow; without, nothing may. Errors: Fatal. */
export function parseColumnArgument(
  table: TableSchema,
  argument: string,
  operators: readonly string[],
): ColumnArgument {
  const column = columnOf(table, argument);
  let at = orFatal(() => nextToken(argument, 0)).next;
  let key: string | undefined;
  if (argument[at] === ":") {
    const token = orFatal(() => nextToken(argument, at + 1));
    key = token.token;
    at = token.next;
  }
  if (operators.length === 0) {
    if (at < argument.length) {
      throw new Fatal(`${argument}: trailing garbage "${argument.slice(at)}" in argument`);
    }
    return { column, key, operator: "", value: undefined };
  }
  // Something must stand behind the operator, so "a==" is "=" and a value of "=".
  const operator = operators
    .filter((one) => argument.startsWith(one, at) && argument.length > at + one.length)
    .sort((a, b) => b.length - a.length)[0];
  if (operator === undefined) throw new Fatal(missingOperator(argument, operators));
  return { column, key, operator, value: argument.slice(at + operator.length) };
}

function missingOperator(argument: string, operators: readonly string[]): string {
  const quoted = operators.map((one) => `"${one}"`);
  const last = quoted.pop() ?? "";
  const list =
    quoted.length === 0
      ? last
      : quoted.length === 1
        ? `${quoted[0]} or ${last}`
        : `${quoted.join(", ")}, or ${last}`;
  return `${argument}: argument does not end in ${list} followed by a value.`;
}
