// Where a remote of the database leads to: "tcp:IP[:PORT]", "unix:FILE", "ptcp:[PORT][:IP]", "punix:FILE" (vconn and stream
// names, ovsdb(7) and ovs-vswitchd.conf.db(5)). TLS is not spoken.

import { ERRNO } from "../../netlink/errno.ts";
import type { StreamAddress } from "../../system/stream-sockets.ts";
import { parseInetTarget } from "../inet-target.ts";

export type StreamTarget =
  | { readonly type: "active"; readonly address: StreamAddress }
  | { readonly type: "passive"; readonly address: StreamAddress }
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
    case "tcp": {
      const address = parseInetTarget(rest, defaultPort);
      if (!address) return { type: "refused", passive: false, errno: ERRNO.EAFNOSUPPORT };
      return { type: "active", address };
    }
    case "ptcp": {
      const [, port = "", host = ""] = /^(\d*)(?::(.*))?$/.exec(rest) ?? [];
      const address = parseInetTarget(
        host === "" ? "0.0.0.0" : host,
        port === "" ? defaultPort : Number(port),
      );
      if (!address) return { type: "refused", passive: true, errno: ERRNO.EAFNOSUPPORT };
      return { type: "passive", address };
    }
    case "ssl":
    case "pssl":
      return { type: "refused", passive: method === "pssl", errno: ERRNO.ENOPROTOOPT };
    default:
      return { type: "unsupported" };
  }
}
