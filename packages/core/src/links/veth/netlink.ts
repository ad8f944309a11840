/**
 * IFLA_INFO_DATA of a veth: VETH_INFO_PEER, a whole link message for the far end (linux/veth.h). It is in requests
 * only; the kernel tells nothing about the peer but IFLA_LINK and IFLA_LINK_NETNSID.
 */

import type { AttributeCodec } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "../../netlink/attribute-table.ts";
import { decodeLink, encodeLink, type LinkMessage } from "../../netlink/rtnl/link.ts";
import { type Decoded, isMalformed } from "../../wire/malformed.ts";

const peerLink: AttributeCodec<Partial<LinkMessage>> = {
  typeFlags: 0,
  read(reader) {
    const peer = decodeLink(reader.buf.subarray(reader.start, reader.end));
    if (!isMalformed(peer)) return peer;
    reader.fail(peer.reason, `VETH_INFO_PEER: ${peer.what}`, reader.start + peer.offset);
    return {};
  },
  write: (writer, value) => writer.appendBytes(encodeLink(value)),
};

export const vethData = new AttributeTable({
  /** The far end as an `RTM_NEWLINK` would name it: name, address, MTU, namespace, index. */
  peer: field(1, peerLink),
});

export type VethData = Fields<typeof vethData>;

export function encodeVethData(data: VethData): Uint8Array {
  return vethData.encode(data);
}

export function decodeVethData(payload: Uint8Array): Decoded<VethData> {
  return vethData.decode(payload);
}
