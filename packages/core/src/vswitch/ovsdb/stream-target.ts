// Where a remote of the database leads to: "tcp:IP[:PORT]", "unix:FILE", "ptcp:[PORT][:IP]", "punix:FILE" (vconn and stream
// names, ovsdb(7) and ovs-vswitchd.conf.db(5)); "ssl:" and "pssl:" as those with TCP.

import { ERRNO } from "../../netlink/errno.ts";
import { parseInetTarget } from "../inet-target.ts";
import type { TargetAddress } from "../stream-host.ts";

export type StreamTarget =
  | { readonly type: "active"; readonly address: TargetAddress }
  | { readonly type: "passive"; readonly address: TargetAddress }
  /** It is known how to get there, but it cannot be done: errno. */
  | { readonly type: "refused"; readonly passive: boolean; readonly errno: number }
  | { readonly type: "unsupported" };

/** IANA's port of OpenFlow. */
const OPENFLOW_PORT = 6653;

export function parseTarget(text: string, defaultPort = OPENFLOW_PORT): StreamTarget {
  const [, method = "", rest = ""] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  switch (method) {
    case "unix":
      return { type: "active", address: { family: "unix", path: rest } };
    case "punix":
      return { type: "passive", address: { family: "unix", path: rest } };
    case "tcp":
    case "ssl": {
      const address = parseInetTarget(rest, defaultPort);
      if (!address) return { type: "refused", passive: false, errno: ERRNO.EAFNOSUPPORT };
      return { type: "active", address: { ...address, ssl: method === "ssl" } };
    }
    case "ptcp":
    case "pssl": {
      const [, port = "", host = ""] = /^(\d*)(?::(.*))?$/.exec(rest) ?? [];
      const address = parseInetTarget(
        host === "" ? "0.0.0.0" : host,
        port === "" ? defaultPort : Number(port),
      );
      if (!address) return { type: "refused", passive: true, errno: ERRNO.EAFNOSUPPORT };
      return { type: "passive", address: { ...address, ssl: method === "pssl" } };
    }
    default:
      return { type: "unsupported" };
  }
}
