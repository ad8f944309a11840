// Names of NFS versions 2 and 3 (RFC 1094, RFC 1813) and of Sun RPC (RFC 5531).

import { NameTable } from "../names.ts";

/** Procedures of version 3; those of version 2 are mapped to them. */
export const PROCEDURES = new NameTable([
  [25, "nop"],
  [0, "null"],
  [1, "getattr"],
  [2, "setattr"],
  [3, "lookup"],
  [4, "access"],
  [5, "readlink"],
  [6, "read"],
  [7, "write"],
  [8, "create"],
  [9, "mkdir"],
  [10, "symlink"],
  [11, "mknod"],
  [12, "remove"],
  [13, "rmdir"],
  [14, "rename"],
  [15, "link"],
  [16, "readdir"],
  [17, "readdirplus"],
  [18, "fsstat"],
  [19, "fsinfo"],
  [20, "pathconf"],
  [21, "commit"],
]);

/** The procedure of version 3 that each one of version 2 is like; 25 does nothing. */
export const FROM_VERSION_2: readonly number[] = [
  0, 1, 2, 25, 3, 5, 6, 25, 7, 8, 12, 14, 15, 10, 9, 13, 16, 18, 25, 25, 25, 25, 25, 25, 25, 25,
];

/** Those of BSD where the standard has none. */
export const STATUS = new NameTable([
  [1, "Operation not permitted"],
  [2, "No such file or directory"],
  [5, "Input/output error"],
  [6, "Device not configured"],
  [11, "Resource deadlock avoided"],
  [12, "Cannot allocate memory"],
  [13, "Permission denied"],
  [17, "File exists"],
  [18, "Cross-device link"],
  [19, "Operation not supported by device"],
  [20, "Not a directory"],
  [21, "Is a directory"],
  [22, "Invalid argument"],
  [26, "Text file busy"],
  [27, "File too large"],
  [28, "No space left on device"],
  [30, "Read-only file system"],
  [31, "Too many links"],
  [45, "Operation not supported"],
  [62, "Too many levels of symbolic links"],
  [63, "File name too long"],
  [66, "Directory not empty"],
  [69, "Disc quota exceeded"],
  [70, "Stale NFS file handle"],
  [71, "Too many levels of remote in path"],
  [99, "Write cache flushed to disk"],
  [10001, "Illegal NFS file handle"],
  [10002, "Update synchronization mismatch"],
  [10003, "READDIR/READDIRPLUS cookie is stale"],
  [10004, "Operation not supported"],
  [10005, "Buffer or request is too small"],
  [10006, "Unspecified error on server"],
  [10007, "Object of that type not supported"],
  [10008, "Request couldn't be completed in time"],
]);

export const WRITE_MODES = new NameTable([
  [0, "unstable"],
  [1, "datasync"],
  [2, "filesync"],
]);

export const FILE_TYPES = new NameTable([
  [0, "NON"],
  [1, "REG"],
  [2, "DIR"],
  [3, "BLK"],
  [4, "CHR"],
  [5, "LNK"],
  [7, "FIFO"],
]);

/** Bits of ACCESS (RFC 1813 section 3.3.4). */
export const ACCESS = new NameTable([
  [0x01, "NFS_ACCESS_READ"],
  [0x02, "NFS_ACCESS_LOOKUP"],
  [0x04, "NFS_ACCESS_MODIFY"],
  [0x08, "NFS_ACCESS_EXTEND"],
  [0x10, "NFS_ACCESS_DELETE"],
  [0x20, "NFS_ACCESS_EXECUTE"],
]);

export const AUTHENTICATION_FAILURES = new NameTable([
  [0, "OK"],
  [1, "Bogus Credentials (seal broken)"],
  [2, "Rejected Credentials (client should begin new session)"],
  [3, "Bogus Verifier (seal broken)"],
  [4, "Verifier expired or was replayed"],
  [5, "Credentials are too weak"],
  [6, "Bogus response verifier"],
  [7, "Unknown failure"],
]);

export const ACCEPT_STATUS = new NameTable([
  [1, "PROG_UNAVAIL"],
  [2, "PROG_MISMATCH"],
  [3, "PROC_UNAVAIL"],
  [4, "GARBAGE_ARGS"],
  [5, "SYSTEM_ERR"],
]);

export const PORT_MAPPER = new NameTable([
  [0, "null"],
  [1, "set"],
  [2, "unset"],
  [3, "getport"],
  [4, "dump"],
  [5, "call"],
]);
