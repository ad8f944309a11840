// The search that most calls of add-port need: a bridge by its name, and nothing that has the names of what is to be added. It looks
// through what the server has told without making rows of it; where more is to be known, BridgeCache knows it.

import type { JsonObject } from "../../ovsproto/json.ts";
import { isArray } from "../../ovsproto/json.ts";
import type { ReplicaRow } from "../ovsdb/replica-row.ts";
import { nameOf, verifyPorts } from "./bridge-cache.ts";
import type { Context } from "./context.ts";

/**
 * The row of a bridge, if it is certain that nothing has one of the names, that there are no fake bridges, and that there is nothing
 * to be warned of. The transaction relies on that then.
 */
export function bridgeWithout(
  context: Context,
  bridge: string,
  names: readonly string[],
): ReplicaRow | undefined {
  const { replica, transaction, root } = context;
  if (!transaction.isEmpty) return undefined;
  const [bridges, ports, interfaces] = ["Bridge", "Port", "Interface"].map(
    (name) => replica.tables.get(name)?.first,
  );
  if (!bridges || !ports || !interfaces) return undefined;
  const ofBridges = search(bridges, "ports", names);
  const ofPorts = search(ports, "interfaces", names);
  const ofInterfaces = search(interfaces, undefined, names);
  if (!ofBridges || !ofPorts || !ofInterfaces) return undefined;
  // else some are in two bridges or ports
  if (ofBridges.references !== ofPorts.rows || ofPorts.references !== ofInterfaces.rows) return undefined;
  const row = replica.rows("Bridge").find((each) => nameOf(each) === bridge);
  if (!row) return undefined;
  transaction.verify(root, "bridges");
  verifyPorts(context);
  return row;
}

const NOTHING = {};

interface Found {
  readonly rows: number;
  /** In the column of references, of all rows. */
  readonly references: number;
}

/** Undefined if a row has one of the names or is a fake bridge. */
function search(table: JsonObject, column: string | undefined, names: readonly string[]): Found | undefined {
  let references = 0;
  const uuids = Object.keys(table);
  for (let at = 0; at < uuids.length; at++) {
    const { initial: told } = (table[uuids[at] as string] ?? NOTHING) as { readonly initial?: JsonObject };
    if (typeof told !== "object" || told["fake_bridge"] === true) return undefined;
    const { name } = told;
    if (typeof name !== "string" || names.includes(name)) return undefined;
    if (column === undefined) continue;
    const named = told[column];
    if (isArray(named)) references += named[0] === "set" && isArray(named[1]) ? named[1].length : 1;
  }
  return { rows: uuids.length, references };
}
