// "transact" (RFC 7047, 4.1.3): the operations of a request, one after the other, as one transaction.

import type { Json } from "../ovsproto/json.ts";
import { OvsdbError } from "../ovsproto/ovsdb/error.ts";
import { Members } from "../ovsproto/ovsdb/members.ts";
import { Access } from "./access.ts";
import type { Client } from "./access.ts";
import type { Commit, Database } from "./database.ts";
import type { Execution } from "./operations.ts";
import { HELD, NotYet, OPERATIONS } from "./operations.ts";
import { plainWaitHolds } from "./plain-wait.ts";
import type { SaidOperation } from "./said-operations.ts";
import { isSaid } from "./said-operations.ts";
import { Transaction } from "./transaction.ts";

export interface ExecuteOptions {
  /** Since the request came, milliseconds. */
  readonly elapsed: number;
  readonly mayWait: boolean;
  /** Whose clients only read: the server as long as it is a backup, or a database whose name is reserved. */
  readonly readOnly?: "server" | "database" | undefined;
  readonly holdsLock: (name: string) => boolean;
  /** Undefined: one who may change all. */
  readonly client?: Client | undefined;
  /** Keeps what was committed. */
  readonly durable?: ((commit: Commit) => void) | undefined;
}

/** The results, one for each operation and maybe an error of the commit; or when to try again. */
export function execute(
  database: Database,
  operations: readonly (Json | SaidOperation)[],
  options: ExecuteOptions,
): Json[] | NotYet {
  const transaction = new Transaction(database);
  const execution: Execution = {
    database,
    transaction,
    elapsed: options.elapsed,
    mayWait: options.mayWait,
    names: new Map(),
    holdsLock: options.holdsLock,
    access: Access.of(database, options.client),
  };
  const mayDoAll = options.readOnly === undefined && execution.access === undefined;
  const results: Json[] = [];
  let count = 0;
  for (const each of operations) count += isSaid(each) ? each.count : 1;
  const run = (json: Json): void => {
    const holds = plainWaitHolds(database, json);
    results.push(holds ? HELD : runOperation(execution, json, results.length + 1, count, options.readOnly));
  };
  try {
    for (const each of operations) {
      if (!isSaid(each)) {
        run(each);
        continue;
      }
      const done = mayDoAll ? each.run(execution) : undefined;
      if (done) results.push(...done);
      else for (const json of each.toJson()) run(json);
    }
  } catch (error) {
    transaction.abort();
    if (error instanceof NotYet) return error;
    if (!(error instanceof OvsdbError)) throw error;
    results.push(error.toJson());
    while (results.length < count) results.push(null);
    return results;
  }
  try {
    transaction.commit(options.durable);
  } catch (error) {
    if (!(error instanceof OvsdbError)) throw error;
    results.push(error.toJson());
  }
  return results;
}

function runOperation(
  execution: Execution,
  json: Json,
  number: number,
  count: number,
  readOnly: ExecuteOptions["readOnly"],
): Json {
  const members = new Members(json, `ovsdb operation ${number} of ${count}`);
  let result: Json = {};
  let refused: unknown;
  let operation: { readonly readOnly: boolean } | undefined;
  let name = "";
  try {
    name = members.required("op", "id");
    const found = OPERATIONS.get(name);
    if (!found) throw members.failure(`No operation "${name}"`);
    operation = found;
    result = found.run(execution, members);
  } catch (error) {
    refused = error;
  }
  if (refused !== undefined && !(refused instanceof OvsdbError) && !(refused instanceof NotYet))
    throw refused;
  members.finish(); // what is wrong with the operation's form is told before anything else
  if (refused !== undefined) throw refused;
  if (readOnly !== undefined && operation?.readOnly === false) {
    const where =
      readOnly === "server"
        ? "when database server is in read only mode"
        : `on table in reserved database ${execution.database.schema.name}`;
    throw new OvsdbError("not allowed", `${name} operation not allowed ${where}`);
  }
  return result;
}
