// Where a remote of the database leads to: "tcp:IP[:PORT]", "unix:FILE", "ptcp:[PORT][:IP]", "punix:FILE" (vconn and stream
// names, ovsdb(7) and ovs-vswitchd.conf.db(5)). TLS is not spoken.

import { ERRNO } from "../../netlink/errno.ts";
import { parseIpv4 } from "../../wire/ipv4-address.ts";
import type { StreamAddress } from "../../system/stream-sockets.ts";

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
      const [host = "", port = String(defaultPort)] = rest.split(":");
      const address = parseIpv4(host);
      if (address === undefined) return { type: "refused", passive: false, errno: ERRNO.EAFNOSUPPORT };
      return { type: "active", address: { family: "inet", address: bytesOf(address), port: Number(port) } };
    }
    case "ptcp": {
      const [port = "", host = "0.0.0.0"] = rest.split(":");
      const address = parseIpv4(host);
      if (address === undefined) return { type: "refused", passive: true, errno: ERRNO.EAFNOSUPPORT };
      const number = port === "" ? defaultPort : Number(port);
      return { type: "passive", address: { family: "inet", address: bytesOf(address), port: number } };
    }
    case "ssl":
    case "pssl":
      return { type: "refused", passive: method === "pssl", errno: ERRNO.ENOPROTOOPT };
    default:
      return { type: "unsupported" };
  }
}

function bytesOf(address: number): Uint8Array {
  return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
}
