/**
 * OpenFlow's errors: one name for what went wrong, whose type and code differ from version to version, and which Open
 * vSwitch's own extensions carry where a version of the standard has none. Facts from `ovs-ofctl print-error` of Open
 * vSwitch 3.1.
 *
 * Columns: name; then for OpenFlow 1.0 to 1.5 `type/code`, with `nx:` for Nicira's and `onf:` for the ONF's numbers.
 */
import type { OpenFlowVersion } from "./fields.ts";

/** Organizations with numbers of their own. */
export const Vendor = { STANDARD: 0, NICIRA: 0x0000_2320, ONF: 0x4f4e_4600 } as const;

const TABLE = `
NXBAC_BAD_CONJUNCTION            nx:2/526   nx:2/526   nx:15/0    nx:15/0    nx:15/0    nx:15/0
NXBAC_BAD_ED_PROP                -          -          -          nx:41/0    nx:41/0    nx:41/0
NXBAC_BAD_HEADER_TYPE            -          -          -          nx:39/0    nx:39/0    nx:39/0
NXBAC_CT_DATAPATH_SUPPORT        nx:1/265   nx:1/265   nx:42/0    nx:42/0    nx:42/0    nx:42/0
NXBAC_MUST_BE_ZERO               nx:2/256   nx:2/256   nx:11/0    nx:11/0    nx:11/0    nx:11/0
NXBAC_UNKNOWN_ED_PROP            -          -          -          nx:40/0    nx:40/0    nx:40/0
NXBMC_CT_DATAPATH_SUPPORT        nx:1/264   nx:1/264   nx:43/0    nx:43/0    nx:43/0    nx:43/0
NXBRC_BAD_REASON                 nx:1/516   nx:1/516   nx:5/0     nx:5/0     nx:5/0     nx:5/0
NXBRC_FM_BAD_EVENT               nx:1/520   nx:1/520   nx:9/0     nx:9/0     nx:9/0     nx:9/0
NXBRC_MUST_BE_ZERO               nx:1/515   nx:1/515   nx:4/0     nx:4/0     nx:4/0     nx:4/0
NXBRC_NXM_BAD_TYPE               nx:1/257   nx:1/257   nx:3/0     nx:3/0     nx:3/0     nx:3/0
NXBRC_NXM_INVALID                nx:1/256   nx:1/256   nx:2/0     nx:2/0     nx:2/0     nx:2/0
NXBRC_UNENCODABLE_ERROR          nx:1/521   nx:1/521   nx:10/0    nx:10/0    nx:10/0    nx:10/0
NXFMFC_BAD_TABLE_ID              nx:5/257   nx:5/257   nx:13/0    nx:13/0    nx:13/0    nx:13/0
NXFMFC_HARDWARE                  nx:5/256   nx:5/256   nx:12/0    nx:12/0    nx:12/0    nx:12/0
NXFMFC_INVALID_TLV_FIELD         nx:1/536   nx:1/536   nx:37/0    nx:37/0    nx:37/0    nx:37/0
NXQOFC_QUEUE_ERROR               -          -          -          -          nx:23/0    nx:23/0
NXR_NOT_SUPPORTED                nx:1/533   nx:1/533   nx:34/0    nx:34/0    nx:34/0    nx:34/0
NXR_STALE                        nx:1/534   nx:1/534   nx:35/0    nx:35/0    nx:35/0    nx:35/0
NXST_NOT_CONFIGURED              nx:1/535   nx:1/535   nx:36/0    nx:36/0    nx:36/0    nx:36/0
NXTFFC_DUP_TABLE                 -          -          -          nx:44/0    nx:44/0    nx:44/0
NXTTMFC_ALREADY_MAPPED           nx:1/531   nx:1/531   nx:20/0    nx:20/0    nx:20/0    nx:20/0
NXTTMFC_BAD_COMMAND              nx:1/527   nx:1/527   nx:16/0    nx:16/0    nx:16/0    nx:16/0
NXTTMFC_BAD_FIELD_IDX            nx:1/529   nx:1/529   nx:18/0    nx:18/0    nx:18/0    nx:18/0
NXTTMFC_BAD_OPT_LEN              nx:1/528   nx:1/528   nx:17/0    nx:17/0    nx:17/0    nx:17/0
NXTTMFC_DUP_ENTRY                nx:1/532   nx:1/532   nx:21/0    nx:21/0    nx:21/0    nx:21/0
NXTTMFC_INVALID_TLV_DEL          nx:1/537   nx:1/537   nx:38/0    nx:38/0    nx:38/0    nx:38/0
NXTTMFC_TABLE_FULL               nx:1/530   nx:1/530   nx:19/0    nx:19/0    nx:19/0    nx:19/0
OFPACFC_EPERM                    -          -          -          onf:2372/0 15/2       15/2
OFPACFC_INVALID                  -          -          -          onf:2370/0 15/0       15/0
OFPACFC_UNSUPPORTED              -          -          -          onf:2371/0 15/1       15/1
OFPBAC_BAD_ARGUMENT              2/5        2/5        2/5        2/5        2/5        2/5
OFPBAC_BAD_LEN                   2/1        2/1        2/1        2/1        2/1        2/1
OFPBAC_BAD_METER                 -          -          -          -          -          2/17
OFPBAC_BAD_OUT_GROUP             nx:2/9     2/9        2/9        2/9        2/9        2/9
OFPBAC_BAD_OUT_PORT              2/4        2/4        2/4        2/4        2/4        2/4
OFPBAC_BAD_QUEUE                 2/8        2/8        2/8        2/8        2/8        2/8
OFPBAC_BAD_SET_ARGUMENT          nx:1/525   nx:1/525   2/15       2/15       2/15       2/15
OFPBAC_BAD_SET_LEN               nx:1/524   nx:1/524   2/14       2/14       2/14       2/14
OFPBAC_BAD_SET_MASK              -          -          -          onf:4250/0 onf:4250/0 2/16
OFPBAC_BAD_SET_TYPE              nx:1/523   nx:1/523   2/13       2/13       2/13       2/13
OFPBAC_BAD_TAG                   -          2/12       2/12       2/12       2/12       2/12
OFPBAC_BAD_TYPE                  2/0        2/0        2/0        2/0        2/0        2/0
OFPBAC_BAD_VENDOR                2/2        2/2        2/2        2/2        2/2        2/2
OFPBAC_BAD_VENDOR_TYPE           2/3        2/3        2/3        2/3        2/3        2/3
OFPBAC_EPERM                     2/6        2/6        2/6        2/6        2/6        2/6
OFPBAC_MATCH_INCONSISTENT        nx:1/522   2/10       2/10       2/10       2/10       2/10
OFPBAC_TOO_MANY                  2/7        2/7        2/7        2/7        2/7        2/7
OFPBAC_UNSUPPORTED_ORDER         -          2/11       2/11       2/11       2/11       2/11
OFPBFC_BAD_FLAGS                 -          -          -          onf:2307/0 17/7       17/7
OFPBFC_BAD_ID                    -          -          -          onf:2302/0 17/2       17/2
OFPBFC_BAD_TYPE                  -          -          -          onf:2306/0 17/6       17/6
OFPBFC_BAD_VERSION               -          -          -          -          nx:22/0    nx:22/0
OFPBFC_BUNDLE_CLOSED             -          -          -          onf:2304/0 17/4       17/4
OFPBFC_BUNDLE_EXIST              -          -          -          onf:2303/0 17/3       17/3
OFPBFC_BUNDLE_IN_PROGRESS        -          -          -          onf:2315/0 17/15      17/15
OFPBFC_EPERM                     -          -          -          onf:2301/0 17/1       17/1
OFPBFC_MSG_BAD_LEN               -          -          -          onf:2308/0 17/8       17/8
OFPBFC_MSG_BAD_XID               -          -          -          onf:2309/0 17/9       17/9
OFPBFC_MSG_CONFLICT              -          -          -          onf:2311/0 17/11      17/11
OFPBFC_MSG_FAILED                -          -          -          onf:2313/0 17/13      17/13
OFPBFC_MSG_TOO_MANY              -          -          -          onf:2312/0 17/12      17/12
OFPBFC_MSG_UNSUP                 -          -          -          onf:2310/0 17/10      17/10
OFPBFC_OUT_OF_BUNDLES            -          -          -          onf:2305/0 17/5       17/5
OFPBFC_SCHED_FUTURE              -          -          -          -          -          17/17
OFPBFC_SCHED_NOT_SUPPORTED       -          -          -          -          -          17/16
OFPBFC_SCHED_PAST                -          -          -          -          -          17/18
OFPBFC_TIMEOUT                   -          -          -          onf:2314/0 17/14      17/14
OFPBFC_UNKNOWN                   -          -          -          onf:2300/0 17/0       17/0
OFPBIC_BAD_EXPERIMENTER          -          3/5        3/5        3/5        3/5        3/5
OFPBIC_BAD_EXP_TYPE              -          3/5        3/6        3/6        3/6        3/6
OFPBIC_BAD_LEN                   -          -          3/7        3/7        3/7        3/7
OFPBIC_BAD_TABLE_ID              -          3/2        3/2        3/2        3/2        3/2
OFPBIC_DUP_INST                  -          nx:3/256   onf:2600/0 onf:2600/0 3/9        3/9
OFPBIC_EPERM                     -          -          3/8        3/8        3/8        3/8
OFPBIC_UNKNOWN_INST              -          3/0        3/0        3/0        3/0        3/0
OFPBIC_UNSUP_INST                nx:2/257   3/1        3/1        3/1        3/1        3/1
OFPBIC_UNSUP_METADATA            -          3/3        3/3        3/3        3/3        3/3
OFPBIC_UNSUP_METADATA_MASK       -          3/4        3/4        3/4        3/4        3/4
OFPBMC_BAD_DL_ADDR_MASK          -          4/3        4/3        4/3        4/3        4/3
OFPBMC_BAD_FIELD                 nx:0/263   4/6        4/6        4/6        4/6        4/6
OFPBMC_BAD_LEN                   -          4/1        4/1        4/1        4/1        4/1
OFPBMC_BAD_MASK                  nx:1/259   nx:1/259   4/8        4/8        4/8        4/8
OFPBMC_BAD_NW_ADDR_MASK          -          4/4        4/4        4/4        4/4        4/4
OFPBMC_BAD_PREREQ                nx:1/260   nx:1/260   4/9        4/9        4/9        4/9
OFPBMC_BAD_TAG                   -          4/2        4/2        4/2        4/2        4/2
OFPBMC_BAD_TYPE                  -          4/0        4/0        4/0        4/0        4/0
OFPBMC_BAD_VALUE                 nx:1/258   4/7        4/7        4/7        4/7        4/7
OFPBMC_BAD_WILDCARDS             nx:1/262   4/5        4/5        4/5        4/5        4/5
OFPBMC_DUP_FIELD                 nx:1/261   nx:1/261   4/10       4/10       4/10       4/10
OFPBMC_EPERM                     -          -          4/11       4/11       4/11       4/11
OFPBPC_BAD_EXPERIMENTER          nx:14/5    nx:14/5    nx:30/0    onf:4445/0 14/5       14/5
OFPBPC_BAD_EXP_TYPE              nx:14/6    nx:14/6    nx:31/0    onf:4446/0 14/6       14/6
OFPBPC_BAD_EXP_VALUE             nx:14/7    nx:14/7    nx:32/0    onf:4447/0 14/7       14/7
OFPBPC_BAD_LEN                   nx:13/3    nx:13/3    nx:26/0    13/3       14/1       14/1
OFPBPC_BAD_TYPE                  nx:13/2    nx:13/2    nx:25/0    13/2       14/0       14/0
OFPBPC_BAD_VALUE                 nx:13/4    nx:13/4    nx:27/0    13/4       14/2       14/2
OFPBPC_DUP_TYPE                  nx:14/4    nx:14/4    nx:29/0    onf:4444/0 14/4       14/4
OFPBPC_EPERM                     nx:14/8    nx:14/8    nx:33/0    onf:4448/0 14/8       14/8
OFPBPC_TOO_MANY                  nx:14/3    nx:14/3    nx:28/0    onf:4443/0 14/3       14/3
OFPBRC_BAD_LEN                   1/6        1/6        1/6        1/6        1/6        1/6
OFPBRC_BAD_PACKET                -          -          1/12       1/12       1/12       1/12
OFPBRC_BAD_PORT                  nx:1/514   nx:1/514   1/11       1/11       1/11       1/11
OFPBRC_BAD_STAT                  1/2        1/2        1/2        1/2        1/2        1/2
OFPBRC_BAD_SUBTYPE               1/4        1/4        1/4        1/4        1/4        1/4
OFPBRC_BAD_TABLE_ID              nx:1/512   1/9        1/9        1/9        1/9        1/9
OFPBRC_BAD_TYPE                  1/1        1/1        1/1        1/1        1/1        1/1
OFPBRC_BAD_VENDOR                1/3        1/3        1/3        1/3        1/3        1/3
OFPBRC_BAD_VERSION               1/0        1/0        1/0        1/0        1/0        1/0
OFPBRC_BUFFER_EMPTY              1/7        1/7        1/7        1/7        1/7        1/7
OFPBRC_BUFFER_UNKNOWN            1/8        1/8        1/8        1/8        1/8        1/8
OFPBRC_EPERM                     1/5        1/5        1/5        1/5        1/5        1/5
OFPBRC_IS_SECONDARY              1/5        1/5        1/10       1/10       1/10       1/10
OFPBRC_MULTIPART_BAD_SCHED       -          -          -          -          -          1/16
OFPBRC_MULTIPART_BUFFER_OVERFLOW -          -          -          1/13       1/13       1/13
OFPBRC_MULTIPART_REPLY_TIMEOUT   -          -          -          onf:2641/0 1/15       1/15
OFPBRC_MULTIPART_REQUEST_TIMEOUT -          -          -          onf:2640/0 1/14       1/14
OFPBRC_PIPELINE_FIELDS_ONLY      -          -          -          -          -          1/17
OFPBRC_UNKNOWN                   -          -          -          -          -          1/18
OFPFMFC_BAD_COMMAND              3/4        5/6        5/6        5/6        5/6        5/6
OFPFMFC_BAD_EMERG_TIMEOUT        3/3        -          -          -          -          -
OFPFMFC_BAD_FLAGS                nx:3/258   nx:5/258   5/7        5/7        5/7        5/7
OFPFMFC_BAD_PRIORITY             -          -          -          onf:2360/0 5/9        5/9
OFPFMFC_BAD_TABLE_ID             -          5/2        5/2        5/2        5/2        5/2
OFPFMFC_BAD_TIMEOUT              -          5/5        5/5        5/5        5/5        5/5
OFPFMFC_CANT_SYNC                -          -          -          -          5/8        5/8
OFPFMFC_EPERM                    3/2        5/4        5/4        5/4        5/4        5/4
OFPFMFC_IS_SYNC                  -          -          -          -          5/10       5/10
OFPFMFC_OVERLAP                  3/1        5/3        5/3        5/3        5/3        5/3
OFPFMFC_TABLE_FULL               3/0        5/1        5/1        5/1        5/1        5/1
OFPFMFC_UNKNOWN                  -          5/0        5/0        5/0        5/0        5/0
OFPFMFC_UNSUPPORTED              3/5        -          -          -          -          -
OFPGMFC_BAD_BUCKET               nx:6/12    -          6/12       6/12       6/12       6/12
OFPGMFC_BAD_COMMAND              nx:6/11    -          6/11       6/11       6/11       6/11
OFPGMFC_BAD_TYPE                 nx:6/10    -          6/10       6/10       6/10       6/10
OFPGMFC_BAD_WATCH                nx:6/13    -          6/13       6/13       6/13       6/13
OFPGMFC_BUCKET_EXISTS            nx:6/16    -          -          -          -          6/16
OFPGMFC_CHAINED_GROUP            nx:6/9     -          6/9        6/9        6/9        6/9
OFPGMFC_CHAINING_UNSUPPORTED     nx:6/5     6/5        6/5        6/5        6/5        6/5
OFPGMFC_EPERM                    nx:6/14    -          6/14       6/14       6/14       6/14
OFPGMFC_GROUP_EXISTS             nx:6/0     6/0        6/0        6/0        6/0        6/0
OFPGMFC_INVALID_GROUP            nx:6/1     6/1        6/1        6/1        6/1        6/1
OFPGMFC_LOOP                     nx:6/7     6/7        6/7        6/7        6/7        6/7
OFPGMFC_OUT_OF_BUCKETS           nx:6/4     6/4        6/4        6/4        6/4        6/4
OFPGMFC_OUT_OF_GROUPS            nx:6/3     6/3        6/3        6/3        6/3        6/3
OFPGMFC_UNKNOWN_BUCKET           nx:6/15    -          -          -          -          6/15
OFPGMFC_UNKNOWN_GROUP            nx:6/8     6/8        6/8        6/8        6/8        6/8
OFPGMFC_WATCH_UNSUPPORTED        nx:6/6     6/6        6/6        6/6        6/6        6/6
OFPGMFC_WEIGHT_UNSUPPORTED       nx:6/2     6/2        6/2        6/2        6/2        6/2
OFPHFC_EPERM                     0/1        0/1        0/1        0/1        0/1        0/1
OFPHFC_INCOMPATIBLE              0/0        0/0        0/0        0/0        0/0        0/0
OFPMMFC_BAD_BAND                 -          -          -          12/8       12/8       12/8
OFPMMFC_BAD_BAND_VALUE           -          -          -          12/9       12/9       12/9
OFPMMFC_BAD_BURST                -          -          -          12/7       12/7       12/7
OFPMMFC_BAD_COMMAND              -          -          -          12/4       12/4       12/4
OFPMMFC_BAD_FLAGS                -          -          -          12/5       12/5       12/5
OFPMMFC_BAD_RATE                 -          -          -          12/6       12/6       12/6
OFPMMFC_INVALID_METER            -          -          -          12/2       12/2       12/2
OFPMMFC_METER_EXISTS             -          -          -          12/1       12/1       12/1
OFPMMFC_OUT_OF_BANDS             -          -          -          12/11      12/11      12/11
OFPMMFC_OUT_OF_METERS            -          -          -          12/10      12/10      12/10
OFPMMFC_UNKNOWN                  -          -          -          12/0       12/0       12/0
OFPMMFC_UNKNOWN_METER            -          -          -          12/3       12/3       12/3
OFPMOFC_BAD_COMMAND              -          -          -          -          16/4       16/4
OFPMOFC_BAD_FLAGS                nx:1/518   nx:1/518   nx:7/0     nx:7/0     16/5       16/5
OFPMOFC_BAD_OUT                  -          -          -          -          16/7       16/7
OFPMOFC_BAD_TABLE_ID             -          -          -          -          16/6       16/6
OFPMOFC_INVALID_MONITOR          -          -          -          -          16/2       16/2
OFPMOFC_MONITOR_EXISTS           nx:1/517   nx:1/517   nx:6/0     nx:6/0     16/1       16/1
OFPMOFC_UNKNOWN                  -          -          -          -          16/0       16/0
OFPMOFC_UNKNOWN_MONITOR          nx:1/519   nx:1/519   nx:8/0     nx:8/0     16/3       16/3
OFPPMFC_BAD_ADVERTISE            -          7/3        7/3        7/3        7/3        7/3
OFPPMFC_BAD_CONFIG               -          7/2        7/2        7/2        7/2        7/2
OFPPMFC_BAD_HW_ADDR              4/1        7/1        7/1        7/1        7/1        7/1
OFPPMFC_BAD_PORT                 4/0        7/0        7/0        7/0        7/0        7/0
OFPPMFC_EPERM                    -          -          7/4        7/4        7/4        7/4
OFPQOFC_BAD_PORT                 5/0        9/0        9/0        9/0        9/0        9/0
OFPQOFC_BAD_QUEUE                5/1        9/1        9/1        9/1        9/1        9/1
OFPQOFC_EPERM                    5/2        9/2        9/2        9/2        9/2        9/2
OFPRRFC_BAD_ROLE                 nx:1/513   nx:1/513   11/2       11/2       11/2       11/2
OFPRRFC_ID_IN_USE                -          -          -          -          -          11/4
OFPRRFC_ID_UNSUP                 -          -          -          -          -          11/3
OFPRRFC_STALE                    -          -          11/0       11/0       11/0       11/0
OFPRRFC_UNSUP                    -          -          11/1       11/1       11/1       11/1
OFPSCFC_BAD_FLAGS                -          10/0       10/0       10/0       10/0       10/0
OFPSCFC_BAD_LEN                  -          10/1       10/1       10/1       10/1       10/1
OFPSCFC_EPERM                    -          -          10/2       10/2       10/2       10/2
OFPTFFC_BAD_CAPA                 -          -          -          -          -          13/6
OFPTFFC_BAD_COMMAND              -          -          -          -          -          13/9
OFPTFFC_BAD_FEATURES             -          -          -          -          -          13/8
OFPTFFC_BAD_MAX_ENT              -          -          -          -          -          13/7
OFPTFFC_BAD_METADATA             -          -          -          13/1       13/1       13/1
OFPTFFC_BAD_TABLE                -          -          -          13/0       13/0       13/0
OFPTFFC_EPERM                    -          -          -          13/5       13/5       13/5
OFPTFFC_TOO_MANY                 -          -          -          -          -          13/10
OFPTMFC_BAD_CONFIG               -          8/1        8/1        8/1        8/1        8/1
OFPTMFC_BAD_TABLE                -          8/0        8/0        8/0        8/0        8/0
OFPTMFC_EPERM                    -          -          8/2        8/2        8/2        8/2
`;

/** Where an error is found in one version. */
export interface ErrorNumber {
  readonly vendor: number;
  readonly type: number;
  readonly code: number;
}

/** Thrown by decoders; the answer is an error message of that name. Never leaves `decodeMessage` and its like. */
export class OpenflowError {
  /** As `OFPBRC_BAD_LEN`. */
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const PREFIXES: ReadonlyMap<string, number> = new Map([
  ["nx", Vendor.NICIRA],
  ["onf", Vendor.ONF],
]);

function parseNumber(text: string): ErrorNumber | undefined {
  const match = /^(?:(\w+):)?(-?\d+)\/(-?\d+)$/.exec(text);
  if (!match) return undefined;
  const [, prefix, type, code] = match;
  return { vendor: PREFIXES.get(prefix ?? "") ?? Vendor.STANDARD, type: Number(type), code: Number(code) };
}

const numbersOf = new Map<string, readonly (ErrorNumber | undefined)[]>();
const nameOf = new Map<string, string>();

function key(version: number, { vendor, type, code }: ErrorNumber): string {
  return `${version}/${vendor}/${type}/${code}`;
}

for (const line of TABLE.trim().split("\n")) {
  const [name = "", ...columns] = line.split(/ +/);
  const numbers = columns.map(parseNumber);
  numbersOf.set(name, numbers);
  for (const [index, number] of numbers.entries()) {
    // of two names for one number the first is shown
    if (number && !nameOf.has(key(index + 1, number))) nameOf.set(key(index + 1, number), name);
  }
}

/** Whether there is an error of that name. */
export function isErrorName(name: string): boolean {
  return numbersOf.has(name);
}

/** The error's number in a version; undefined if that version cannot say it. */
export function errorNumber(name: string, version: OpenFlowVersion): ErrorNumber | undefined {
  return numbersOf.get(name)?.[version - 1];
}

/** The name of what a message says; undefined for unknown numbers. */
export function errorName(version: OpenFlowVersion, number: ErrorNumber): string | undefined {
  return nameOf.get(key(version, number));
}
