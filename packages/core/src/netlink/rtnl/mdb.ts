/**
 * The bridge's multicast database: RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB (bridge(8); linux/if_bridge.h `MDBA_*`; Linux
 * net/bridge/br_mdb.c). A dump's messages have the type RTM_GETMDB, one for each bridge.
 *
 * MDBA_MDB of an answer and MDBA_SET_ENTRY of a request have the same number, so each has its own codec.
 */

import {
  type AttributeCodec,
  at,
  be16,
  bytes,
  bytesOf,
  flaggedNest,
  struct,
  u16,
  u32,
  u8,
} from "../attribute-codecs.ts";
import {
  type AnyFields,
  type Attributes,
  AttributeTable,
  bodyCodec,
  field,
  type Fields,
  repeated,
} from "../attribute-table.ts";
import { align4, AttributeReader } from "../attributes.ts";

/** Values of an entry's `state`. */
export const MDB_STATE = { TEMPORARY: 0, PERMANENT: 1 } as const;

/** Bits of an entry's `flags`. */
export const MDB_FLAGS = { OFFLOAD: 1, FAST_LEAVE: 2, STAR_EXCL: 4, BLOCKED: 8, OFFLOAD_FAILED: 16 } as const;

/** `struct br_port_msg`. */
const mdbHeader = struct(8, { family: at(0, u8), ifindex: at(4, u32) });

/** `struct br_mdb_entry`. */
const mdbEntry = struct(28, {
  ifindex: at(0, u32),
  /** MDB_STATE.*. */
  state: at(4, u8),
  /** MDB_FLAGS.*. */
  flags: at(5, u8),
  vid: at(6, u16),
  /** The group in the first 4 (IPv4), 16 (IPv6) or 6 (MAC) bytes. */
  address: at(8, bytesOf(16)),
  /** EtherType that tells what `address` is: 0x800, 0x86dd, 0 for a MAC. */
  proto: at(24, be16),
});

export type MdbEntry = ReturnType<typeof mdbEntry.get>;

const sourceEntry = new AttributeTable({ address: field(1, bytes), timer: field(2, u32) });

/** MDBA_MDB_EATTR_*. Timers in hundredths of a second. */
const entryAttributes = new AttributeTable({
  timer: field(1, u32),
  sourceList: field(2, flaggedNest(new AttributeTable({ entries: repeated(1, flaggedNest(sourceEntry)) }))),
  groupMode: field(3, u8),
  source: field(4, bytes),
  rtprot: field(5, u8),
  dst: field(6, bytes),
  dstPort: field(7, u16),
  vni: field(8, u32),
  ifindex: field(9, u32),
  srcVni: field(10, u32),
});

/** MDBA_ROUTER_PATTR_*. */
const routerAttributes = new AttributeTable({
  timer: field(1, u32),
  type: field(2, u8),
  inetTimer: field(3, u32),
  inet6Timer: field(4, u32),
  vid: field(5, u16),
});

/** A structure with attributes behind it, as one payload. */
function structWithAttributes<H extends object, F extends AnyFields>(
  header: AttributeCodec<H> & { readonly size: number },
  table: AttributeTable<F>,
): AttributeCodec<H & { readonly attributes: Attributes<F> }> {
  return {
    typeFlags: 0,
    read(reader) {
      const value = header.read(reader);
      const from = Math.min(reader.end, reader.start + align4(header.size));
      const attributes: Record<string, unknown> = {};
      const inner = new AttributeReader(reader.buf, from, reader.end);
      table.readInto(attributes, inner);
      if (inner.error) reader.fail(inner.error.reason, inner.error.what, inner.error.offset);
      return { ...value, attributes: attributes as Attributes<F> };
    },
    write(writer, value) {
      header.write(writer, value);
      table.write(writer, value.attributes);
    },
  };
}

const routerPort = structWithAttributes(struct(4, { ifindex: at(0, u32) }), routerAttributes);

const mdbTable = new AttributeTable({
  mdb: field(
    1,
    new AttributeTable({
      /** One for each group, with the entries of its ports. */
      groups: repeated(
        1,
        new AttributeTable({ entries: repeated(1, structWithAttributes(mdbEntry, entryAttributes)) }),
      ),
    }),
  ),
  router: field(2, new AttributeTable({ ports: repeated(1, routerPort) })),
});

const mdbRequestTable = new AttributeTable({
  entry: field(1, mdbEntry),
  entryAttributes: field(2, flaggedNest(bytes)),
});

const mdb = bodyCodec(mdbHeader, mdbTable, "br_port_msg");
const mdbRequest = bodyCodec(mdbHeader, mdbRequestTable, "br_port_msg");

/** An answer or a notification. */
export type MdbMessage = ReturnType<typeof mdbHeader.get> & Fields<typeof mdbTable>;
/** What a tool sends to add, remove or look up an entry. */
export type MdbRequest = ReturnType<typeof mdbHeader.get> & Fields<typeof mdbRequestTable>;

export const encodeMdb = mdb.encode;
export const decodeMdb = mdb.decode;
export const encodeMdbRequest = mdbRequest.encode;
export const decodeMdbRequest = mdbRequest.decode;
