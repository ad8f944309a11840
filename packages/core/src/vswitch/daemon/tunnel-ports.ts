// Tunnels as ports of a bridge. Their datapath is not there yet: an interface of such a type says so in its error column, in
// the words of a kernel that lacks the tunnel's module.

import { ERRNO, strerror } from "../../netlink/errno.ts";

const TYPES: ReadonlySet<string> = new Set(["vxlan", "gre", "geneve"]);

export function isTunnelType(type: string): boolean {
  return TYPES.has(type);
}

export function openTunnel(name: string): string {
  return `could not add network device ${name} to ofproto (${strerror(ERRNO.EAFNOSUPPORT)})`;
}
