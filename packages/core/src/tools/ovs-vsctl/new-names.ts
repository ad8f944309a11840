// The search that most calls of add-port need: a bridge by its name, and nothing that has the names of what is to be added. It looks
// through what the server has told without making rows of it; where more is to be known, BridgeCache knows it.

import type { FirstRows } from "../ovsdb/first-rows.ts";
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
  if (hasName(bridges, names) || hasName(ports, names) || hasName(interfaces, names)) return undefined;
  if (hasFakeBridge(ports)) return undefined;
  // else some are in two bridges or ports
  if (references(bridges, "ports") !== ports.size) return undefined;
  if (references(ports, "interfaces") !== interfaces.size) return undefined;
  const row = replica.rows("Bridge").find((each) => nameOf(each) === bridge);
  if (!row) return undefined;
  transaction.verify(root, "bridges");
  verifyPorts(context);
  return row;
}

function hasName(rows: FirstRows, names: readonly string[]): boolean {
  const column = rows.column("name");
  for (let at = 0; at < column.length; at++) if (names.includes(column[at]?.keys[0] as string)) return true;
  return false;
}

function hasFakeBridge(ports: FirstRows): boolean {
  const column = ports.column("fake_bridge");
  for (let at = 0; at < column.length; at++) if (column[at]?.keys[0] === true) return true;
  return false;
}

/** In a column of references, of all rows. */
function references(rows: FirstRows, name: string): number {
  const column = rows.column(name);
  let count = 0;
  for (let at = 0; at < column.length; at++) count += column[at]?.keys.length ?? 0;
  return count;
}
